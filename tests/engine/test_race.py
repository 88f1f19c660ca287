"""race: who may win, and what becomes of the others."""

from __future__ import annotations

import pytest

from tests.engine.fakes import Say, answer, fire, lane
from workbench.errors import ErrorKind
from workbench.systems.nodes import Race, Vote


def test_the_first_to_finish_wins_and_the_rest_are_cancelled() -> None:
    fired = fire(Race(of=(lane("m", replicas=2),)), {"m": [Say(gap=1.0), Say(gap=0.1)]})
    view = fired.view
    assert view.status == "done"
    assert [c.replica for c in view.calls.values() if c.status == "done"] == [2]
    loser = view.calls["c1"]
    assert loser.status == "cancelled"
    assert loser.usage.source == "estimated"
    assert view.waste() == loser.cost
    assert loser.usage.completion_tokens == 2  # "three " is more than four characters
    assert loser.cost == 10 * 1_000 + 2 * 10_000


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (Say(text="x", finish="length"), "truncated"),
        (Say(text="x", finish="content_filter"), "filtered"),
        (Say(text=""), "empty"),
        (Say(text="x y z", error=ErrorKind.BAD_REQUEST, error_after=1), "failed"),
        (Say(text="x", finish="none"), "failed"),
    ],
)
def test_only_a_done_candidate_wins(bad: Say, status: str) -> None:
    fired = fire(Race(of=(lane("bad"), lane("good"))), {"bad": bad, "good": Say(gap=2.0)})
    assert fired.view.calls["c1"].status == status
    assert fired.view.answer is not None
    assert fired.view.answer.calls == ("c2",)


def test_take_yields_that_many_winners_in_order_of_finish() -> None:
    root = Race(of=(lane("c"), lane("a"), lane("b")), take=2)
    fired = fire(root, {"a": Say(gap=0.1), "b": Say(gap=0.2), "c": Say(gap=9)})
    winners = [s.winners[0] for s in fired.view.selections]
    models = [fired.view.calls[fired.view.candidates[w].calls[0]].model for w in winners]
    assert models == ["a", "b"]
    assert fired.view.calls["c1"].status == "cancelled"


def test_thinking_rule_cancels_at_the_end_of_thinking_and_lets_the_winner_write() -> None:
    scripts = {
        "thinks-briefly": Say(thinking="hm", text="a long long answer that takes its time", gap=1.0),
        "answers-sooner": Say(thinking="hm hm hm hm", text="short", gap=1.0),
    }
    fired = fire(Race(of=(lane("thinks-briefly"), lane("answers-sooner")), rule="thinking"), scripts)
    assert answer(fired).startswith("a long long answer")
    assert fired.view.calls["c2"].status == "cancelled"
    assert fired.view.calls["c2"].deltas == 2


def test_grace_counts_from_the_trigger_under_the_thinking_rule_too() -> None:
    scripts = {
        "thinks-briefly": Say(thinking="hm", text="a b c d e f g h", first=1.0, gap=1.0),
        "near": Say(thinking="hm hm", text="x", first=1.0, gap=1.0),
        "far": Say(thinking="hm hm", text="a b c d", first=1.0, gap=1.0),
    }
    root = Race(of=tuple(lane(name) for name in scripts), rule="thinking", grace=2.0)
    fired = fire(root, scripts)
    assert [c.status for c in fired.view.calls.values()] == ["done", "done", "cancelled"]
    assert fired.view.calls["c3"].finished_at == 4_000_000_000


def test_short_m_at_k() -> None:
    scripts = {
        "a": Say(thinking="hm", text="Final answer: 1", first=1.0, tokens=30),
        "b": Say(thinking="hm", text="Final answer: 2", first=2.0, tokens=20),
        "c": Say(thinking="hm " * 30, text="Final answer: 3", first=1.0),
    }
    race = Race(of=tuple(lane(name) for name in scripts), take=2, rule="thinking")
    fired = fire(Vote(of=(race,), tie="shortest"), scripts)
    assert fired.view.calls["c3"].status == "cancelled"
    assert answer(fired) == "Final answer: 2"


def test_the_trigger_cancels_even_when_the_winner_is_the_last_to_answer() -> None:
    scripts = {"a": Say(thinking="hm", text="a b c d e", gap=1.0), "b": Say(thinking="hm hm hm", text="x", gap=1.0)}
    fired = fire(Race(of=(lane("a"), lane("b")), rule="thinking"), scripts)
    assert (fired.view.calls["c2"].finished_at or 0) < (fired.view.calls["c1"].finished_at or 0)


def test_thinking_rule_replaces_a_winner_that_fails_to_answer_while_losers_finish() -> None:
    scripts = {
        "dies": Say(thinking="hm", text="a b c", gap=1.0, error=ErrorKind.BAD_REQUEST, error_after=3),
        "lives": Say(thinking="hm hm hm", text="yes", gap=1.0),
    }
    fired = fire(Race(of=(lane("dies"), lane("lives")), rule="thinking", losers="finish"), scripts)
    assert fired.view.status == "done"


def test_shortest_rule_lets_all_finish_and_takes_fewest_tokens() -> None:
    scripts = {"long": Say(text="one two three", gap=0.01), "short": Say(text="one", first=5.0)}
    fired = fire(Race(of=(lane("long"), lane("short")), rule="shortest"), scripts)
    assert fired.view.answer is not None
    assert fired.view.answer.text.strip() == "one"
    assert all(c.status == "done" for c in fired.view.calls.values())


def test_losers_may_finish() -> None:
    scripts = {"fast": Say(), "slow": Say(gap=5.0)}
    fired = fire(Race(of=(lane("fast"), lane("slow")), losers="finish"), scripts)
    assert {c.status for c in fired.view.calls.values()} == {"done"}
    assert fired.view.waste() == fired.view.calls["c2"].cost


def test_grace_gives_the_losers_some_more_seconds() -> None:
    scripts = {"fast": Say(text="x"), "near": Say(text="x", first=1.0), "far": Say(text="x", first=60.0)}
    fired = fire(Race(of=(lane("fast"), lane("near"), lane("far")), grace=2.0), scripts)
    assert [c.status for c in fired.view.calls.values()] == ["done", "done", "cancelled"]


def test_stagger_starts_replicas_one_after_another() -> None:
    fired = fire(Race(of=(lane("m", replicas=3),), stagger=2.0), {"m": Say(text="x", first=5.0)})
    assert [c.queued_at for c in fired.view.calls.values()] == [0, 2_000_000_000, 4_000_000_000]


def test_best_effort_passes_the_longest_truncated_text_marked_degraded() -> None:
    scripts = {"a": Say(text="one two", finish="length"), "b": Say(text="one", finish="length")}
    fired = fire(Race(of=(lane("a"), lane("b"))), scripts)
    assert fired.view.status == "degraded"
    assert fired.view.answer is not None
    assert fired.view.answer.degraded
    assert fired.view.answer.text.strip() == "one two"


def test_on_none_fail_ends_the_run_failed_with_the_reasons() -> None:
    fired = fire(Race(of=(lane("a"),)), {"a": Say(text="one", finish="length")}, system={"on_none": "fail"})
    assert fired.view.status == "failed"
    assert "truncated" in fired.view.reason
    assert fired.view.cost() is not None
