"""The accepted candidates."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.engine.events import Candidate
from workbench.engine.operators.verify import unverified
from workbench.engine.scope import Scope, judged
from workbench.engine.task import Task
from workbench.engine.verdicts import Verdict, examine
from workbench.systems.nodes import Filter


async def filter_(node: Filter, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield each candidate as it is accepted; when none is, what `fallback` says, marked unverified."""
    accepted = []

    async def ask(candidate: Candidate) -> Verdict:
        return await examine(
            scope,
            node.verifier,
            "verifier",
            candidate,
            task,
            prompt=node.prompt,
            votes=node.votes,
            threshold=node.threshold,
        )

    async with scope.candidates(node.of, task) as candidates, aclosing(judged(candidates, ask)) as verdicts:
        async for candidate, verdict in verdicts:
            if verdict.accepted:
                accepted.append(scope.changed(candidate, verified=True, score=verdict.score))
                yield accepted[-1]
    if accepted:
        scope.choose(accepted, f"{len(accepted)} of {len(candidates.done())} accepted")
    elif not candidates.done():
        yield scope.best_effort(candidates.seen, candidates.reasons())
    elif node.fallback == "all":
        passed = [scope.changed(c, verified=False) for c in candidates.done()]
        scope.choose(passed, f"none of {len(passed)} was accepted; all pass, unverified")
        for candidate in passed:
            yield candidate
    else:
        yield unverified(scope, candidates.done(), node.fallback)
