"""Laws that hold for every tree of models that finish, fail or hang, in simulated time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.fakes import Fired, Say, encoded, fire
from tests.laws import examples
from workbench.engine import events as e
from workbench.engine.control import Control
from workbench.engine.view import RunView
from workbench.errors import ErrorKind
from workbench.systems.nodes import (
    Agreement,
    AnyNode,
    Best,
    Branch,
    Budget,
    Cascade,
    Chain,
    Contains,
    Debate,
    Ensemble,
    Filter,
    Judge,
    Model,
    Race,
    Refine,
    Regex,
    Route,
    Verify,
    Vote,
)

NAMES = ("a", "b", "c")
TEXTS = ("", "A", "B", "left", "A > B", "Final answer: 1", "Final answer: 2", "Verdict: accepted", "7", "so so so so")

replies = st.builds(
    Say,
    text=st.sampled_from(TEXTS),
    thinking=st.sampled_from(["", "hm", "hm hm hm"]),
    first=st.sampled_from([0.0, 0.1, 1.0, 7.0]),
    gap=st.sampled_from([0.0, 0.1, 2.0]),
    finish=st.sampled_from(["stop", "stop", "stop", "stop", "length", "content_filter", "none", "hang"]),
    error=st.sampled_from([None, None, None, None, *ErrorKind]),
    error_after=st.integers(0, 2),
    status=st.sampled_from([None, 429, 500]),
    retry_after=st.sampled_from([None, 0.0, 3.0]),
    tokens=st.sampled_from([None, 1, 50]),
)
scripts = st.fixed_dictionaries({name: st.lists(replies, min_size=1, max_size=4) for name in NAMES})
copies = st.integers(1, 3)
leaves = st.builds(
    Model,
    model=st.sampled_from(NAMES),
    replicas=copies,
    retries=st.integers(0, 2),
    first_token_timeout=st.sampled_from([3.0, 60.0]),
    idle_timeout=st.just(5.0),
    timeout=st.sampled_from([20.0, None]),
    max_tokens=st.sampled_from([None, 1, 100]),
)


def of_(nodes: st.SearchStrategy[AnyNode], most: int = 2) -> st.SearchStrategy[tuple[AnyNode, ...]]:
    return st.lists(nodes, min_size=1, max_size=most).map(tuple)


def _built(kind: type[Any], nodes: st.SearchStrategy[AnyNode], **fields: st.SearchStrategy[Any]) -> Any:
    return st.builds(kind, of=of_(nodes), replicas=st.integers(1, 2), **fields)


def branches(nodes: st.SearchStrategy[AnyNode]) -> st.SearchStrategy[tuple[Branch, ...]]:
    pair = st.tuples(nodes, nodes)
    return pair.map(lambda p: (Branch(label="left", to=p[0]), Branch(label="else", to=p[1])))


def grown(nodes: st.SearchStrategy[AnyNode]) -> st.SearchStrategy[AnyNode]:
    """Every operator over smaller trees, its options drawn too."""
    tests = st.one_of(nodes, st.just(Regex(pattern="1")), st.just(Contains(text="2")))
    fallback = st.sampled_from(["random", "first", "plurality", "none"])
    race = {"take": copies, "rule": st.sampled_from(["first", "thinking", "shortest"])}
    race |= {"losers": st.sampled_from(["cancel", "finish"]), "grace": st.sampled_from([0.0, 2.0])}
    race |= {"stagger": st.sampled_from([0.0, 1.0])}
    vote = {"stop": st.sampled_from(["all", "decided"]), "tie": st.sampled_from(["first", "shortest", "random"])}
    vote |= {"extract": st.sampled_from(["auto", "number"])}
    vote |= {"weights": st.sampled_from(["none", "verifier", "probability"])}
    judge = {"mode": st.sampled_from(["synthesize", "select", "rank"]), "swap": st.booleans()}
    judge |= {"see": st.sampled_from(["children", "all"]), "quorum": st.sampled_from([None, 1])}
    judge |= {"wait": st.sampled_from([None, 1.0])}
    verify = {"mode": st.sampled_from(["parallel", "serial"]), "votes": st.integers(1, 2)}
    return st.one_of(
        _built(Ensemble, nodes, quorum=st.sampled_from([None, 1, 2])),
        _built(Race, nodes, **race),
        _built(Vote, nodes, **vote),
        _built(Judge, nodes, judge=nodes, **judge),
        _built(Verify, nodes, verifier=tests, fallback=fallback, **verify),
        _built(Filter, nodes, verifier=tests, fallback=fallback),
        _built(Best, nodes, scorer=tests, take=copies),
        _built(Cascade, nodes, accept=st.one_of(tests, st.just(Agreement()))),
        _built(Refine, nodes, critic=tests, rounds=st.integers(1, 2)),
        _built(Debate, nodes, rounds=st.integers(1, 2)),
        st.builds(Route, router=nodes, branches=branches(nodes)),
        st.builds(Chain, steps=of_(nodes), carry=st.sampled_from(["rewrite", "candidates"])),
    )


trees = st.one_of(leaves, grown(leaves), grown(st.one_of(leaves, grown(leaves))))
options = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 3),
        "info": st.fixed_dictionaries({"max_concurrency": st.sampled_from([None, 1, 3])}),
        "billing": st.sampled_from(["stops", "continues", "unknown"]),
        "system": st.fixed_dictionaries({"on_none": st.sampled_from(["best_effort", "fail"])}),
    }
)
budgets = st.builds(
    Budget,
    max_usd=st.sampled_from([None, 5e-7, 5e-6]),
    max_tokens=st.sampled_from([None, 20, 200]),
    deadline=st.sampled_from([None, 0.5, 6.0]),
)
quick = settings(deadline=None, max_examples=examples(60), derandomize=True, suppress_health_check=list(HealthCheck))
thorough = settings(quick, max_examples=3_000, derandomize=False)


def _conserved(fired: Fired) -> None:
    """`fire` has seen to it that no task and no stream is left and that the events' order is right."""
    view = fired.view
    assert view.finished
    assert all(call.state == "ended" for call in view.calls.values())
    costs = [call.cost for call in view.calls.values()]
    assert view.cost() == (None if None in costs else sum(cost or 0 for cost in costs))
    finished = {event.call: event.cost for event in fired.events if isinstance(event, e.CallFinished)}
    assert finished == {call.id: call.cost for call in view.calls.values()}
    for call in view.calls.values():
        if call.cost is not None and call.cost_low is not None:
            assert call.cost_low <= call.cost
            assert call.cost_high is None or call.cost <= call.cost_high
    if view.status == "done":
        assert view.answer is not None
        assert (view.answer.status, view.answer.degraded) == ("done", False)
    if view.status == "failed":
        assert view.answer is None
        assert view.reason


def _refolded(fired: Fired) -> None:
    """Encoded, decoded and folded again, the events give the same view."""
    again = RunView().apply_all(e.decode(data) for data in encoded(fired.events))
    live, replayed = fired.view.to_json(), again.to_json()
    assert replayed == live
    assert _plain(again) == _plain(fired.view)


def _plain(view: RunView) -> dict[str, Any]:
    """All of a view, its texts joined."""
    fields = {name: getattr(view, name) for name in RunView.__struct_fields__ if name != "calls"}
    calls = {}
    for identity, call in view.calls.items():
        calls[identity] = {name: getattr(call, name) for name in call.__struct_fields__}
        calls[identity] |= {"text": str(call.text), "thinking": str(call.thinking)}
    return {**fields, "calls": calls}


def _holds(root: AnyNode, said: dict[str, Any], how: dict[str, Any]) -> None:
    fired = fire(root, said, **how)
    _conserved(fired)
    _refolded(fired)


def _stopped(root: AnyNode, said: dict[str, Any], how: dict[str, Any], stop: Any) -> None:
    if isinstance(stop, Budget):
        fired = fire(root, said, budget=stop, **how)
        latest = stop.deadline
    else:
        fired = fire(root, said, at={stop: Control.stop}, **how)
        latest = stop
    _conserved(fired)
    assert latest is None or fired.view.t <= latest * 1e9
    if fired.view.budget_reached is not None:
        assert fired.view.status == "stopped"


def _cancelled(root: AnyNode, said: dict[str, Any], how: dict[str, Any], when: float) -> None:
    fired = fire(root, said, cancel_at=when, **how)
    _conserved(fired)
    assert fired.view.t <= when * 1e9
    assert fired.view.status == "cancelled" or fired.view.t < when * 1e9


def _repeats(root: AnyNode, said: dict[str, Any], how: dict[str, Any]) -> None:
    how = {**how, "info": {**how["info"], "kind": "simulated"}}
    assert encoded(fire(root, said, **how).events) == encoded(fire(root, said, **how).events)


moments = st.sampled_from([0.05, 1.05, 4.05])
stops = st.one_of(budgets, moments)


@quick
@given(trees, scripts, options)
def test_every_run_ends_whole_and_its_events_tell_all_of_it(root: AnyNode, said: Any, how: Any) -> None:
    _holds(root, said, how)


@quick
@given(trees, scripts, options, stops)
def test_a_run_ended_early_ends_as_whole(root: AnyNode, said: Any, how: Any, stop: Any) -> None:
    _stopped(root, said, how, stop)


@quick
@given(trees, scripts, options, moments)
def test_a_run_whose_task_is_cancelled_closes_everything(root: AnyNode, said: Any, how: Any, when: Any) -> None:
    _cancelled(root, said, how, when)


@quick
@given(trees, scripts, options)
def test_the_same_seed_gives_the_same_bytes(root: AnyNode, said: Any, how: Any) -> None:
    _repeats(root, said, how)


@pytest.mark.slow
@thorough
@given(trees, scripts, options, stops, moments)
def test_all_laws_on_very_many_trees(root: AnyNode, said: Any, how: Any, stop: Any, when: float) -> None:
    _holds(root, said, how)
    _stopped(root, said, how, stop)
    _cancelled(root, said, how, when)
    _repeats(root, said, how)
