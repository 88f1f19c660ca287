"""debate: children answer, read each other and answer again."""

from __future__ import annotations

from typing import Any

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.errors import ErrorKind
from workbench.systems.nodes import Debate


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


def test_a_debate_of_none_fails_or_passes_the_longest() -> None:
    assert debate({"a": says(1, finish="length")}).view.status == "degraded"
    assert debate({"a": Say(error=ErrorKind.AUTH)}).view.status == "failed"


def test_a_model_may_read_the_debaters_keys() -> None:
    scripts = {"a": Say(text="six"), "b": Say(text="half a dozen")}
    root = Debate(of=(lane("a"), lane("b")), extract="model:reader", rounds=3)
    fired = fire(root, {**scripts, "reader": Say(text="6")})
    assert "all agree after round 1" in fired.view.selections[-1].because
