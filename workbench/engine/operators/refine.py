"""A generator and a critic take turns."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workbench.analysis.canonical import normalised
from workbench.engine import prompts
from workbench.engine.events import Candidate
from workbench.engine.scope import NodeFailed, Scope, first_done
from workbench.engine.task import Task
from workbench.engine.verdicts import criticise
from workbench.systems.nodes import Refine


async def refine(node: Refine, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield one answer: when the critic is content, when it stops changing, or after `rounds` revisions."""
    async with scope.candidates(node.of, task) as found:
        answer = await first_done(found)
        if answer is None:
            yield scope.best_effort(found.seen, found.reasons())
            return
    query = task.original or task.query
    template = prompts.load("refine")
    because = f"after {node.rounds} revisions"
    for number in range(node.rounds):
        try:
            verdict = await criticise(scope, node.critic, answer, task, prompt=node.prompt)
        except NodeFailed as failure:
            because = f"the critic gave no answer: {failure}"
            break
        if verdict.accepted:
            answer = scope.changed(answer, verified=True)
            because = f"the critic is content after {number} revisions"
            break
        text = template.fill(query=query, answer=answer.text, criticism=verdict.reason)
        revised = await _revised(node, task.asking(text, parents=(answer.id,)), scope)
        if revised is None:
            because = "the revision is not done; the answer before it stands"
            break
        unchanged = normalised(revised.text) == normalised(answer.text)
        answer = revised
        if unchanged:
            because = "the answer stopped changing"
            break
    scope.choose([answer], because)
    yield answer


async def _revised(node: Refine, task: Task, scope: Scope) -> Candidate | None:
    async with scope.candidates(node.of, task) as found:
        return await first_done(found)
