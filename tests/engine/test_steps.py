"""chain, refine and debate: answers that are made from answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.engine.task import Task
from workbench.errors import ErrorKind
from workbench.models.base import Message
from workbench.systems.nodes import Chain, Debate, Ensemble, Refine, Regex


def test_a_chain_hands_each_steps_answer_on_as_the_next_query() -> None:
    root = Chain(steps=(lane("a"), lane("b"), lane("c")))
    fired = fire(root, {"a": Say(text="one"), "b": Say(text="two"), "c": Say(text="three")})
    assert [asked(fired, m) for m in "abc"] == [["What is 6 × 7?"], ["one "], ["two "]]
    assert answer(fired) == "three"
    assert fired.view.answer is not None
    (parent,) = fired.view.answer.parents
    assert fired.view.candidates[parent].text == "two "


def test_a_chain_keeps_the_rest_of_the_conversation() -> None:
    task = Task(messages=(Message("system", "Be brief."), Message("user", "Q")))
    fired = fire(Chain(steps=(lane("a"), lane("b"))), {"a": Say(text="one"), "b": Say(text="two")}, task=task)
    assert [m.content for m in fired.models.requests[1].messages] == ["Be brief.", "one "]


def test_a_rewriting_step_takes_its_first_answer_and_cancels_the_rest() -> None:
    scripts = {"slow": Say(first=9), "fast": Say(text="one"), "b": Say(text="two")}
    fired = fire(Chain(steps=(Ensemble(of=(lane("slow"), lane("fast"))), lane("b"))), scripts)
    assert asked(fired, "b") == ["one "]
    assert fired.view.calls["c1"].status == "cancelled"


def test_candidates_are_carried_all_with_the_original_query() -> None:
    layer = lane("a", replicas=3)
    root = Chain(steps=(layer, lane("b", replicas=2), lane("c")), carry="candidates")
    fired = fire(root, {"a": [says(i) for i in (1, 2, 3)], "b": says(4), "c": says(5)})
    assert len(asked(fired, "b")) == 2
    for question in asked(fired, "b"):
        assert "What is 6 × 7?" in question
        assert question.count("Final answer") == 3
    (last,) = asked(fired, "c")
    assert last.count("Final answer: 4") == 2
    assert "Final answer: 1" not in last
    assert "What is 6 × 7?" in last


def test_the_last_step_yields_all_its_candidates() -> None:
    fired = fire(Chain(steps=(lane("a"), lane("b", replicas=2))), {"a": Say(text="one"), "b": [says(1), says(2)]})
    assert {c.key for c in fired.view.candidates.values()} >= {"1", "2"}


def test_a_step_without_a_done_answer_fails_the_chain_with_the_reason() -> None:
    fired = fire(Chain(steps=(lane("a"), lane("b"))), {"a": Say(error=ErrorKind.AUTH), "b": Say()})
    assert fired.view.status == "failed"
    assert "scripted auth" in fired.view.reason
    assert asked(fired, "b") == []


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


def debate(scripts: dict[str, Any], **fields: Any) -> Fired:
    return fire(Debate(of=tuple(lane(name) for name in scripts), **fields), scripts)


def test_debaters_read_each_other_and_answer_again() -> None:
    fired = debate({"a": [says(1), says(2)], "b": [says(2), says(1)]}, rounds=2)
    first, second = asked(fired, "a")
    assert first == "What is 6 × 7?"
    own, others = second.split("Answers of others")
    assert "What is 6 × 7?" in own
    assert "Final answer: 1" in own
    assert "Final answer: 2" in others
    assert "Final answer: 1" not in others


def test_the_last_rounds_candidates_come_out() -> None:
    fired = debate({"a": [says(1), says(3)], "b": [says(2), says(4)]}, rounds=2)
    chosen = fired.view.selections[-1]
    assert [fired.view.candidates[w].key for w in chosen.winners] == ["3", "4"]
    assert answer(fired) == "Final answer: 3"


def test_agreement_ends_the_debate() -> None:
    fired = debate({"a": [says(1), says(5)], "b": [says(2), says(5)]}, rounds=9)
    assert len(fired.view.calls) == 4
    assert "all agree after round 2" in fired.view.selections[-1].because
    assert len(debate({"a": says(1), "b": says("1.0")}, rounds=9).view.calls) == 2


def test_an_abstention_is_no_agreement() -> None:
    fired = debate({"a": says(1), "b": says("dunno")}, rounds=2, extract="number")
    assert len(fired.view.calls) == 4


def test_a_debater_that_fails_later_keeps_its_last_word() -> None:
    fired = debate({"a": [says(1), Say(error=ErrorKind.AUTH)], "b": [says(2), says(3)]}, rounds=2)
    chosen = fired.view.selections[-1]
    assert [fired.view.candidates[w].key for w in chosen.winners] == ["1", "3"]


def test_a_debate_of_none_fails() -> None:
    assert debate({"a": Say(error=ErrorKind.AUTH)}).view.status == "failed"


def test_a_model_may_read_the_debaters_keys() -> None:
    scripts = {"a": Say(text="six"), "b": Say(text="half a dozen")}
    root = Debate(of=(lane("a"), lane("b")), extract="model:reader", rounds=3)
    fired = fire(root, {**scripts, "reader": Say(text="6")})
    assert "all agree after round 1" in fired.view.selections[-1].because
