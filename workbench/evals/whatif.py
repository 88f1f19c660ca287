"""What a system would have made of recorded draws: what the engine does while its models replay a pool and its clock
is simulated, worked out directly where every call is answered by a draw. Nothing is called or paid.

Which draws a run meets is drawn with a seed, never one twice. What a cancelled draw has received by then is its tokens
in proportion to the time it had, as in the curves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, structs

from workbench.analysis.clusters import same
from workbench.analysis.draws_exact import Figures
from workbench.analysis.measures import Cell, Measured
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import Band, bands
from workbench.engine.clock import run_virtual
from workbench.engine.limits import Limits
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.evals import direct
from workbench.evals.asking import TESTS, check
from workbench.evals.caveats import caveats
from workbench.evals.outcomes import Outcome, dice_for, orders, spent
from workbench.evals.replay import Replay
from workbench.systems import tree
from workbench.systems.nodes import Model, Node, System
from workbench.systems.notation import print_node

Path: TypeAlias = Literal["engine", "direct", "both"]


class WhatIf(Struct, frozen=True, kw_only=True):
    """A system on a pool."""

    measured: Measured
    outcomes: tuple[Outcome, ...]
    path: Path
    """Which way it was computed: through the engine, or directly (see `direct`), which a test holds equal; both where
    draws end at the same moment, and the engine must say which is first."""
    seed: int
    notes: tuple[str, ...] = ()
    """What it can't know, a sentence each."""


class Stopped(Exception):
    """It was not wanted any more."""


def evaluate(
    system: System,
    pool: Pool,
    *,
    runs: int = 1_000,
    seed: int = 7,
    shuffle: bool = True,
    engine: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> WhatIf:
    """`runs` runs in all, spread evenly over the pool's tasks, at least one each. Without `shuffle` every run takes the
    draws in their recorded order. `engine` takes no short way. `stop` is asked before each run. Must not be called
    inside a running event loop.

    Raises `InputError` where `asking.check` does, and `Stopped`.
    """
    check(system, pool)
    patient = _patient(system)
    repeats = max(1, round(runs / max(1, len(pool.tasks))))
    if engine or not direct.fits(patient, pool):
        known: list[Outcome | None] = [None] * (repeats * len(pool.tasks))
    else:
        known = []
        for outcome in direct.outcomes(patient, pool, repeats=repeats, seed=seed, shuffle=shuffle):
            known.append(outcome)
            _go_on(stop)
    asked = sum(outcome is None for outcome in known)
    outcomes = run_virtual(_through_engine(patient, pool, known, seed, shuffle, stop)) if asked else _all(known)
    path: Path = "direct" if not asked else "engine" if asked == len(known) else "both"
    return WhatIf(
        measured=_measured(system, pool, outcomes),
        outcomes=tuple(outcomes),
        path=path,
        seed=seed,
        notes=caveats(system, pool, outcomes),
    )


def _go_on(stop: Callable[[], bool]) -> None:
    if stop():
        raise Stopped


def _all(known: Sequence[Outcome | None]) -> list[Outcome]:
    return [outcome for outcome in known if outcome is not None]


def _patient(system: System) -> System:
    """No limit on the first token and on silence: a draw is recorded with its end alone, and comes whole."""
    return structs.replace(system, root=tree.transform(system.root, _waiting))


def _waiting(node: Node) -> Node:
    return structs.replace(node, first_token_timeout=None, idle_timeout=None) if isinstance(node, Model) else node


async def _through_engine(
    system: System,
    pool: Pool,
    known: Sequence[Outcome | None],
    seed: int,
    shuffle: bool,
    stop: Callable[[], bool],
) -> list[Outcome]:
    """All runs in their order; those that are known already are not run."""
    found: list[Outcome] = []
    limits, repeats = Limits(), len(known) // len(pool.tasks)
    tested = any(isinstance(node, Model) and node.model in TESTS for _, node in tree.walk(system.root))
    for task, draws in pool.tasks.items():
        question = Task.of(pool.prompts.get(task, task), target=pool.targets.get(task))
        for repeat in range(repeats):
            before = known[len(found)]
            if before is not None:
                found.append(before)
                continue
            _go_on(stop)
            order = orders(draws, dice_for(seed, task, repeat) if shuffle else None)
            models = Replay(draws, order)
            view = await execute(
                system,
                question,
                models,
                sinks=[models.note] if tested else (),
                seed=seed + repeat,
                run_id="what-if",
                started_at=0,
                limits=limits,
            )
            found.append(_outcome(task, pool, draws, models, view))
    return found


def _outcome(task: str, pool: Pool, draws: Sequence[Draw], models: Replay, view: RunView) -> Outcome:
    share = models.share
    drawn = {call.id: models.drawn.get(id(call.request)) for call in view.calls.values()}
    answer = view.answer if view.status == "done" else None
    index = drawn.get(answer.calls[-1]) if answer is not None and answer.calls else None
    correct: bool | None = None
    if answer is None:
        correct = False
    elif index is not None and not answer.parents:
        correct = draws[index].correct
    elif (target := pool.targets.get(task)) is not None:
        correct = same(answer.key, target, view.extract)
    score = next(iter(view.disagreements.values()), None)
    return Outcome(
        task=task,
        status=view.status or "",
        draw=index,
        correct=correct,
        latency=view.t / 1e9,
        tokens=spent([(draws[i].tokens, 0, part) for i, part in share.items()]),
        cost=spent([(draws[i].cost, draws[i].prompt_cost or 0, part) for i, part in share.items()]),
        disagreement=None if score is None else score.score,
        lost=models.lost,
    )


def _measured(system: System, pool: Pool, outcomes: Sequence[Outcome]) -> Measured:
    by_task: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_task.setdefault(outcome.task, []).append(outcome)
    return Measured(
        system=system.name or print_node(system.root),
        notation=print_node(system.root),
        kind="recorded",
        cells={task: _cell(found) for task, found in by_task.items()},
        runs=pool.runs[:20],
    )


def _cell(found: Sequence[Outcome]) -> Cell:
    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if len(known) == len(values) else None

    latency = mean([o.latency for o in found])
    # Failures are known to be wrong, but alone they would say that all are.
    known = all(o.correct is not None for o in found)
    return Cell(
        repeats=len(found),
        graded=len(found) if known else 0,
        right=sum(bool(o.correct) for o in found) if known else 0,
        cost=mean([o.cost for o in found]),
        latency=None if latency is None else latency * 1e9,
        tokens=mean([o.tokens for o in found]),
        disagreement=mean([o.disagreement for o in found]),
    )


def intervals(found: WhatIf) -> dict[str, Band | None]:
    """Accuracy, latency (seconds), tokens and cost (pico-dollars): means over tasks with bootstrap intervals."""
    import numpy as np

    def figure(value: float | None, scale: float = 1.0) -> Any:
        return None if value is None else np.array([value * scale])

    rows = [
        Figures(
            accuracy=figure(cell.accuracy),
            latency=figure(cell.latency, 1e-9),
            tokens=figure(cell.tokens),
            cost=figure(cell.cost),
        )
        for cell in found.measured.cells.values()
    ]
    return bands(rows, np.random.default_rng(found.seed))
