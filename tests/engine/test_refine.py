"""refine: a generator and a critic take turns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.errors import ErrorKind
from workbench.systems.nodes import Refine, Regex


def refine(critic: Any, writer: Any, **fields: Any) -> Fired:
    system = fields.pop("system", None)
    return fire(
        Refine(critic=lane("critic"), of=(lane("w"),), **fields), {"critic": critic, "w": writer}, system=system
    )


def test_refine_ends_when_the_critic_is_content() -> None:
    critic = [Say(text="Verdict: rejected\nToo short."), Say(text="Verdict: accepted")]
    fired = refine(critic, [Say(text="draft"), Say(text="better")])
    assert answer(fired) == "better"
    second = asked(fired, "w")[1]
    assert "draft" in second
    assert "Too short." in second
    assert "What is 6 × 7?" in second
    assert "Verdict" not in second
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())


def test_refine_ends_when_the_answer_stops_changing() -> None:
    fired = refine(Say(text="Verdict: rejected\nNo."), Say(text="the same"))
    assert len(asked(fired, "critic")) == 1
    assert "stopped changing" in fired.view.selections[-1].because


def test_refine_ends_after_its_rounds() -> None:
    fired = refine(Say(text="Verdict: rejected\nNo."), [Say(text=str(i)) for i in range(9)], rounds=2)
    assert answer(fired) == "2"
    assert len(asked(fired, "w")) == 3
    assert len(asked(fired, "critic")) == 2


@pytest.mark.parametrize("lost", [Say(error=ErrorKind.AUTH), Say(text=""), says(9, finish="length")])
@pytest.mark.parametrize("on_none", ["best_effort", "fail"])
def test_a_revision_that_is_not_done_leaves_the_answer_before_it(lost: Say, on_none: str) -> None:
    fired = refine(Say(text="Verdict: rejected\nNo."), [Say(text="draft"), lost], system={"on_none": on_none})
    assert answer(fired) == "draft"
    assert fired.view.status == "done"


def test_a_critic_that_fails_leaves_the_answer() -> None:
    fired = refine(Say(error=ErrorKind.AUTH), Say(text="draft"))
    assert answer(fired) == "draft"
    assert "critic gave no answer" in fired.view.selections[-1].because


def test_a_check_may_be_the_critic() -> None:
    root = Refine(critic=Regex(pattern="better"), of=(lane("w"),))
    fired = fire(root, {"w": [Say(text="draft"), Say(text="better")]})
    assert answer(fired) == "better"


def test_without_a_first_answer_refine_fails_or_passes_it_degraded() -> None:
    assert refine(Say(), Say(error=ErrorKind.AUTH)).view.status == "failed"
    assert refine(Say(), says(1, finish="length")).view.status == "degraded"
