"""Children answer, read each other and answer again."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workbench.analysis.clusters import cluster
from workbench.engine import prompts
from workbench.engine.events import Candidate
from workbench.engine.operators.vote import key_of
from workbench.engine.scope import Scope, places
from workbench.engine.task import Task
from workbench.systems.nodes import Debate


async def debate(node: Debate, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the last round's candidates; a round in which all answers agree is the last."""
    where = places(node.of)
    template = prompts.load("debate", node.prompt)
    query = task.original or task.query
    tasks = [task] * len(where)
    said: dict[int, Candidate] = {}
    for number in range(1, node.rounds + 1):
        async with scope.candidates(where, tasks) as candidates:
            while (found := await candidates.next()) is not None:
                index, item = found
                if isinstance(item, Candidate) and item.status == "done":
                    said[index] = item
        if not said:
            yield scope.best_effort(candidates.seen, candidates.reasons())
            return
        agreed = len(said) > 1 and await _agree(node, task, scope, list(said.values()))
        if agreed or number == node.rounds:
            word = f"all agree after round {number}" if agreed else f"after {number} rounds"
            scope.choose(said.values(), word)
            break
        tasks = [_next(template, task, query, said, index) for index in range(len(where))]
    for candidate in said.values():
        yield candidate


def _next(template: prompts.Prompt, task: Task, query: str, said: dict[int, Candidate], index: int) -> Task:
    own = said[index].text if index in said else "(none)"
    others = [c.text for i, c in sorted(said.items()) if i != index]
    text = template.fill(query=query, answer=own, candidates=prompts.lettered(others) or "(none)")
    return task.asking(text, parents=tuple(c.id for c in said.values()))


async def _agree(node: Debate, task: Task, scope: Scope, said: list[Candidate]) -> bool:
    keys = [(c.id, await key_of(scope, c, node.extract, task)) for c in said]
    known = [(identity, key) for identity, key in keys if key.value is not None]
    return len(known) == len(said) and len(cluster(known)) == 1
