"""judge: a model writes, names or ranks the best answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, of_type, says, warned
from workbench.engine import events as e
from workbench.engine.task import Task
from workbench.errors import ErrorKind
from workbench.models.base import Request
from workbench.systems.nodes import Chain, Ensemble, Judge, Race, Verify, Vote

THREE = {"a": says(1, first=1), "b": says(2, first=2), "c": says(3, first=3)}
OF = tuple(lane(name) for name in THREE)


def letter_of(request: Request, text: str) -> str:
    """The letter under which a candidate is shown."""
    found = re.search(rf"\[([A-Z])\]\n{re.escape(text)}", request.messages[-1].content)
    assert found, request.messages[-1].content
    return found[1]


def names(text: str) -> Any:
    return lambda request: Say(text=letter_of(request, text))


def judged(reply: Any, **fields: Any) -> Fired:
    return fire(Judge(judge=lane("j"), of=OF, **fields), {**THREE, "j": reply})


def test_synthesize_shows_the_question_and_all_answers_and_yields_the_judges_text() -> None:
    fired = judged(Say(text="Both are wrong: 4"))
    assert answer(fired) == "Both are wrong: 4"
    (question,) = asked(fired, "j")
    assert "What is 6 × 7?" in question
    assert all(f"Final answer: {i}" in question for i in (1, 2, 3))
    made = fired.view.answer
    assert made is not None
    assert {fired.view.candidates[p].text.strip() for p in made.parents} == {f"Final answer: {i}" for i in (1, 2, 3)}


def test_the_judges_own_call_costs_its_input_counted() -> None:
    fired = judged(Say(text="4"))
    call = next(c for c in fired.view.calls.values() if c.role == "judge")
    assert call.cost == 10 * 1_000 + 1 * 10_000
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())


def test_candidates_are_anonymous_and_shuffled_with_the_runs_seed() -> None:
    def question(seed: int) -> str:
        root = Judge(judge=lane("j"), of=OF)
        return asked(fire(root, {**THREE, "j": Say(text="x")}, seed=seed), "j")[0]

    shown = [question(seed) for seed in range(6)]
    assert len(set(shown)) > 1
    assert shown == [question(seed) for seed in range(6)]
    candidates = shown[0].split("Final answer")
    assert not any(re.search(r"\b[abc]\b", part) for part in candidates[1:])


def test_select_yields_the_candidate_named() -> None:
    fired = judged(names("Final answer: 2"), mode="select")
    assert answer(fired) == "Final answer: 2"
    words = {v.candidate: v.verdict for v in fired.view.verdicts}
    assert fired.view.answer is not None
    assert words.pop(fired.view.answer.id) == "accepted"
    assert set(words.values()) == {"rejected"}
    request = next(r for r in fired.models.requests if r.model == "j")
    assert request.choices == ("A", "B", "C")


@pytest.mark.parametrize(
    "reply",
    ["{}", "{}.", "**{}**", "[{}]", "({}) says it best", "Answer: {}", "I compared them.\nAnswer: {}", "Hm.\n{}"],
)
def test_select_reads_the_usual_forms(reply: str) -> None:
    fired = judged(lambda r: Say(text=reply.format(letter_of(r, "Final answer: 3"))), mode="select")
    assert answer(fired) == "Final answer: 3"
    assert len(asked(fired, "j")) == 1


def test_a_word_is_no_letter() -> None:
    say = [Say(text="A fair question. I think all are weak."), names("Final answer: 2")]
    fired = judged(say, mode="select")
    assert answer(fired) == "Final answer: 2"


def test_a_reply_that_cannot_be_read_is_asked_once_more_with_the_form_shown() -> None:
    fired = judged([Say(text="the second, I believe"), names("Final answer: 1")], mode="select")
    assert answer(fired) == "Final answer: 1"
    assert "one of A, B, C" in asked(fired, "j")[1]
    assert "the second, I believe" in asked(fired, "j")[1]


def test_then_the_node_fails_and_never_falls_back_to_the_first() -> None:
    fired = judged(Say(text="who knows"), mode="select")
    assert fired.view.status == "failed"
    assert fired.view.answer is None
    assert len(asked(fired, "j")) == 2
    assert "names no candidate" in fired.view.reason


def test_a_judge_that_fails_fails_the_node_and_what_was_paid_stays() -> None:
    fired = judged(Say(error=ErrorKind.AUTH))
    assert fired.view.status == "failed"
    assert "scripted auth" in fired.view.reason
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values() if c.role == "generate")


def test_a_judges_text_that_is_cut_off_passes_degraded_unless_it_must_not() -> None:
    cut = Say(text="The best answer is", finish="length")
    fired = judged(cut)
    assert fired.view.status == "degraded"
    assert answer(fired) == "The best answer is"
    assert fired.view.answer is not None
    assert fired.view.answer.status == "truncated"
    assert judged(cut, mode="select").view.status == "failed"
    strict = fire(Judge(judge=lane("j"), of=OF), {**THREE, "j": cut}, system={"on_none": "fail"})
    assert strict.view.status == "failed"
    assert strict.view.answer is None


def test_a_whole_answer_of_a_judging_network_comes_before_a_longer_one_that_is_cut_off() -> None:
    judges = Ensemble(of=(lane("j"), lane("k")))
    replies = {"j": Say(text="A long answer that is cut", finish="length"), "k": Say(text="Short.", first=9)}
    fired = fire(Judge(judge=judges, of=OF), {**THREE, **replies})
    assert fired.view.status == "done"
    assert answer(fired) == "Short."


def test_rank_orders_all_and_yields_the_first() -> None:
    def ranking(request: Request) -> Say:
        order = [letter_of(request, f"Final answer: {i}") for i in (3, 1, 2)]
        return Say(text="My order:\n" + " > ".join(order))

    fired = judged(ranking, mode="rank")
    assert answer(fired) == "Final answer: 3"
    assert [v.score for v in fired.view.verdicts] == [1.0, 0.5, 0.0]


def test_a_ranking_that_names_some_puts_the_first_of_them_first() -> None:
    def ranking(request: Request) -> Say:
        return Say(text=f"{letter_of(request, 'Final answer: 3')} > {letter_of(request, 'Final answer: 1')}")

    fired = judged(ranking, mode="rank")
    assert answer(fired) == "Final answer: 3"
    assert [(v.verdict, v.score) for v in fired.view.verdicts] == [
        ("accepted", 1.0),
        ("rejected", 0.0),
        ("rejected", None),
    ]


def test_a_ranking_that_cannot_be_read_fails() -> None:
    fired = judged(Say(text="I like them all"), mode="rank")
    assert fired.view.status == "failed"
    assert len(asked(fired, "j")) == 2


def test_swap_asks_twice_in_opposite_orders_and_reports_position_bias() -> None:
    fired = judged(Say(text="A"), mode="select", swap=True)
    first, second = asked(fired, "j")
    order = re.findall(r"Final answer: \d", first)
    assert re.findall(r"Final answer: \d", second) == order[::-1]
    assert "position bias" in warned(fired)


def test_swap_with_one_choice_in_both_orders_warns_of_nothing() -> None:
    fired = judged(names("Final answer: 2"), mode="select", swap=True)
    assert answer(fired) == "Final answer: 2"
    assert warned(fired) == ""
    assert "in both orders" in fired.view.selections[-1].because


def test_swap_compares_what_was_written() -> None:
    twice = judged(says(4), swap=True)
    assert "same in both orders" in warned(twice)
    first, second = (re.findall(r"Final answer: \d", question) for question in asked(twice, "j"))
    assert second == first[::-1]
    assert "answers otherwise" in warned(judged([says(4), says(5)], swap=True))
    unknown = fire(
        Judge(judge=lane("j"), of=OF, swap=True), {**THREE, "j": Say(text="well")}, system={"extract": "number"}
    )
    assert "unknown" in warned(unknown)


def test_quorum_judges_early_and_cancels_the_rest() -> None:
    fired = judged(Say(text="x"), quorum=2)
    assert [c.status for c in fired.view.calls.values()] == ["done", "done", "cancelled", "done"]
    assert "Final answer: 3" not in asked(fired, "j")[0]


def test_wait_judges_what_is_there_after_that_many_seconds() -> None:
    fired = judged(Say(text="x"), wait=2.5)
    assert asked(fired, "j")[0].count("Final answer") == 2
    late = judged(Say(text="x"), wait=0.5)
    assert asked(late, "j")[0].count("Final answer") == 1


def test_only_done_candidates_are_shown() -> None:
    scripts = {**THREE, "b": says(2, finish="length"), "j": Say(text="x")}
    fired = fire(Judge(judge=lane("j"), of=OF), scripts)
    assert "Final answer: 2" not in asked(fired, "j")[0]


def test_see_all_shows_every_candidate_below() -> None:
    inner = Vote(of=OF)
    scripts = {**THREE, "j": Say(text="x")}
    survivors = fire(Judge(judge=lane("j"), of=(inner,)), scripts)
    everything = fire(Judge(judge=lane("j"), of=(inner,), see="all"), scripts)
    assert asked(survivors, "j")[0].count("Final answer") == 1
    assert asked(everything, "j")[0].count("Final answer") == 3


def test_see_all_shows_answers_not_verdicts() -> None:
    checked = Verify(verifier=Vote(of=(lane("v", replicas=2),)), of=OF)
    fired = fire(Judge(judge=lane("j"), of=(checked,), see="all"), {**THREE, "v": Say(text="B"), "j": Say(text="x")})
    assert asked(fired, "j")[0].count("Final answer") == 3
    assert not re.search(r"\[[A-Z]\]\nB\b", asked(fired, "j")[0])


def test_a_judge_can_itself_be_a_network() -> None:
    council = Vote(of=(lane("j", replicas=3),))
    scripts = {**THREE, "j": [names("Final answer: 2"), names("Final answer: 2"), names("Final answer: 1")]}
    fired = fire(Judge(judge=council, of=OF, mode="select"), scripts)
    assert answer(fired) == "Final answer: 2"
    nested = Judge(judge=Judge(judge=lane("chief"), of=(lane("j", replicas=2),), see="all"), of=OF)
    fired = fire(nested, {**THREE, "j": Say(text="draft"), "chief": Say(text="final")})
    assert answer(fired) == "final"
    assert asked(fired, "chief")[0].count("draft") == 2


def test_the_original_query_is_shown_after_a_step_that_rewrote_it() -> None:
    root = Chain(steps=(lane("rewriter"), Judge(judge=lane("j"), of=OF)))
    fired = fire(root, {**THREE, "rewriter": Say(text="six sevens"), "j": Say(text="x")})
    assert asked(fired, "a") == ["six sevens "]
    assert "What is 6 × 7?" in asked(fired, "j")[0]


def test_the_prompt_can_be_overridden_and_its_hash_is_kept() -> None:
    fired = fire(
        Judge(judge=lane("j"), of=OF, prompt="Best of {candidates} for {query}"), {**THREE, "j": Say(text="x")}
    )
    assert asked(fired, "j")[0].startswith("Best of [A]")
    (queued,) = (event for event in of_type(fired, e.CallQueued) if event.role == "judge")
    assert queued.prompt_name == "custom"
    assert len(queued.prompt_hash) == 64
    assert len(queued.about) == 3


def test_nothing_in_an_answer_is_taken_for_a_place_of_the_prompt() -> None:
    scripts = {"a": Say(text="{query} {labels}"), "j": Say(text="x")}
    fired = fire(Judge(judge=lane("j"), of=(lane("a"),)), scripts)
    assert "{query} {labels}" in asked(fired, "j")[0]


def test_where_none_is_done_the_longest_passes_without_asking() -> None:
    scripts = {"a": Say(text="one two", finish="length"), "b": Say(text="one", finish="length"), "j": Say()}
    fired = fire(Judge(judge=lane("j"), of=(lane("a"), lane("b"))), scripts)
    assert fired.view.status == "degraded"
    assert answer(fired) == "one two"
    assert asked(fired, "j") == []


def test_a_judge_over_an_ensemble_sees_all_it_yields() -> None:
    fired = fire(Judge(judge=lane("j"), of=(Ensemble(of=OF),)), {**THREE, "j": Say(text="x")}, task=Task.of("Q"))
    assert asked(fired, "j")[0].count("Final answer") == 3


def test_a_race_of_judges_stops_the_slower_council() -> None:
    fast = Judge(judge=lane("j"), of=(lane("a"),))
    slow = Judge(judge=lane("j"), of=(lane("c"),))
    fired = fire(Race(of=(slow, fast)), {**THREE, "j": Say(text="x")})
    assert fired.view.calls["c1"].status == "cancelled"
    assert fired.view.nodes["of.0"].status == "cancelled"
