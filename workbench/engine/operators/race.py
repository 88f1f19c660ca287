"""The first finishers win; the rest are cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.engine.events import Candidate
from workbench.engine.scope import Gathering, Scope
from workbench.engine.task import Task
from workbench.systems.nodes import Race

ORDINALS = {1: "first", 2: "second", 3: "third"}


async def race(node: Race, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the first `take` done candidates by the node's rule; leaving the block cancels the rest."""
    async with scope.candidates(node.of, task, stagger=node.stagger) as candidates:
        winners = 0
        rules = {"first": _first, "thinking": _thinking, "shortest": _shortest}
        async with aclosing(rules[node.rule](node, candidates)) as places:
            async for winner, because in places:
                winners += 1
                scope.choose([winner], because)
                yield winner
                if winners == node.take:
                    break
        if not winners:
            yield scope.best_effort(candidates.seen, candidates.reasons())
        elif node.losers == "finish":
            async for _ in candidates:
                pass
        elif node.grace:
            await _grace(node.grace, candidates)


async def _first(node: Race, candidates: Gathering[Candidate]) -> AsyncGenerator[tuple[Candidate, str], None]:
    place = 0
    async for candidate in candidates:
        if candidate.status == "done":
            place += 1
            yield candidate, f"{ORDINALS.get(place, f'{place}th')} to finish its answer"


async def _thinking(node: Race, candidates: Gathering[Candidate]) -> AsyncGenerator[tuple[Candidate, str], None]:
    """Who finishes thinking first may write its answer; where that fails, the next in line takes its place."""
    line: list[int] = []
    ready: dict[int, Candidate] = {}
    triggered = node.losers == "finish"
    while (found := await candidates.next()) is not None:
        index, item = found
        if isinstance(item, Candidate) and item.status != "done":
            line[:] = [i for i in line if i != index]
        elif index not in line:
            line.append(index)
        if isinstance(item, Candidate) and item.status == "done":
            ready[index] = item
        if len(line) == node.take and not triggered:
            triggered = True
            _cancel_after(node, candidates, line)
        for place, winner in enumerate(line[: node.take], 1):
            if winner in ready:
                yield ready.pop(winner), f"{ORDINALS.get(place, f'{place}th')} to finish thinking"


def _cancel_after(node: Race, candidates: Gathering[Candidate], line: list[int]) -> None:
    """Cancel all but the first in line, now or when the grace is over."""
    if not node.grace:
        candidates.cancel(keep=set(line[: node.take]))
        return
    asyncio.get_running_loop().call_later(node.grace, lambda: candidates.cancel(keep=set(line[: node.take])))


async def _shortest(node: Race, candidates: Gathering[Candidate]) -> AsyncGenerator[tuple[Candidate, str], None]:
    async for _ in candidates:
        pass
    lengths = [c for c in candidates.done() if c.completion_tokens is not None]
    unknown = [c for c in candidates.done() if c.completion_tokens is None]
    for place, candidate in enumerate(sorted(lengths, key=lambda c: c.completion_tokens or 0) + unknown, 1):
        yield candidate, f"{ORDINALS.get(place, f'{place}th')} shortest: {candidate.completion_tokens or '?'} tokens"


async def _grace(seconds: float, candidates: Gathering[Candidate]) -> None:
    try:
        async with asyncio.timeout(seconds):
            async for _ in candidates:
                pass
    except TimeoutError:
        return
