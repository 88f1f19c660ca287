"""`local/…`: models in GGUF files, run by llama.cpp's server in a process of its own on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import LocalConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, ModelInfo, Prices, Request
from workbench.models.local import support
from workbench.models.local.progress import Report, silent
from workbench.models.local.store import LocalModel, Store

if TYPE_CHECKING:  # what runs the server comes with the first call: it is as long to import as a frame to draw
    from workbench.models.local.process import ServerProcess
    from workbench.models.local.running import Running
    from workbench.models.probe import Server

PRICES = Prices(input=0, cached_input=0, cache_write=0, output=0, reasoning=0, source="embedded")
"""Zero is the true price here: nobody bills for this machine's own work."""


class LocalProvider:
    """Cheap to make: nothing is read, started or fetched before the first call."""

    def __init__(self, config: LocalConfig | None = None, *, store: Store | None = None) -> None:
        self._config = config or LocalConfig()
        self.store = store or Store(self._config)
        self.report: Report = silent
        """Where `stream` reports the arrival of a model that isn't on disk yet."""
        self._running: dict[Path, Running] = {}
        self._starting = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def info(self, model: str) -> ModelInfo:
        """What is known of it. A model that still has to arrive is available: its first call fetches it."""
        problem = support.problem()
        found = self.store.find(model)
        if not problem and found is None:
            problem = f"there is no local model {model!r}; `workbench models pull` adds one"
        elif not problem and found is not None and not (found.ready or found.fetchable):
            problem = found.note
        return ModelInfo(
            name=model,
            provider="local",
            endpoint="local",
            kind="real",
            prices=PRICES,
            context=self._config.context_per_slot,
            billing_on_cancel="stops",
            available=not problem,
            problem=problem,
            max_concurrency=self._config.slots,
        )

    async def ready(self, request: Request) -> None:
        """Fetch the model's file where it isn't here and start its server. Raises `ModelError`."""
        await self._ready(request.model)

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """One call; the model's first one fetches the file and starts its server. Raises `ModelError`.

        Requests of one group share one computation of their prompt. Closing the generator frees the slot at once.
        """
        running = await self._ready(request.model)
        async with contextlib.aclosing(running.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def server(self, model: str) -> Server:
        """Where the model's server says what it does; started where it isn't yet. Raises `ModelError`."""
        from workbench.models.probe import Server

        process = (await self._ready(model)).process
        headers = {"Authorization": f"Bearer {process.key}", "Connection": "close"}
        return Server(root=process.url, headers=headers, endless=True)

    def list_models(self) -> list[LocalModel]:
        """Every local model by name."""
        return self.store.list_models()

    async def ensure(self, name: str, report: Report = silent) -> Path:
        """The model's file, fetched first where it isn't here. See `Store.ensure`."""
        return await self.store.ensure(name, report)

    async def pull(self, name: str, report: Report = silent) -> Path:
        """Fetch, adding first what is new. See `Store.pull`."""
        return await self.store.pull(name, report)

    def add(self, spec: str, name: str = "") -> LocalModel:
        """Add a GGUF by path or `hub:` address. See `Store.add`."""
        return self.store.add(spec, name)

    async def aclose(self) -> None:
        """End every server."""
        running, self._running = self._running, {}
        await asyncio.gather(*(each.aclose() for each in running.values()))

    async def _ready(self, model: str) -> Running:
        problem = support.problem()
        if problem:
            hint = "The simulated models (sim/…) need nothing."
            raise ModelError(ErrorKind.UNAVAILABLE, problem, where=model, hint=hint)
        from workbench.models.local.running import Running

        self._move_to_this_loop()
        async with self._starting:
            path = await self.store.ensure(model, self.report)
            running = self._running.get(path)
            if running is None or not running.process.alive:
                if running is not None:
                    del self._running[path]
                    await running.aclose()
                running = self._running[path] = Running(await self._start(path, model), self._config.slots)
            return running

    async def _start(self, path: Path, model: str) -> ServerProcess:
        from workbench.models.local.process import ServerProcess, Settings

        config = self._config
        settings = Settings(
            model=str(path), slots=config.slots, context=config.context_per_slot, threads=config.threads or _threads()
        )
        return await ServerProcess.start(settings, model)

    def _move_to_this_loop(self) -> None:
        """Connections and locks belong to a loop, processes don't: a new loop takes the processes over."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        from workbench.models.local.running import Running

        self._loop = loop
        self._starting = asyncio.Lock()
        slots = self._config.slots
        self._running = {path: Running(running.process, slots) for path, running in self._running.items()}


def _threads() -> int:
    """One fewer than the cores we may use: llama.cpp's threads spin, and a core that is shared stalls all of them."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 2
    return max(1, cores - 1)
