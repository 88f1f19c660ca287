"""A router names a label; that branch answers."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

from workbench.analysis.answers import without_thinking
from workbench.engine import prompts
from workbench.engine.events import Candidate
from workbench.engine.scope import NodeFailed, Place, Scope
from workbench.engine.task import Purpose, Task
from workbench.systems.nodes import Route

ELSE = "else"


async def route(node: Route, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield what the chosen branch yields."""
    template = prompts.load("route", node.prompt)
    lines = "\n".join(f"- {b.label}: {b.when}" if b.when else f"- {b.label}" for b in node.branches)
    purpose = Purpose(
        role="route",
        prompt_name=template.name,
        prompt_hash=template.hash,
        choices=tuple(branch.label for branch in node.branches) if node.prompt is None else (),
    )
    reply = ""
    try:
        asked = task.about(template.fill(query=task.query, labels=lines), purpose)
        reply = (await scope.ask(node.router, "router", asked)).text
    except NodeFailed as failure:
        scope.warn(f"the router gave no answer: {failure}")
    index, because = chosen_branch(node, reply)
    branch = node.branches[index].to
    scope.choose([], because)
    work = [Place(f"branches.{index}", branch, i, branch.replicas) for i in range(1, branch.replicas + 1)]
    async with scope.candidates(work, task) as candidates:
        async for candidate in candidates:
            yield candidate
        if not candidates.done():
            yield scope.best_effort(candidates.seen, candidates.reasons())


def chosen_branch(node: Route, reply: str) -> tuple[int, str]:
    """(index of the branch that the reply names, why). Raises `NodeFailed` where it names none and there is no else."""
    said = without_thinking(reply).strip().casefold()
    for index, branch in enumerate(node.branches):
        if said.strip(" .\"'`*") == branch.label.casefold():
            return index, f"the router chose {branch.label}"
    named = [branch for branch in node.branches if branch.label != ELSE]
    mentioned = [b for b in named if re.search(rf"\b{re.escape(b.label.casefold())}\b", said)]
    if len(mentioned) == 1:
        return node.branches.index(mentioned[0]), f"the router chose {mentioned[0].label}"
    for index, branch in enumerate(node.branches):
        if branch.label == ELSE:
            return index, "the router named no single branch; else"
    shown = " ".join(reply.split())[:80]
    raise NodeFailed(f"the router's reply {shown!r} names no branch, and there is no else")
