"""One call to one model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.engine.calls import Item
from workbench.engine.scope import Scope
from workbench.engine.task import Task
from workbench.systems.nodes import Model


async def model(node: Model, task: Task, scope: Scope) -> AsyncGenerator[Item, None]:
    """Yield the milestone of its thinking and then its one candidate, whatever its status."""
    async with aclosing(scope.run.call(node, task, scope).stream()) as items:
        async for item in items:
            yield item
