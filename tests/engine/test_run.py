"""A run as a whole: its events, its sinks, its kind, and the view that is folded from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Say, ScriptedModels, encoded, fire, lane, of_type, says, warned
from workbench.engine import events as e
from workbench.engine.grammar import DisorderedEvents, Validator
from workbench.engine.outset import kind_of_run
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import ErrorKind, InputError
from workbench.systems.nodes import Ensemble, Judge, Race, System, Vote
from workbench.systems.notation import parse_system

TWO = Ensemble(of=(lane("a"), lane("b")))
SAID = {"a": says(1), "b": says(2, first=2)}


def test_a_sink_that_fails_is_left_out_and_the_others_miss_nothing() -> None:
    seen: list[e.AnyEvent] = []

    def disk(event: e.AnyEvent) -> None:
        seen.append(event)
        if len(seen) == 5:
            raise OSError("the disk is full")

    fired = fire(TWO, SAID, sinks=[disk])
    assert fired.view.status == "done"
    assert len(seen) == 5
    assert "the disk is full" in warned(fired)
    assert len(fired.events) == len(fire(TWO, SAID).events) + 1


def test_a_sink_that_fails_at_the_end_is_told_of_all_the_same() -> None:
    def disk(event: e.AnyEvent) -> None:
        if isinstance(event, e.RunFinished):
            raise OSError("the disk is full")

    fired = fire(TWO, SAID, sinks=[disk])
    assert "the disk is full" in warned(fired)
    assert isinstance(fired.events[-1], e.RunFinished)


@pytest.mark.parametrize(
    ("kinds", "whole"),
    [
        (("real", "real"), "real"),
        (("real", "simulated"), "real"),
        (("recorded", "simulated"), "recorded"),
        (("simulated", "simulated"), "simulated"),
    ],
)
def test_a_run_says_which_money_it_spends(kinds: tuple[str, str], whole: str) -> None:
    known = {"a": {"kind": kinds[0]}, "b": {"kind": kinds[1]}}
    assert fire(TWO, SAID, known=known).view.kind == whole


def test_a_model_that_reads_answers_makes_a_run_real_too() -> None:
    root = Vote(of=(lane("a"),), extract="model:b")
    assert fire(root, SAID, known={"a": {"kind": "simulated"}}).view.kind == "real"


def test_what_the_run_was_is_in_its_first_event() -> None:
    fired = fire(TWO, SAID, task=Task.of("Q", target="1"), seed=5, tags=("x",), system={"name": "two"})
    first = fired.events[0]
    assert isinstance(first, e.RunStarted)
    assert (first.run, first.system, first.seed, first.target, first.tags) == ("test", "two", 5, "1", ("x",))
    assert first.notation == "ensemble(a{retries=0}, b{retries=0})"
    assert first.messages[-1].content == "Q"


def test_the_json_of_a_run_has_the_names_of_its_contract() -> None:
    scripts = {"a": says(1), "b": Say(error=ErrorKind.AUTH), "j": Say(text="A")}
    fired = fire(Judge(judge=lane("j"), of=(lane("a"), lane("b")), mode="select"), scripts, prices=None)
    run = fired.view.to_json()
    names = "id kind system notation prompt answer status started_at wall_s first_token_s cost_usd waste_usd "
    names += "prompt_tokens completion_tokens scores calls candidates verdicts"
    assert set(names.split()) <= set(run)
    names = "id node replica model status finish_reason prompt_tokens cached_tokens completion_tokens "
    names += "reasoning_tokens tokens_source cost_usd cost_low_usd cost_high_usd queued_s first_token_s duration_s "
    names += "text thinking error"
    assert all(set(names.split()) <= set(call) for call in run["calls"])
    assert run["cost_usd"] is None
    assert run["calls"][0]["cost_usd"] is None
    assert run["calls"][0]["cached_tokens"] is None
    assert run["calls"][1]["first_token_s"] is None
    assert run["started_at"] == "1970-01-01T00:00:00Z"
    assert len(run["verdicts"]) == 1


def test_ballots_of_a_vote_are_used_and_losers_of_a_race_are_waste() -> None:
    vote = fire(Vote(of=(lane("a"), lane("b"))), SAID).view
    assert vote.used_calls() == {"c1", "c2"}
    assert vote.waste() == 0
    race = fire(Race(of=(lane("a"), lane("b")), losers="finish"), SAID).view
    assert race.used_calls() == {"c1"}
    assert race.waste() == race.calls["c2"].cost


def test_verdicts_and_judges_are_used_unless_they_were_cancelled() -> None:
    scripts = {**SAID, "j": Say(text="x")}
    view = fire(Judge(judge=lane("j"), of=(lane("a"), lane("b"))), scripts).view
    assert view.used_calls() == {"c1", "c2", "c3"}
    assert view.waste() == 0


def test_a_view_can_be_read_at_any_moment() -> None:
    fired = fire(TWO, SAID)
    view = RunView()
    for event in fired.events:
        version = view.version
        view.apply(event)
        assert view.version == version + 1
        assert view.to_json()["id"] == "test"
    assert view.finished


def test_events_survive_their_encoding() -> None:
    events = fire(TWO, SAID).events
    assert [e.decode(data) for data in encoded(events)] == events


def _without(events: list[Any], kind: type[Any]) -> list[Any]:
    index = next(i for i, event in enumerate(events) if isinstance(event, kind))
    return events[:index] + events[index + 1 :]


@pytest.mark.parametrize(
    "kind", [e.RunStarted, e.NodeStarted, e.NodeFinished, e.CallQueued, e.CallStarted, e.FirstToken, e.CallFinished]
)
def test_a_stream_with_an_event_missing_does_not_pass(kind: type[Any]) -> None:
    with pytest.raises(DisorderedEvents):
        Validator().feed_all(_without(fire(TWO, SAID).events, kind)).close()


@pytest.mark.parametrize(
    "kind", [e.RunStarted, e.NodeStarted, e.CallQueued, e.CallStarted, e.FirstToken, e.CallFinished]
)
def test_a_stream_with_an_event_twice_does_not_pass(kind: type[Any]) -> None:
    events = fire(TWO, SAID).events
    index = next(i for i, event in enumerate(events) if isinstance(event, kind))
    with pytest.raises(DisorderedEvents):
        Validator().feed_all([*events[: index + 1], *events[index:]])


def test_time_may_not_fall_and_nothing_follows_the_end() -> None:
    events = fire(TWO, SAID).events
    late = e.Warned(t=10**15, message="x")
    with pytest.raises(DisorderedEvents, match="time falls"):
        Validator().feed_all([events[0], late, *events[1:]])
    with pytest.raises(DisorderedEvents, match="has finished"):
        Validator().feed_all([*events, late])
    with pytest.raises(DisorderedEvents, match="not finished"):
        Validator().feed_all(events[:-1]).close()


def test_times_are_exact_to_the_nanosecond() -> None:
    fired = fire(lane("a"), {"a": Say(text="x", first=0.033_001_221)})
    assert of_type(fired, e.FirstToken)[0].t == 33_001_221


def test_candidates_that_do_not_exist_do_not_pass() -> None:
    events = fire(TWO, SAID).events
    end = events[-1]
    orphan = e.CandidateMade(t=end.t, candidate=e.Candidate(id="k9", node="", status="done", parents=("k8",)))
    early = e.CandidateMade(t=end.t, candidate=e.Candidate(id="k9", node="", status="done", calls=("c9",)))
    chosen = e.Selected(t=end.t, node="", winners=("k9",), because="")
    for wrong in (orphan, early, chosen, e.RunFinished(t=end.t, status="done", answer="k9")):
        with pytest.raises(DisorderedEvents):
            Validator().feed_all([*events[:-1], wrong])


@pytest.mark.parametrize(
    ("root", "system"),
    [
        (Judge(judge=lane("a"), of=(lane("b"),), prompt="@nope"), {}),
        (Vote(of=(lane("a"),), extract="nope"), {}),
        (TWO, {"extract": "nope"}),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_spent(root: Any, system: dict[str, Any]) -> None:
    seen: list[e.AnyEvent] = []
    with pytest.raises(InputError, match="nope"):
        fire(root, SAID, system=system, sinks=[seen.append])
    assert seen == []


def test_a_run_whose_keys_a_real_model_extracts_is_real() -> None:
    """Money may be spent though every generator is simulated."""

    models = ScriptedModels({}, {"sim/a": {"kind": "simulated"}})
    root = parse_system("vote(2*sim/a)").root
    assert kind_of_run(System(root=root), models) == "simulated"
    assert kind_of_run(System(root=root, extract="model:real/x"), models) == "real"
    assert kind_of_run(parse_system('vote[extract="model:real/x"](2*sim/a)'), models) == "real"
