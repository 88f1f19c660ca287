"""verify: the first that gets thumbs up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.engine.task import Task
from workbench.errors import ErrorKind
from workbench.models.base import Request
from workbench.systems.nodes import (
    Agreement,
    Cascade,
    Command,
    Contains,
    Filter,
    JsonSchema,
    Judge,
    Number,
    PythonTests,
    Regex,
    Verify,
    Vote,
)

THREE = {"a": says(1, first=1), "b": says(2, first=2), "c": says(3, first=3)}
OF = tuple(lane(name) for name in THREE)


def likes(*good: int) -> Any:
    def reply(request: Request) -> Say:
        text = request.messages[-1].content
        return Say(text="A" if any(f"Final answer: {i}" in text for i in good) else "B")

    return reply


def verify(reply: Any, **fields: Any) -> Fired:
    return fire(Verify(verifier=lane("v"), of=OF, **fields), {**THREE, "v": reply})


def test_the_first_accepted_wins_and_cancels_the_rest() -> None:
    fired = verify(likes(2, 3))
    assert answer(fired) == "Final answer: 2"
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True
    assert fired.view.calls["c3"].status == "cancelled"


def test_first_accepted_is_by_the_verdict_not_by_the_finish() -> None:
    def slow_for_one(request: Request) -> Say:
        return Say(text="A", first=60 if "Final answer: 1" in request.messages[-1].content else 0.1)

    assert answer(verify(slow_for_one)) == "Final answer: 2"


def test_a_verdict_is_asked_for_each_examined_candidate_and_costs() -> None:
    fired = verify(likes(3))
    assert [v.verdict for v in fired.view.verdicts] == ["rejected", "rejected", "accepted"]
    verdicts = [c for c in fired.view.calls.values() if c.role == "verify"]
    assert len(verdicts) == 3
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())
    assert all(c.about for c in verdicts)


def test_serial_starts_one_at_a_time() -> None:
    fired = verify(likes(2), mode="serial")
    assert answer(fired) == "Final answer: 2"
    assert [c.model for c in fired.view.calls.values()] == ["a", "v", "b", "v"]
    ends = [c.finished_at for c in fired.view.calls.values() if c.model == "a"]
    assert fired.view.calls["c3"].queued_at >= (ends[0] or 0)


@pytest.mark.parametrize(
    ("reply", "accepted"),
    [
        ("A", True),
        ("B", False),
        ("A: correct", True),
        ("Verdict: <1>", True),
        ("1 (correct)", True),
        ("👍", True),
        ("[Failed] the answer does not pass", False),
        ("It is hard to say", False),
    ],
)
def test_free_text_verdicts_are_read(reply: str, accepted: bool) -> None:
    fired = fire(Verify(verifier=lane("v"), of=(lane("a"),), fallback="none"), {**THREE, "v": Say(text=reply)})
    assert (fired.view.status == "done") is accepted


def test_a_reply_that_says_neither_is_unparsed_and_does_not_accept() -> None:
    fired = verify(Say(text="perhaps"))
    assert {v.verdict for v in fired.view.verdicts} == {"unparsed"}


def test_a_constrained_verdict_is_asked_for_and_its_probability_is_the_score() -> None:
    fired = verify(Say(text="B", choice_probabilities={"A": 0.6, "B": 0.2}), threshold=0.7)
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True
    assert fired.view.answer.score == pytest.approx(0.75)
    assert all(r.choices == ("A", "B") for r in fired.models.requests if r.model == "v")
    strict = verify(Say(text="A", choice_probabilities={"A": 0.6, "B": 0.4}), threshold=0.7)
    assert {v.verdict for v in strict.view.verdicts} == {"rejected"}


def test_a_score_at_the_threshold_accepts() -> None:
    fired = verify(Say(text="B", choice_probabilities={"A": 0.4, "B": 0.4}), threshold=0.5)
    assert {v.verdict for v in fired.view.verdicts} == {"accepted"}


def test_votes_ask_that_often_and_the_majority_counts() -> None:
    fired = fire(Verify(verifier=lane("v"), of=(lane("a"),), votes=3), {**THREE, "v": [Say(text=x) for x in "ABA"]})
    assert len(asked(fired, "v")) == 3
    assert fired.view.verdicts[0].reason == "2 of 3 accept"
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True
    seeds = {r.seed for r in fired.models.requests if r.model == "v"}
    assert len(seeds) == 3


def test_a_tied_vote_does_not_accept() -> None:
    fired = fire(Verify(verifier=lane("v"), of=(lane("a"),), votes=2), {**THREE, "v": [Say(text=x) for x in "AB"]})
    assert fired.view.verdicts[0].verdict == "rejected"


def test_a_verifier_that_fails_abstains_and_the_rest_goes_on() -> None:
    fired = verify([Say(error=ErrorKind.AUTH), Say(text="A")])
    assert [v.verdict for v in fired.view.verdicts] == ["abstained", "accepted"]
    assert answer(fired) == "Final answer: 2"


@pytest.mark.parametrize(("fallback", "expected"), [("first", 1), ("plurality", 2)])
def test_when_none_is_accepted_the_fallback_passes_unverified(fallback: Any, expected: int) -> None:
    scripts = {**THREE, "d": says(2, first=4), "v": Say(text="B")}
    fired = fire(Verify(verifier=lane("v"), of=(*OF, lane("d")), fallback=fallback), scripts)
    assert answer(fired) == f"Final answer: {expected}"
    assert fired.view.answer is not None
    assert fired.view.answer.verified is False
    assert "unverified" in fired.view.selections[-1].because


def test_fallback_random_follows_the_seed() -> None:
    root = Verify(verifier=lane("v"), of=OF, fallback="random")
    drawn = [answer(fire(root, {**THREE, "v": Say(text="B")}, seed=seed)) for seed in range(8)]
    assert len(set(drawn)) > 1
    assert drawn == [answer(fire(root, {**THREE, "v": Say(text="B")}, seed=seed)) for seed in range(8)]


def test_fallback_none_fails_the_node() -> None:
    fired = verify(Say(text="B"), fallback="none")
    assert fired.view.status == "failed"
    assert "no candidate was accepted" in fired.view.reason


def test_fallback_escalate_hands_on_to_the_next_branch() -> None:
    cheap = Verify(verifier=lane("v"), of=(lane("a"),), fallback="escalate")
    scripts = {**THREE, "v": Say(text="B")}
    fired = fire(Cascade(accept=Regex(pattern="."), of=(cheap, lane("c"))), scripts)
    assert answer(fired) == "Final answer: 3"


def test_only_done_candidates_are_examined() -> None:
    scripts = {**THREE, "a": says(1, finish="length"), "v": Say(text="A")}
    fired = fire(Verify(verifier=lane("v"), of=OF), scripts)
    assert answer(fired) == "Final answer: 2"
    assert all("Final answer: 1" not in question for question in asked(fired, "v"))


def test_where_none_is_done_the_longest_passes_degraded() -> None:
    scripts = {"a": Say(text="one two", finish="length"), "v": Say(text="A")}
    fired = fire(Verify(verifier=lane("v"), of=(lane("a"),)), scripts)
    assert fired.view.status == "degraded"
    assert asked(fired, "v") == []


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (Regex(pattern=r"\bocean\b"), "the ocean", "the sea"),
        (Number(at_least=40, at_most=45), "Final answer: 42", "Final answer: 46"),
        (JsonSchema(schema={"type": "object", "required": ["a"]}), '{"a": 1}', '{"b": 1}'),
        (Contains(text="OCEAN"), "the ocean", "the sea"),
    ],
)
def test_checks_need_no_model(check: Any, good: str, bad: str) -> None:
    scripts = {"bad": Say(text=bad), "good": Say(text=good, first=2)}
    task = Task(messages=Task.of("Q").messages, metadata={"numeric": True})
    fired = fire(Verify(verifier=check, of=(lane("bad"), lane("good")), fallback="none"), scripts, task=task)
    assert answer(fired) == good
    assert len(fired.view.calls) == 2


@pytest.mark.parametrize("check", [Command(run=("true",)), PythonTests(tests="assert True")])
def test_checks_that_run_code_abstain_until_allowed(check: Any) -> None:
    fired = fire(Verify(verifier=check, of=(lane("a"),), fallback="none"), THREE)
    assert fired.view.status == "failed"
    assert fired.view.verdicts[0].verdict == "abstained"


def test_agreement_has_nothing_to_say_of_one_candidate() -> None:
    fired = fire(Verify(verifier=Agreement(), of=(lane("a"),), fallback="none"), THREE)
    assert fired.view.verdicts[0].verdict == "abstained"


def test_the_tasks_own_tests_decide_once_code_is_allowed() -> None:
    scripts = {name: Say(text=f"```python\ndef f(): return {i}\n```", first=i) for i, name in enumerate("ab", 1)}
    task = Task(messages=Task.of("Write f.").messages, metadata={"tests": "assert f() == 2\n"})
    root = Verify(verifier=PythonTests(), of=OF[:2], fallback="none")
    fired = fire(root, scripts, task=task, allow_code=True)
    assert "return 2" in answer(fired)


def test_a_command_decides_once_code_is_allowed() -> None:
    root = Verify(verifier=Command(run=("grep", "-q", "answer: 2")), of=OF[:2], fallback="none")
    fired = fire(root, THREE, allow_code=True)
    assert answer(fired) == "Final answer: 2"


@pytest.mark.parametrize(
    "network",
    [
        Vote(of=(lane("v", replicas=3),)),
        Judge(judge=lane("chief"), of=(lane("v", replicas=2),)),
        Verify(verifier=Contains(text="A"), of=(lane("v", replicas=2),)),
        Filter(verifier=Contains(text="A"), of=(lane("v", replicas=2),)),
    ],
)
def test_a_verifier_may_be_any_network(network: Any) -> None:
    scripts = {**THREE, "v": [Say(text=x) for x in "AABAAB"], "chief": Say(text="A")}
    fired = fire(Verify(verifier=network, of=OF[:1]), scripts)
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True
    assert {c.text.strip() for c in fired.view.candidates.values()} == {"Final answer: 1"}
