"""The candidates with the highest score."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.engine.events import Candidate
from workbench.engine.scope import Scope, judged
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
    order = {c.id: i for i, c in enumerate(candidates.done())}
    ranked = sorted(scored, key=lambda c: (-math.inf if c.score is None else -c.score, order[c.id]))
    ranked = [c for c in ranked if c.score is not None] + [c for c in ranked if c.score is None]
    winners = ranked[: node.take]
    shown = "?" if winners[0].score is None else f"{winners[0].score:.2f}"
    scope.choose(winners, f"highest score of {len(scored)}: {shown}", scored)
    for winner in winners:
        yield winner
