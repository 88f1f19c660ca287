"""How far the arrival of a model has got, as its one callback tells it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct

Phase: TypeAlias = Literal["waiting", "fetch", "verify", "extract", "convert", "ready"]
T = TypeVar("T")


class Progress(Struct, frozen=True, kw_only=True):
    """One report. `done` and `total` are bytes; `total` is None where it isn't known."""

    name: str
    phase: Phase
    """waiting: another process is at it; convert: requantising."""
    done: int = 0
    total: int | None = None
    note: str = ""
    """What a person should know, such as why the slower file is used."""


Report: TypeAlias = Callable[[Progress], None]
"""Called in the event loop; must not block."""


def silent(_: Progress) -> None:
    """Report to nobody."""


class StoppedError(Exception):
    """The work in a thread was told to stop."""


class Step:
    """Reports one phase of one model: `step(done)`. Threads may call it; raises `StoppedError` once stopped."""

    def __init__(self, name: str, phase: Phase, total: int | None, report: Report) -> None:
        self._name = name
        self._phase: Phase = phase
        self._total = total
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        self(0)

    def __call__(self, done: int) -> None:
        """`done`: bytes so far."""
        if self._stopped.is_set():
            raise StoppedError
        done = done if self._total is None else min(done, self._total)
        progress = Progress(name=self._name, phase=self._phase, done=done, total=self._total)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._report, progress)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread; when cancelled, stop it at its next report and wait for that."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._stopped.set()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()
            raise
