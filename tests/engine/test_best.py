"""best: the highest score."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.errors import ErrorKind
from workbench.models.base import Request
from workbench.systems.nodes import Best, Number, Vote

THREE = {"a": says(1, first=1), "b": says(2, first=2), "c": says(3, first=3)}
OF = tuple(lane(name) for name in THREE)


def scores(**by_answer: str | Say) -> Any:
    def reply(request: Request) -> Say:
        text = request.messages[-1].content
        said = next(score for name, score in by_answer.items() if f"Final answer: {name[1:]}" in text)
        return said if isinstance(said, Say) else Say(text=said)

    return reply


def best(reply: Any, **fields: Any) -> Fired:
    system = fields.pop("system", None)
    return fire(Best(scorer=lane("s"), of=OF, **fields), {**THREE, "s": reply}, system=system)


def test_the_highest_score_wins_once_all_are_in() -> None:
    fired = best(scores(_1="3", _2="8", _3="5"))
    assert answer(fired) == "Final answer: 2"
    assert fired.view.answer is not None
    assert fired.view.answer.score == pytest.approx(8 / 9)
    assert {c.status for c in fired.view.calls.values()} == {"done"}


def test_scores_cost_and_count() -> None:
    fired = best(scores(_1="3", _2="8", _3="5"))
    rated = [c for c in fired.view.calls.values() if c.role == "score"]
    assert len(rated) == 3
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())
    assert all("What is 6 × 7?" in question for question in asked(fired, "s"))


def test_take_yields_that_many_from_the_highest() -> None:
    root = Vote(of=(Best(scorer=lane("s"), of=OF, take=2),))
    fired = fire(root, {**THREE, "s": scores(_1="3", _2="8", _3="5")})
    chosen = next(s for s in fired.view.selections if s.node == "of.0")
    assert [fired.view.candidates[w].key for w in chosen.winners] == ["2", "3"]


def test_equal_scores_go_to_the_first_finished() -> None:
    assert answer(best(Say(text="7"))) == "Final answer: 1"


def test_probabilities_of_the_digits_make_a_finer_score() -> None:
    fine = {
        "_1": Say(text="7", choice_probabilities={"7": 0.45, "8": 0.05}),
        "_2": Say(text="7", choice_probabilities={"7": 0.25, "8": 0.25}),
        "_3": Say(text="7", choice_probabilities={"7": 1.0}),
    }
    fired = best(scores(**fine))
    assert answer(fired) == "Final answer: 2"
    assert fired.view.answer is not None
    assert fired.view.answer.score == pytest.approx(7.5 / 9)


@pytest.mark.parametrize("lost", [Say(text="good"), Say(error=ErrorKind.AUTH)])
def test_a_candidate_without_a_score_comes_last_and_the_rest_goes_on(lost: Say) -> None:
    fired = best(scores(_1=lost, _2="1", _3="0"))
    assert answer(fired) == "Final answer: 2"
    assert {v.verdict for v in fired.view.verdicts if v.score is None} <= {"unparsed", "abstained"}


def test_without_any_score_the_first_passes_degraded_or_the_node_fails() -> None:
    fired = best(Say(text="good"))
    assert fired.view.status == "degraded"
    assert answer(fired) == "Final answer: 1"
    assert best(Say(text="good"), system={"on_none": "fail"}).view.status == "failed"


def test_a_check_scores_one_or_nothing() -> None:
    fired = fire(Best(scorer=Number(equals=3), of=OF), THREE)
    assert answer(fired) == "Final answer: 3"


def test_only_done_candidates_are_scored() -> None:
    scripts = {**THREE, "b": says(2, finish="length"), "s": scores(_1="1", _3="2")}
    assert answer(fire(Best(scorer=lane("s"), of=OF), scripts)) == "Final answer: 3"
