"""What a system would have made of recorded draws: it runs through the engine as ever, its models replay a pool, its
clock is simulated, and nothing is called or paid.

Which draws a run meets is drawn with a seed, never one twice. What a cancelled draw has received by then is its tokens
in proportion to the time it had, as in the curves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
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
from workbench.errors import ErrorKind, InputError, ModelError
from workbench.evals import whatif_direct
from workbench.evals.outcomes import VERDICT, Outcome, dice_for, orders, spent, text_of
from workbench.models.base import Chunk, Delta, Done, ModelInfo, Request, Usage
from workbench.models.recorded import recorded_model
from workbench.systems import tree
from workbench.systems.nodes import Model, Node, System
from workbench.systems.notation import print_node

Path: TypeAlias = Literal["engine", "direct"]


class WhatIf(Struct, frozen=True, kw_only=True):
    """A system on a pool."""

    measured: Measured
    outcomes: tuple[Outcome, ...]
    path: Path
    """Which way it was computed: through the engine, or directly (see `whatif_direct`), which a test holds equal."""
    seed: int


class Replay:
    """A `Models` that serves one run from one task's draws, and keeps account of what each of them came to."""

    def __init__(self, draws: Sequence[Draw], order: Mapping[str, Sequence[int]]) -> None:
        self._draws = draws
        self._order = {model: list(reversed(indices)) for model, indices in order.items()}
        self._only = next(iter(order)) if len(order) == 1 else None
        self.share: dict[int, float] = {}
        """Draw → how much of it had come when it ended or was cancelled."""
        self.drawn: dict[int, int] = {}
        """`id` of a request, which the run's view keeps → its draw."""
        self._unjudged: list[int] = []

    def info(self, model: str) -> ModelInfo:
        """Every model of the pool is a recorded one."""
        return recorded_model(model)

    def provider(self, model: str) -> Replay:
        return self

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The next draw, whole, when its time has come."""
        if request.model == VERDICT:
            for chunk in self._verdict(request):
                yield chunk
            return
        order = self._order.get(request.model)
        if order is None and self._only == "":
            order = self._order[""]
        if not order:
            hint = "Take fewer replicas: a draw is never used twice in one run."
            what = "has no draw left" if order is not None else "is not among the recorded generators"
            raise ModelError(ErrorKind.NOT_FOUND, what, where=request.model, hint=hint)
        index = order.pop()
        draw, loop = self._draws[index], asyncio.get_running_loop()
        total, began = draw.latency or 0.0, loop.time()
        self.share[index] = 0.0
        self.drawn[id(request)] = index
        try:
            if total:
                await asyncio.sleep(total)
            self.share[index] = 1.0
        except asyncio.CancelledError:
            self.share[index] = min(1.0, (loop.time() - began) / total)
            raise
        text = text_of(draw)
        if not text:
            raise ModelError(ErrorKind.BAD_REQUEST, "recorded failure", where=request.model)
        if draw.done:
            self._unjudged.append(index)
        if draw.thinking:
            yield Delta(draw.thinking, "thinking")
        yield Delta(text)
        yield _end(draw)

    def _verdict(self, request: Request) -> tuple[Chunk, ...]:
        """The recorded word on the draw that the prompt shows; of equal texts, the first that was not judged yet."""
        shown = request.messages[-1].content
        fitting = [i for i in self._unjudged if text_of(self._draws[i]).strip() in shown]
        index = max(fitting, key=lambda i: len(text_of(self._draws[i])), default=None)
        accepted = None if index is None else self._draws[index].accepted
        if index is None or accepted is None:
            raise ModelError(ErrorKind.NOT_FOUND, "no verdict on this draw is recorded", where=request.model)
        self._unjudged.remove(index)
        usage = Usage(prompt_tokens=0, completion_tokens=0, source="reported")
        return Delta("accepted" if accepted else "rejected"), Done(usage=usage, reported_cost=0)


def _end(draw: Draw) -> Done:
    usage = Usage(prompt_tokens=draw.prompt_tokens, completion_tokens=draw.tokens, source="reported")
    return Done(finish_reason="stop" if draw.done else "length", usage=usage, reported_cost=draw.cost)


def evaluate(
    system: System, pool: Pool, *, runs: int = 1_000, seed: int = 7, shuffle: bool = True, engine: bool = False
) -> WhatIf:
    """`runs` runs in all, spread evenly over the pool's tasks, at least one each. Without `shuffle` every run takes the
    draws in their recorded order. `engine` takes no short way. Must not be called inside a running event loop.

    Raises `InputError` for a model that the pool has no draws of.
    """
    _check(system, pool)
    system = _patient(system)
    repeats = max(1, round(runs / max(1, len(pool.tasks))))
    path: Path = "engine" if engine or not whatif_direct.fits(system, pool) else "direct"
    if path == "direct":
        outcomes = whatif_direct.outcomes(system, pool, repeats=repeats, seed=seed, shuffle=shuffle)
    else:
        outcomes = run_virtual(_through_engine(system, pool, repeats, seed, shuffle))
    return WhatIf(measured=_measured(system, pool, outcomes), outcomes=tuple(outcomes), path=path, seed=seed)


def _check(system: System, pool: Pool) -> None:
    known = set(pool.models)
    asked = {node.model for _, node in tree.walk(system.root) if isinstance(node, Model)} - {VERDICT}
    if known != {""} and (missing := asked - known):
        hint = f"It has {', '.join(sorted(known))}; judges and verifiers that are models need draws of their own."
        raise InputError(f"the pool has no draws of {', '.join(sorted(missing))}", where=pool.source, hint=hint)


def _patient(system: System) -> System:
    """No limit on the first token and on silence: a draw is recorded with its end alone, and comes whole."""
    return structs.replace(system, root=tree.transform(system.root, _waiting))


def _waiting(node: Node) -> Node:
    return structs.replace(node, first_token_timeout=None, idle_timeout=None) if isinstance(node, Model) else node


async def _through_engine(system: System, pool: Pool, repeats: int, seed: int, shuffle: bool) -> list[Outcome]:
    found: list[Outcome] = []
    limits = Limits()
    for task, draws in pool.tasks.items():
        question = Task.of(pool.prompts.get(task, task), target=pool.targets.get(task))
        for repeat in range(repeats):
            order = orders(draws, dice_for(seed, task, repeat) if shuffle else None)
            models = Replay(draws, order)
            view = await execute(
                system, question, models, seed=seed + repeat, run_id="what-if", started_at=0, limits=limits
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
    graded = [o for o in found if o.correct is not None]
    return Cell(
        repeats=len(found),
        graded=len(graded),
        right=sum(bool(o.correct) for o in graded),
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
