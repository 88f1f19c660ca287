"""Verifiers' replies in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.verdicts import read_verdict


@pytest.mark.parametrize(
    "text",
    [
        "Verdict: <1>",
        "1 (correct)",
        "Yes.",
        "**Verdict:** ACCEPTED",
        'Because. {"verdict": "accepted", "reason": "not wrong at all"}',
        '{"accept": true}',
        "It multiplies well and the sum is fine.\n\nAccept",
        "<think>verdict: wrong</think>accepted",
        "👍",
    ],
)
def test_accepts(text: str) -> None:
    assert read_verdict(text) == "accepted"


@pytest.mark.parametrize(
    "text",
    [
        "[Failed] The answer does not pass",
        "Verdict: <0>",
        "The answer is not correct.",
        "isn't right",
        "Verdict: Incorrect",
        '{"verdict": "rejected"}',
        "No",
        "❌",
    ],
)
def test_rejects(text: str) -> None:
    assert read_verdict(text) == "rejected"


@pytest.mark.parametrize("text", ["", "perhaps", "It is correct here but wrong there", "10 points", "1.5"])
def test_anything_else_is_unparsed(text: str) -> None:
    assert read_verdict(text) == "unparsed"


@given(st.text())
def test_any_text_gets_a_word(text: str) -> None:
    assert read_verdict(text) in {"accepted", "rejected", "unparsed"}
