"""Checks that need no model and run no code."""

from __future__ import annotations

import time
from typing import Any

import pytest

from workbench.analysis.answers import Key
from workbench.analysis.checks import CheckResult, problem, run_check
from workbench.systems.nodes import Agreement, Check, Contains, JsonSchema, Number, Regex


def _verdict(check: Check, text: str, key: Key | None = None) -> str:
    result = run_check(check, text, key=key)
    assert result.reason
    assert result.score == {"accepted": 1.0, "rejected": 0.0, "abstained": None}[result.verdict]
    return result.verdict


def test_regex() -> None:
    assert _verdict(Regex(pattern=r"(?i)\bocean\b"), "The Ocean.") == "accepted"
    assert _verdict(Regex(pattern="^sea$"), "The sea") == "rejected"
    assert _verdict(Regex(pattern=r"\d+", whole=True), " 42\n") == "accepted"
    assert _verdict(Regex(pattern=r"\d+", whole=True), "42 or so") == "rejected"


def test_thinking_is_not_checked() -> None:
    assert _verdict(Contains(text="magic"), "<think>magic</think>nothing") == "rejected"


def test_a_pattern_that_never_ends_abstains() -> None:
    start = time.monotonic()
    assert _verdict(Regex(pattern="^(a|a)+$"), "a" * 60 + "!") == "abstained"
    assert time.monotonic() - start < 5


def test_a_broken_pattern_abstains_and_is_a_problem() -> None:
    assert _verdict(Regex(pattern="("), "x") == "abstained"
    assert problem(Regex(pattern="(")) is not None
    assert problem(Regex(pattern="x")) is None


@pytest.mark.parametrize(
    ("check", "text", "verdict"),
    [
        (Number(), "Final answer: 42", "accepted"),
        (Number(), "none", "rejected"),
        (Number(equals=0.1), "It is 1/10.", "accepted"),
        (Number(equals=42), "Final answer: 42 apples", "accepted"),
        (Number(equals=42), "Final answer: 41", "rejected"),
        (Number(at_least=1, at_most=3), "3.0", "accepted"),
        (Number(at_least=1, at_most=3), "3.01", "rejected"),
        (Number(at_least=1), "-1", "rejected"),
    ],
)
def test_number(check: Number, text: str, verdict: str) -> None:
    assert _verdict(check, text) == verdict


def test_number_reads_the_key_that_was_found() -> None:
    assert _verdict(Number(equals=5), "the text says 7", Key("5", "json")) == "accepted"
    assert _verdict(Number(equals=7), "the text says 7", Key("seven things", "text")) == "accepted"
    assert problem(Number(at_least=3, at_most=1)) is not None


def test_contains() -> None:
    assert _verdict(Contains(text="STRASSE"), "die Straße") == "accepted"
    assert _verdict(Contains(text="Sea", ignore_case=False), "sea") == "rejected"


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer"}, "code": {"type": "string", "pattern": "^[A-Z]+$"}},
}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('Here: {"n": 3, "code": "AB"} done', "accepted"),
        ('```json\n{"n": 3}\n```', "accepted"),
        ('{"n": "3"}', "rejected"),
        ('{"n": 3, "code": "ab"}', "rejected"),
        ("no JSON", "rejected"),
        ("[" * 50_000 + "]" * 50_000, "rejected"),
    ],
)
def test_json_schema(text: str, verdict: str) -> None:
    assert _verdict(JsonSchema(schema=SCHEMA), text) == verdict


def test_a_broken_schema_abstains_and_fetches_nothing() -> None:
    assert _verdict(JsonSchema(schema={"type": "nonsense"}), "{}") == "abstained"
    assert problem(JsonSchema(schema={"type": "nonsense"})) is not None
    assert problem(JsonSchema(schema=SCHEMA)) is None
    remote = JsonSchema(schema={"$ref": "http://127.0.0.1:9/x.json"})
    result: CheckResult = run_check(remote, "{}")
    assert result.verdict == "abstained"
    assert "127.0.0.1" in result.reason
    assert _verdict(JsonSchema(schema={"pattern": "("}), '["a"]') == "abstained"
    assert _verdict(JsonSchema(schema={"items": {"pattern": "^(a|a)+$"}}), f'["{"a" * 60}!"]') == "abstained"


def test_other_checks_are_not_of_this_module() -> None:
    with pytest.raises(TypeError):
        run_check(Agreement(), "x")
