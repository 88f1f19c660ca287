"""All children at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workbench.engine.events import Candidate
from workbench.engine.scope import Scope
from workbench.engine.task import Task
from workbench.systems.nodes import Ensemble


async def ensemble(node: Ensemble, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield every candidate as it completes, until all are in or the quorum of done ones is reached."""
    async with scope.candidates(node.of, task) as candidates:
        async for candidate in candidates:
            yield candidate
            if node.quorum is not None and len(candidates.done()) >= node.quorum:
                return
        if not candidates.done():
            yield scope.best_effort(candidates.seen, candidates.reasons())
