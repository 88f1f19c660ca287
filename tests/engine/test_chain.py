"""chain: each step answers what the one before made."""

from __future__ import annotations

from tests.engine.fakes import Say, answer, asked, fire, lane, says
from workbench.engine.task import Task
from workbench.errors import ErrorKind
from workbench.models.base import Message
from workbench.systems.nodes import Chain, Ensemble


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
