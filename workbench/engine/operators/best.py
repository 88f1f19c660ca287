"""The candidates with the highest score."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.engine.events import Candidate
from workbench.engine.scope import NodeFailed, Scope, judged
from workbench.engine.task import Task
from workbench.engine.verdicts import Verdict, rate
from workbench.systems.nodes import Best


async def best(node: Best, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the `take` highest scored candidates once all are in; one without a score comes last."""
    scored: list[Candidate] = []

    async def ask(candidate: Candidate) -> Verdict:
        return await rate(scope, node.scorer, "scorer", candidate, task, prompt=node.prompt)

    async with scope.candidates(node.of, task) as candidates, aclosing(judged(candidates, ask)) as verdicts:
        async for candidate, verdict in verdicts:
            scored.append(scope.changed(candidate, score=verdict.score))
    if not scored:
        yield scope.best_effort(candidates.seen, candidates.reasons())
        return
    if all(c.score is None for c in scored):
        yield _unscored(scope, scored)
        return
    order = {c.id: i for i, c in enumerate(candidates.done())}
    ranked = sorted(scored, key=lambda c: (-math.inf if c.score is None else -c.score, order[c.id]))
    ranked = [c for c in ranked if c.score is not None] + [c for c in ranked if c.score is None]
    winners = ranked[: node.take]
    scope.choose(winners, f"highest score of {len(scored)}: {winners[0].score:.2f}", scored)
    for winner in winners:
        yield winner


def _unscored(scope: Scope, candidates: list[Candidate]) -> Candidate:
    if scope.run.system.on_none == "fail":
        raise NodeFailed("no candidate has a score")
    first = scope.changed(candidates[0], degraded=True)
    scope.choose([first], "no candidate has a score; the first passes, degraded", candidates)
    return first
