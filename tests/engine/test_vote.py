"""vote: the representative of the largest cluster of equal answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.engine.task import Task
from workbench.errors import ErrorKind
from workbench.systems.nodes import AnyNode, Best, Chain, Contains, Ensemble, Filter, Race, Regex, Route, Vote
from workbench.systems.nodes import Branch as To


def ballots(*answers: object, gap: float = 1.0) -> dict[str, Any]:
    """One script per answer, `m1` first to finish."""
    return {f"m{i}": says(a, first=gap * i) for i, a in enumerate(answers, 1)}


def vote(*answers: object, **fields: Any) -> Fired:
    scripts = ballots(*answers)
    return fire(Vote(of=tuple(lane(name) for name in scripts), **fields), scripts)


def test_the_largest_cluster_wins_by_answer_key_not_by_text() -> None:
    scripts = {"m1": says(41), "m2": Say(text="So:\n**Answer:** 1,000"), "m3": Say(text="so \\boxed{1000.0}", first=9)}
    fired = fire(Vote(of=(lane("m1"), lane("m2"), lane("m3"))), scripts)
    assert "1,000" in answer(fired)
    assert "2 of 3" in fired.view.selections[-1].because


def test_it_waits_for_all_and_costs_the_sum() -> None:
    fired = vote(1, 1, 1)
    assert {c.status for c in fired.view.calls.values()} == {"done"}
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())
    assert fired.view.waste() == 0


def test_a_candidate_without_a_key_abstains_and_is_counted_beside() -> None:
    fired = vote("no number", 7, 7, extract="number")
    assert answer(fired) == "Final answer: 7"
    assert "1 abstained" in fired.view.selections[-1].because


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_only_done_candidates_vote(finish: Any) -> None:
    scripts = {"cut": says(1, finish=finish), "good": says(2, first=5)}
    fired = fire(Vote(of=(lane("cut", replicas=2), lane("good"))), scripts)
    assert answer(fired) == "Final answer: 2"


def test_a_tie_goes_to_the_answer_that_finished_first() -> None:
    assert answer(vote(1, 2)) == "Final answer: 1"


def test_a_tie_goes_to_the_shortest() -> None:
    scripts = {"long": says(1, tokens=90), "short": says(2, tokens=9, first=5)}
    fired = fire(Vote(of=(lane("long"), lane("short")), tie="shortest"), scripts)
    assert answer(fired) == "Final answer: 2"


def test_a_tie_at_random_follows_the_seed() -> None:
    root = Vote(of=tuple(lane(f"m{i}") for i in range(1, 5)), tie="random")
    drawn = {seed: answer(fire(root, ballots(1, 2, 3, 4), seed=seed)) for seed in range(8)}
    assert len(set(drawn.values())) > 1
    assert drawn == {seed: answer(fire(root, ballots(1, 2, 3, 4), seed=seed)) for seed in range(8)}


def test_ballots_weigh_their_verifiers_scores() -> None:
    scores = {1: "2", 2: "9"}
    scripts = {"a": says(1), "b": says(1, first=2), "c": says(2, first=3), "judge": lambda r: Say(text=score_of(r))}

    def score_of(request: Any) -> str:
        return scores[1] if "Final answer: 1" in request.messages[-1].content else scores[2]

    scored = Best(scorer=lane("judge"), of=(lane("a"), lane("b"), lane("c")), take=3)
    fired = fire(Vote(of=(scored,), weights="verifier"), scripts)
    assert answer(fired) == "Final answer: 2"
    assert "weight 1.00 by verifier" in fired.view.selections[-1].because


def test_ballots_weigh_the_models_own_probability() -> None:
    scripts = {
        "a": says(1, logprob=-3.0),
        "b": says(1, logprob=-3.0, first=2),
        "c": says(2, logprob=-0.1, first=3),
    }
    fired = fire(Vote(of=(lane("a"), lane("b"), lane("c")), weights="probability"), scripts)
    assert answer(fired) == "Final answer: 2"


def test_it_stops_as_soon_as_the_lead_exceeds_what_is_still_out() -> None:
    fired = vote(1, 1, 2, stop="decided")
    assert answer(fired) == "Final answer: 1"
    assert [c.status for c in fired.view.calls.values()] == ["done", "done", "cancelled"]


def test_a_lead_that_could_be_caught_is_not_enough() -> None:
    fired = vote(1, 1, 2, 2, 2, stop="decided")
    assert answer(fired) == "Final answer: 2"


def test_a_failure_lowers_what_is_still_out() -> None:
    scripts = {
        "a": says(1, first=1),
        "b": says(1, first=2),
        "c": Say(error=ErrorKind.AUTH, first=3),
        "d": says(2, first=90),
    }
    fired = fire(Vote(of=tuple(lane(name) for name in scripts), stop="decided"), scripts)
    assert answer(fired) == "Final answer: 1"
    assert fired.view.calls["c4"].status == "cancelled"


def test_a_tie_that_is_possible_is_waited_for() -> None:
    fired = vote(1, 2, stop="decided")
    assert {c.status for c in fired.view.calls.values()} == {"done"}


@pytest.mark.parametrize(
    "child",
    [
        Filter(verifier=Contains(text="answer: 1"), of=(lane("a"), lane("b"), lane("c"))),
        Ensemble(of=(lane("a"), lane("b"), Vote(of=(lane("fails"),)))),
    ],
)
def test_a_child_that_ends_lowers_what_is_still_out(child: Any) -> None:
    scripts = {"a": says(1), "b": says(1, first=2), "c": says(3, first=3), "d": says(1, first=90)}
    scripts["fails"] = Say(error=ErrorKind.AUTH, first=3)
    fired = fire(Vote(of=(child, lane("d")), stop="decided"), scripts)
    assert [c.status for c in fired.view.calls.values() if c.model == "d"] == ["cancelled"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda of: Ensemble(of=of),
        lambda of: Race(of=of, take=5),
        lambda of: Filter(verifier=Regex(pattern="."), of=of),
        lambda of: Chain(steps=(lane("first"), Ensemble(of=of))),
        lambda of: Route(router=lane("first"), branches=(To(label="maths", to=Ensemble(of=of)),)),
    ],
)
def test_a_child_that_yields_many_is_out_until_its_last(wrap: Any) -> None:
    scripts = {**ballots(1, 1, 2, 2, 2), "first": Say(text="maths")}
    child: AnyNode = wrap(tuple(lane(f"m{i}") for i in range(1, 6)))
    fired = fire(Vote(of=(child,), stop="decided"), scripts)
    assert answer(fired) == "Final answer: 2"


def test_when_all_abstain_the_first_passes_degraded_or_the_node_fails() -> None:
    fired = vote("nothing", "nothing at all", extract="number")
    assert fired.view.status == "degraded"
    scripts = ballots("nothing", "nothing at all")
    root = Vote(of=(lane("m1"), lane("m2")), extract="number")
    failed = fire(root, scripts, system={"on_none": "fail"})
    assert failed.view.status == "failed"
    assert "abstained" in failed.view.reason


def test_a_model_reads_the_keys_and_its_calls_cost() -> None:
    scripts = {**ballots("the answer, I think, is 6", "12", "six it is"), "reader": key}
    fired = fire(Vote(of=(lane("m1"), lane("m2"), lane("m3")), extract="model:reader"), scripts)
    assert answer(fired).endswith("is 6")
    assert "2 of 3 answered 6" in fired.view.selections[-1].because
    extractions = [c for c in fired.view.calls.values() if c.role == "extract"]
    assert len(extractions) == 3
    assert all(c.cost for c in extractions)
    assert all("What is 6" in question for question in asked(fired, "reader"))


def key(request: Any) -> Say:
    return Say(text="12" if "12" in request.messages[-1].content else "6")


def test_choices_are_letters_and_a_word_is_no_letter() -> None:
    task = Task(messages=Task.of("Which?").messages, choices=("A", "B", "C"))
    scripts = {
        "m1": Say(text="A train travels fast, so Answer: B"),
        "m2": Say(text="(B)", first=2),
        "m3": Say(text="A"),
    }
    fired = fire(Vote(of=(lane("m1"), lane("m2"), lane("m3"))), scripts, task=task)
    assert "2 of 3 answered B" in fired.view.selections[-1].because


def test_disagreement_is_reported_before_the_selection() -> None:
    scored = vote(1, 1, 2, 3).view.disagreements[""]
    assert (scored.headline, scored.n) == ("entropy", 4)
    assert scored.scores["minority"] == pytest.approx(0.5)
    assert [len(c.candidates) for c in scored.clusters] == [2, 1, 1]


def test_a_reader_that_fails_makes_an_abstention() -> None:
    scripts = {**ballots(1, 2), "reader": [Say(error=ErrorKind.AUTH), Say(text="2")]}
    fired = fire(Vote(of=(lane("m1"), lane("m2")), extract="model:reader"), scripts)
    assert answer(fired) == "Final answer: 2"
    assert "1 abstained" in fired.view.selections[-1].because
