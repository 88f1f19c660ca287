"""ensemble, replicas at the root, and a single model: what comes out, and when the node has failed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.engine.fakes import Say, answer, fire, lane, says
from workbench.engine.task import Task
from workbench.errors import ErrorKind, InputError
from workbench.systems.nodes import Ensemble, Judge, Model, Race, Ref, Vote

THREE = {"a": says(1, first=3), "b": says(2, first=1), "c": says(3, first=2)}
OF = tuple(lane(name) for name in THREE)


def keys(fired: Any) -> list[str | None]:
    return [c.key for c in fired.view.candidates.values()]


def test_an_ensemble_yields_all_as_they_complete() -> None:
    fired = fire(Ensemble(of=OF), THREE)
    assert keys(fired) == ["2", "3", "1"]
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())


def test_children_run_at_once() -> None:
    fired = fire(Ensemble(of=OF), THREE)
    assert {c.started_at for c in fired.view.calls.values()} == {0}
    assert fired.view.t < 4 * 10**9


def test_a_quorum_of_done_candidates_ends_it() -> None:
    fired = fire(Ensemble(of=(lane("bad"), *OF), quorum=2), {**THREE, "bad": Say(text="")})
    assert [c.status for c in fired.view.calls.values()] == ["empty", "cancelled", "done", "done"]


def test_one_failed_replica_is_a_failed_candidate_and_the_node_goes_on() -> None:
    fired = fire(Ensemble(of=OF), {**THREE, "b": Say(error=ErrorKind.AUTH)})
    assert fired.view.status == "done"
    assert [c.status for c in fired.view.candidates.values()] == ["failed", "done", "done"]


def test_one_failed_subtree_is_left_out_too() -> None:
    fired = fire(Vote(of=(Vote(of=(lane("bad"),)), lane("a"))), {**THREE, "bad": Say(error=ErrorKind.AUTH)})
    assert answer(fired) == "Final answer: 1"
    assert fired.view.nodes["of.0"].status == "failed"


def test_a_defect_of_a_provider_is_a_failed_call_too() -> None:
    def broken(request: Any) -> Say:
        raise KeyError("choices")

    fired = fire(Race(of=(lane("a"), lane("broken"))), {**THREE, "broken": broken})
    assert answer(fired) == "Final answer: 1"
    assert "KeyError" in fired.view.calls["c2"].error


@pytest.mark.parametrize("retries", [0, 2])
def test_a_provider_that_cancels_itself_cancels_no_run(retries: int) -> None:
    def gives_up(request: Any) -> Say:
        raise asyncio.CancelledError

    fired = fire(Race(of=(Model(model="quits", retries=retries), lane("a"))), {**THREE, "quits": gives_up})
    assert answer(fired) == "Final answer: 1"
    assert fired.view.calls["c1"].error == "CancelledError"
    assert fire(lane("quits"), {"quits": gives_up}).view.status == "failed"


def test_replicas_differ_in_seed_and_sample_index_and_nothing_else() -> None:
    fired = fire(Ensemble(of=(lane("a", replicas=3, temperature=0.7),)), THREE)
    requests = fired.models.requests
    assert len({r.seed for r in requests}) == 3
    assert [r.replica for r in requests] == [1, 2, 3]
    blank = {(r.model, r.messages, r.temperature, r.group, r.group_size) for r in requests}
    assert len(blank) == 1


def test_replicas_at_the_root_are_an_ensemble() -> None:
    fired = fire(lane("a", replicas=3), {"a": [says(1), says(2), says(2)]})
    assert [c.node for c in fired.view.candidates.values()] == ["#1", "#2", "#3"]
    assert fired.view.disagreements[""].n == 3
    assert answer(fired) == "Final answer: 1"


def test_replicas_of_any_node_at_the_root() -> None:
    fired = fire(Vote(of=(lane("a", replicas=2),), replicas=2), {"a": [says(1), says(1), says(2), says(2)]})
    assert set(fired.view.nodes) == {"#1", "#2"}
    assert len(fired.view.calls) == 4


def test_replicas_at_the_root_fail_together() -> None:
    fired = fire(lane("a", replicas=2), {"a": Say(error=ErrorKind.AUTH)})
    assert fired.view.status == "failed"
    assert "scripted auth" in fired.view.reason


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_truncated_model_at_the_root_passes_degraded_or_fails(replicas: int) -> None:
    said = {"a": says(1, finish="length")}
    fired = fire(lane("a", replicas=replicas), said)
    assert fired.view.status == "degraded"
    assert fired.view.answer is not None
    assert fired.view.answer.degraded
    strict = fire(lane("a", replicas=replicas), said, system={"on_none": "fail"})
    assert strict.view.status == "failed"
    assert strict.view.reason == "truncated"


def test_a_model_node_shapes_its_request() -> None:
    node = Model(model="a", system="Be brief.", prompt="Q: {prompt}", temperature=0.5, max_tokens=9, stop=("\n",))
    request = fire(node, THREE, task=Task.of("hi", system="Be long.")).models.requests[0]
    assert [(m.role, m.content) for m in request.messages] == [("system", "Be brief."), ("user", "Q: hi")]
    assert (request.temperature, request.max_tokens, request.stop) == (0.5, 9, ("\n",))


def test_thinking_is_no_answer() -> None:
    fired = fire(lane("a"), {"a": Say(thinking="Final answer: 9", text="Final answer: 8")})
    assert fired.view.answer is not None
    assert fired.view.answer.key == "8"
    assert fired.view.answer.thinking.strip() == "Final answer: 9"
    assert fire(lane("a"), {"a": Say(thinking="hm", text="")}).view.calls["c1"].status == "empty"


def test_an_unresolved_reference_is_refused_before_anything_is_spent() -> None:
    with pytest.raises(InputError, match="not resolved"):
        fire(Judge(judge=lane("a"), of=(Ref(ref="mine"),)), THREE)
