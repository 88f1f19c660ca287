"""Steps in a row."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workbench.engine import prompts
from workbench.engine.events import Candidate
from workbench.engine.scope import Place, Scope
from workbench.engine.task import Task
from workbench.systems.nodes import AnyNode, Chain


async def chain(node: Chain, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the last step's candidates. A step before it hands on its first answer, or all its candidates."""
    for index, step in enumerate(node.steps[:-1]):
        task = await _step(node, index, step, task, scope)
    async with scope.candidates(_copies(len(node.steps) - 1, node.steps[-1]), task) as candidates:
        async for candidate in candidates:
            yield candidate
        if not candidates.done():
            yield scope.best_effort(candidates.seen, candidates.reasons())


async def _step(node: Chain, index: int, step: AnyNode, task: Task, scope: Scope) -> Task:
    async with scope.candidates(_copies(index, step), task) as found:
        async for candidate in found:
            if node.carry == "rewrite" and candidate.status == "done":
                break
        done = found.done() or [scope.best_effort(found.seen, found.reasons())]
    query = task.original or task.query
    if node.carry == "rewrite":
        return task.asking(done[0].text, parents=(done[0].id,))
    template = prompts.load("layer", node.prompt)
    text = template.fill(query=query, candidates=prompts.lettered([c.text for c in done]))
    return task.asking(text, parents=tuple(c.id for c in done))


def _copies(index: int, step: AnyNode) -> list[Place]:
    return [Place(f"steps.{index}", step, i, step.replicas) for i in range(1, step.replicas + 1)]
