"""The same run without a screen: models, engine, view and ledger as the app has them, and nothing that draws.

`python -m benchmarks.headless SYSTEM PROMPT`: what `screen` takes off the app's CPU. Not a benchmark itself.
"""

from __future__ import annotations

import asyncio
import sys

from workbench.engine.events import AnyEvent, FirstToken
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.tui.wiring import services


async def run(system: str, prompt: str) -> None:
    """One run, as the app's session makes it."""
    wired = services()
    assert wired.store is not None
    view = RunView()

    def tell(event: AnyEvent) -> None:
        if type(event) is FirstToken and view.calls[event.call].replica == 1:
            print("first token", flush=True)

    found = wired.systems.resolve(wired.systems.find(system))
    await wired.execute(
        found, Task.of(prompt), wired.models, sinks=[view.apply, tell, wired.store.recorder()], seed=wired.new_seed()
    )
    await wired.store.settle()
    await wired.models.aclose()
    wired.store.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
