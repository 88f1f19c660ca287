"""filter: the accepted candidates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Say, answer, asked, fire, lane, of_type, says
from workbench.engine import events as e
from workbench.models.base import Request
from workbench.systems.nodes import (
    Filter,
    Vote,
)

THREE = {"a": says(1, first=1), "b": says(2, first=2), "c": says(3, first=3)}
OF = tuple(lane(name) for name in THREE)


def likes(*good: int) -> Any:
    def reply(request: Request) -> Say:
        text = request.messages[-1].content
        return Say(text="A" if any(f"Final answer: {i}" in text for i in good) else "B")

    return reply


def test_a_network_examines_several_candidates_at_once() -> None:
    scripts = {name: says(i) for i, name in enumerate("abc", 1)} | {"v": likes(3)}
    fired = fire(Filter(verifier=Vote(of=(lane("v", replicas=2),)), of=OF, votes=2), scripts)
    assert answer(fired) == "Final answer: 3"
    assert len(asked(fired, "v")) == 12
    assert {f"verifier#{i}" for i in range(2, 7)} <= set(fired.view.nodes)


def test_filter_yields_each_as_it_is_accepted() -> None:
    scripts = {**THREE, "v": likes(1, 3)}
    fired = fire(Vote(of=(Filter(verifier=lane("v"), of=OF),)), scripts)
    assert "1 of 2 answered" in fired.view.selections[-1].because
    (chosen,) = (event for event in of_type(fired, e.Selected) if event.node == "of.0")
    assert chosen.because == "2 of 3 accepted"
    verified = [c.verified for c in fired.view.candidates.values()]
    assert verified == [True, None, True]


@pytest.mark.parametrize(("fallback", "n"), [("all", 3), ("first", 1), ("random", 1), ("plurality", 1)])
def test_filter_that_accepts_none_passes_its_fallback_unverified(fallback: Any, n: int) -> None:
    root = Vote(of=(Filter(verifier=lane("v"), of=OF, fallback=fallback),))
    fired = fire(root, {**THREE, "v": Say(text="B")})
    passed = [c for c in fired.view.candidates.values() if c.verified is False]
    assert len(passed) == n


def test_filter_fallback_none_fails() -> None:
    fired = fire(Filter(verifier=lane("v"), of=OF, fallback="none"), {**THREE, "v": Say(text="B")})
    assert fired.view.status == "failed"


def test_filter_waits_for_all() -> None:
    fired = fire(Filter(verifier=lane("v"), of=OF), {**THREE, "v": likes(1)})
    assert {c.status for c in fired.view.calls.values()} == {"done"}
