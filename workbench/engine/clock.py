"""Time that can be simulated.

The engine takes time only from its event loop, so a loop whose clock jumps to the next timer runs a simulated system
in no time and to the same nanosecond every time. With `pace` it sleeps in real time as well, so that the run can be
watched.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _VirtualSelector(selectors.DefaultSelector):
    """Never blocks: a wait of n seconds moves the loop's clock by n."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(None)
        self.loop.advance(timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is simulated. `pace` is real seconds per simulated second; 0 jumps."""

    def __init__(self, *, pace: float = 0.0) -> None:
        selector = _VirtualSelector()
        selector.loop = self
        self._now = 0.0
        self._pace = pace
        super().__init__(selector)

    def time(self) -> float:
        """Simulated seconds since the loop was made."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock, sleeping where there is a pace."""
        if self._pace:
            time.sleep(seconds * self._pace)
        self._now += seconds


def run_virtual(main: Coroutine[Any, Any, T], *, pace: float = 0.0) -> T:
    """`asyncio.run` on a `VirtualLoop`."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(pace=pace)) as runner:
        return runner.run(main)
