"""Simulated and recorded models in whole systems, in simulated time: what the theory says comes out."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.analysis.answers import equal
from workbench.engine.clock import run_virtual
from workbench.engine.events import AnyEvent, encode
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.base import ModelInfo, Provider
from workbench.models.recorded import RecordedProvider
from workbench.models.simulated import SimulatedProvider
from workbench.systems.notation import parse_system

QUERY = "What is 6 × 7?"


class Offline:
    """Models that need nothing."""

    def __init__(self) -> None:
        self._providers: dict[str, Provider] = {"sim": SimulatedProvider(), "recorded": RecordedProvider()}

    def info(self, model: str) -> ModelInfo:
        return self.provider(model).info(model)

    def provider(self, model: str) -> Provider:
        return self._providers[model.partition("/")[0]]

    async def aclose(self) -> None:
        return None


def _run(line: str, seed: int = 1, query: str = QUERY, sink: Callable[[AnyEvent], None] | None = None) -> RunView:
    sinks = [] if sink is None else [sink]
    main = execute(parse_system(line), Task.of(query), Offline(), sinks=sinks, seed=seed, started_at=0, run_id="r")
    return run_virtual(main)


def _accuracy(line: str, runs: int) -> float:
    views = [_run(line, seed) for seed in range(runs)]
    assert all(view.kind == "simulated" for view in views)
    return statistics.fmean(view.answer is not None and equal(view.answer.key or "", "42") for view in views)


@pytest.mark.parametrize("line", ["vote(5*sim/flaky)", "judge[sim/judge](race[take=2](4*sim/thinker))"])
def test_the_same_seed_is_the_same_run_to_the_byte(line: str) -> None:
    def events(seed: int) -> list[bytes]:
        written: list[bytes] = []
        _run(line, seed, sink=lambda event: written.append(encode(event)))
        return written

    assert events(7) == events(7)
    assert events(7) != events(8)


@pytest.mark.parametrize(("replicas", "expected"), [(1, 0.6), (3, 0.793)])
def test_accept_first_verification_follows_its_formula(replicas: int, expected: float) -> None:
    """Acc(K) for p = .6, c = .9, s = .7 (Davis et al. 2024): .600 at K = 1, .793 at K = 3."""
    generator = "sim/instant:accuracy-0.6"
    line = f"verify[sim/instant:accept-0.9:reject-0.7, fallback=random]({replicas}*{generator})"
    assert _accuracy(line, 400) == pytest.approx(expected, abs=0.06)


def test_voting_helps_where_each_is_right_more_often_than_not() -> None:
    one = _accuracy("sim/instant:accuracy-0.65", 200)
    nine = _accuracy("vote(9*sim/instant:accuracy-0.65)", 200)
    assert nine > one + 0.15


def test_first_to_finish_is_right_more_often_where_wrong_ones_ramble() -> None:
    model = "sim/thinker:difficulty-0:accuracy-0.5:ramble-3:chunk-50"
    assert _accuracy(f"race(5*{model})", 150) > _accuracy(model, 150) + 0.15


def test_retries_of_a_flaky_model_are_new_draws() -> None:
    views = [_run("sim/instant:fail-0.5", seed) for seed in range(60)]
    assert sum(view.status == "done" for view in views) > 40
    assert any(call.attempt > 1 for view in views for call in view.calls.values())


def test_a_race_over_recorded_samples_takes_the_recorded_time(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    samples = [
        {"text": "Final answer: 41", "latency_s": 9.0, "completion_tokens": 90, "prompt_tokens": 5},
        {"text": "Final answer: 42", "latency_s": 2.5, "completion_tokens": 20, "prompt_tokens": 5},
        {"text": "", "latency_s": 1.0, "error": "overloaded"},
    ]
    path.write_text("\n".join(json.dumps(sample) for sample in samples))
    view = _run(f'race(3*"recorded/{path}"{{retries=0}})')
    assert view.kind == "recorded"
    assert view.answer is not None
    assert view.answer.key == "42"
    assert view.t / 1e9 == pytest.approx(2.5, abs=0.01)
    assert sorted(call.status or "" for call in view.calls.values()) == ["cancelled", "done", "failed"]
