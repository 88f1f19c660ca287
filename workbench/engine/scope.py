"""What an operator works with: its place in the tree, its children's candidates as they complete, and its word.

`scope.candidates(children, task)` is the one mechanism: it starts all children at once, merges what they yield in
completion order, and cancels what is left when its block is left. No task outlives it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import msgspec
from msgspec import Struct

from workbench.engine import events as e
from workbench.engine.calls import Item
from workbench.engine.task import Task
from workbench.systems.nodes import AnyNode, Best, Chain, Debate, Ensemble, Filter, Model, Race, Route
from workbench.systems.tree import join

if TYPE_CHECKING:
    from workbench.engine.run import Run

T = TypeVar("T")


class NodeFailed(Exception):
    """A node can't satisfy its rule. `candidate` is the best effort where there is one."""


class Place(Struct, frozen=True):
    """One child to be run: where it stands, and which replica it is."""

    step: str
    node: AnyNode
    replica: int = 1
    replicas: int = 1


def places(children: Sequence[AnyNode], field: str = "of") -> list[Place]:
    """Every replica of every child."""
    return [
        Place(f"{field}.{index}", node, replica, node.replicas)
        for index, node in enumerate(children)
        for replica in range(1, node.replicas + 1)
    ]


def most(node: AnyNode) -> int:
    """How many candidates one replica of the node yields, at most."""
    if isinstance(node, Chain):
        return most(node.steps[-1]) * node.steps[-1].replicas
    if isinstance(node, Route):
        return max(most(branch.to) * branch.to.replicas for branch in node.branches)
    if isinstance(node, Race | Best):
        return min(node.take, _most_of(node.of))
    if isinstance(node, Ensemble | Filter | Debate):
        return _most_of(node.of)
    return 1


def _most_of(children: Sequence[AnyNode]) -> int:
    return sum(most(child) * child.replicas for child in children)


class Scope:
    """A node at work."""

    def __init__(self, run: Run, node: AnyNode, path: str, *, replica: int = 1, replicas: int = 1) -> None:
        self.run = run
        self.node = node
        self.step_path = path
        """Path without the node's own replica number."""
        self.path = f"{path}#{replica}" if replicas > 1 else path
        self.replica = replica
        self.replicas = replicas
        self._asking: dict[str, set[int]] = {}

    @cached_property
    def random(self) -> random.Random:
        """This node's own dice, from the run's seed; most nodes never throw them."""
        return random.Random(f"{self.run.seed}:{self.path}")

    def at(self, place: Place) -> Scope:
        """The scope of a child."""
        path = join(self.path, place.step)
        return Scope(self.run, place.node, path, replica=place.replica, replicas=place.replicas)

    async def stream(self, task: Task) -> AsyncGenerator[Item, None]:
        """Run this node: its candidates (and, from a model, its milestones) as they come. Raises `NodeFailed`."""
        from workbench.engine.operators import OPERATORS

        if not isinstance(self.node, Model):
            self.run.emit(e.NodeStarted(t=self.run.now(), node=self.path, kind=_tag(self.node)))
        status: e.NodeStatus = "cancelled"
        reason = ""
        try:
            async with aclosing(OPERATORS[type(self.node)](self.node, task, self)) as items:
                async for item in items:
                    yield item
            status = "done"
        except NodeFailed as failure:
            status, reason = "failed", str(failure)
            raise
        except GeneratorExit:
            status = "done"
            raise
        finally:
            if not isinstance(self.node, Model):
                self.run.emit(e.NodeFinished(t=self.run.now(), node=self.path, status=status, reason=reason))

    def candidates(
        self,
        children: Sequence[AnyNode] | Sequence[Place],
        task: Task | Sequence[Task],
        *,
        field: str = "of",
        stagger: float = 0.0,
    ) -> Gathering[Any]:
        """All children at once; `async with` it, then `async for` it. `task` may be one for each place."""
        where = [c for c in children if isinstance(c, Place)] or places(cast("Sequence[AnyNode]", children), field)
        tasks = [task] * len(where) if isinstance(task, Task) else list(task)
        return Gathering(self, list(zip(where, tasks, strict=True)), stagger=stagger)

    async def ask(self, node: AnyNode, field: str, task: Task, *, cut_off: bool = False) -> e.Candidate:
        """One answer from a single node that is this node's argument: a judge, a verifier. Raises `NodeFailed`.

        `cut_off`: a truncated answer will do where there is no other and best effort is wanted.

        A network that is asked of several candidates at once stands at a path of its own each time: `verifier`,
        `verifier#2`.
        """
        if isinstance(node, Model):
            return await self.answer(Place(field, msgspec.structs.replace(node, replicas=1)), task, cut_off=cut_off)
        busy = self._asking.setdefault(field, set())
        number = next(i for i in itertools.count(1) if i not in busy)
        busy.add(number)
        try:
            place = Place(field, msgspec.structs.replace(node, replicas=1), number, number)
            return await self.answer(place, task, cut_off=cut_off)
        finally:
            busy.discard(number)

    async def answer(self, place: Place, task: Task, *, cut_off: bool = False) -> e.Candidate:
        """The first done candidate of a child, else `NodeFailed` with the reasons; for `cut_off` see `ask`."""
        async with self.candidates([place], task) as found:
            candidate = await first_done(found)
            if candidate is None and cut_off and self.run.system.on_none == "best_effort":
                candidate = max(_cut_off(found.seen), key=lambda c: len(c.text), default=None)
            if candidate is None:
                raise NodeFailed(found.reasons())
            return candidate

    def choose(self, winners: Iterable[e.Candidate], because: str, considered: Iterable[e.Candidate] = ()) -> None:
        """Say who won and why. Candidates of arguments (a network that verifies) are not announced, nor chosen."""
        winners, known = list(winners), self.run.view.candidates
        if winners and not any(c.id in known for c in winners):
            return
        event = e.Selected(
            t=self.run.now(),
            node=self.path,
            winners=tuple(c.id for c in winners if c.id in known),
            because=because,
            considered=tuple(c.id for c in considered if c.id in known),
        )
        self.run.emit(event)

    def changed(self, candidate: e.Candidate, **fields: Any) -> e.Candidate:
        """The candidate with more known of it: verified, scored, degraded."""
        candidate = msgspec.structs.replace(candidate, **fields)
        role, _ = self.run.made[candidate.id]
        self.run.made[candidate.id] = (role, candidate)
        if role == "generate":
            self.run.emit(e.CandidateMade(t=self.run.now(), candidate=candidate))
        return candidate

    def make(
        self, answer: e.Candidate, task: Task, parents: Iterable[e.Candidate], *, calls: tuple[str, ...] = ()
    ) -> e.Candidate:
        """A new candidate of this node, written by the answer's calls from its parents."""
        return self.run.candidate(
            task,
            node=self.path,
            status=answer.status,
            text=answer.text,
            thinking=answer.thinking,
            calls=calls or answer.calls,
            parents=tuple(c.id for c in parents),
            completion_tokens=answer.completion_tokens,
            mean_logprob=answer.mean_logprob,
        )

    def best_effort(self, seen: Sequence[e.Candidate], reasons: str) -> e.Candidate:
        """No candidate is done: the longest truncated text, marked degraded, or `NodeFailed`."""
        texts = _cut_off(seen)
        if self.run.system.on_none == "fail" or not texts:
            raise NodeFailed(reasons)
        best = max(texts, key=lambda c: len(c.text))
        best = best if best.degraded else self.changed(best, degraded=True)
        self.choose([best], f"no candidate is done ({reasons}); the longest text passes, degraded", seen)
        return best

    def warn(self, message: str) -> None:
        """Tell the user something about this node."""
        self.run.emit(e.Warned(t=self.run.now(), node=self.path, message=message))

    def below(self, task: Task) -> list[e.Candidate]:
        """Every done candidate made for this task anywhere below this node so far."""
        head = f"{self.path}/" if self.path else ""
        found = [c for role, c in self.run.made.values() if role == task.purpose.role and c.status == "done"]
        return [c for c in found if c.node.startswith(head) and c.node != self.path]


class _End(Struct, frozen=True):
    error: BaseException | None = None


class Gathering(Generic[T]):
    """Children at work. Iterating yields their candidates in completion order; leaving the block cancels the rest."""

    def __init__(self, scope: Scope, work: list[tuple[Place, Task]], *, stagger: float) -> None:
        self.seen: list[e.Candidate] = []
        self._scope = scope
        self._work = work
        self._stagger = stagger
        self._queue: asyncio.Queue[tuple[int, Item | _End]] = asyncio.Queue()
        self._pumps: list[asyncio.Task[None]] = []
        self._failures: list[str] = []
        self._working = len(work)
        self._due = [most(place.node) for place, _ in work]

    async def __aenter__(self) -> Self:
        self._pumps = [
            asyncio.create_task(self._pump(index, place, task)) for index, (place, task) in enumerate(self._work)
        ]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await ended(self._pumps)
        if exc[0] is None or exc[0] is NodeFailed:
            self._scope.run.score(self._scope.path, self.seen)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> e.Candidate:
        while (found := await self.next()) is not None:
            if isinstance(found[1], e.Candidate):
                return found[1]
        raise StopAsyncIteration

    async def next(self) -> tuple[int, Item] | None:
        """(index of the child, candidate or milestone) as they come; None when all children have ended."""
        while (step := await self.step()) is not None:
            if not isinstance(step[1], _End):
                return step[0], step[1]
        return None

    async def step(self) -> tuple[int, Item | _End] | None:
        """As `next`, a child's end included: it lowers what is outstanding."""
        if not self._working:
            return None
        index, item = await self._queue.get()
        if isinstance(item, _End):
            self._working -= 1
            self._due[index] = 0
            if item.error is not None:
                raise item.error
        elif isinstance(item, e.Candidate):
            self.seen.append(item)
            self._due[index] = max(0, self._due[index] - 1)
        return index, item

    @property
    def outstanding(self) -> int:
        """How many candidates may still come, at most."""
        return sum(self._due)

    def cancel(self, keep: set[int]) -> None:
        """End all children but these."""
        for index, pump in enumerate(self._pumps):
            if index not in keep:
                pump.cancel()

    def done(self) -> list[e.Candidate]:
        """The candidates so far that may win."""
        return [c for c in self.seen if c.status == "done"]

    def reasons(self) -> str:
        """Why no candidate is done."""
        said = [c.error or c.status for c in self.seen if c.status != "done"] + self._failures
        return "; ".join(dict.fromkeys(said)) or "no candidate"

    async def _pump(self, index: int, place: Place, task: Task) -> None:
        error: BaseException | None = None
        try:
            if self._stagger and index:
                await self._scope.run.pause(self._stagger * index)
            async with aclosing(self._scope.at(place).stream(task)) as items:
                async for item in items:
                    self._queue.put_nowait((index, item))
        except NodeFailed as failure:
            self._failures.append(str(failure))
        except Exception as unexpected:  # a defect must reach the run, not vanish in a task
            error = unexpected
        finally:
            self._queue.put_nowait((index, _End(error)))


def _cut_off(seen: Iterable[e.Candidate]) -> list[e.Candidate]:
    return [c for c in seen if c.status == "truncated" and c.text.strip()]


async def first_done(found: Gathering[Any]) -> e.Candidate | None:
    """The first candidate that may win; None where none of them may."""
    async for candidate in found:
        if candidate.status == "done":
            return candidate
    return None


async def judged(
    found: Gathering[Any], verdict: Callable[[e.Candidate], Awaitable[T]]
) -> AsyncGenerator[tuple[e.Candidate, T], None]:
    """(candidate, verdict) of every done candidate, examined as it comes, yielded as the verdicts come."""
    results: asyncio.Queue[tuple[e.Candidate, T] | BaseException | None] = asyncio.Queue()
    examiners: list[asyncio.Task[None]] = []

    async def examine(candidate: e.Candidate) -> None:
        try:
            results.put_nowait((candidate, await verdict(candidate)))
        except Exception as error:
            results.put_nowait(error)

    async def read() -> None:
        try:
            async for candidate in found:
                if candidate.status == "done":
                    examiners.append(asyncio.create_task(examine(candidate)))
            await asyncio.gather(*examiners)
            results.put_nowait(None)
        except Exception as error:
            results.put_nowait(error)

    reader = asyncio.create_task(read())
    try:
        while (result := await results.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        await ended([reader, *examiners])


async def ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and wait until they are over, also when this task is cancelled meanwhile."""
    for task in tasks:
        task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _tag(node: AnyNode) -> str:
    from workbench.systems.nodes import kind_of

    return kind_of(node)
