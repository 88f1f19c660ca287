"""An event loop whose time is simulated: with nothing ready to run, it jumps to the next timer.

A run of simulated models takes no real time, and the same seed gives the same events to the nanosecond. With a `pace`
the loop sleeps between timers, so that the run can be watched; its own time is the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_NS = 10**9


class _Timer(asyncio.TimerHandle):
    """A timer that goes off after those of its moment that were set before it; asyncio's heap keeps no such order."""

    __slots__ = ("moment",)

    def __init__(self, turn: int, when: float, *args: Any) -> None:
        super().__init__(when, *args)
        self.moment = (when, turn)

    def __lt__(self, other: object) -> bool:
        return self.moment < other.moment if isinstance(other, _Timer) else NotImplemented


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with simulated time, which starts at 0.

    `pace`: simulated seconds in a real one; None never waits. Work outside the loop (threads, and whatever runs inside
    `real_work`) holds it to real time, or its time limits would end at once.
    """

    def __init__(self, pace: float | None = None) -> None:
        self._now_ns = 0
        self._pace = pace
        self._held = 0
        self._turns = itertools.count()
        super().__init__(_Selector(self))
        if pace is not None and pace <= 0:
            self.close()
            raise ValueError(f"pace must be above 0, not {pace}")
        self._clock_resolution = 1 / _NS

    def time(self) -> float:
        """Simulated seconds since the loop was made."""
        return self._now_ns / _NS

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As in any loop; timers of one moment go off in the order in which they were set."""
        timer = _Timer(next(self._turns), when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    def hold(self) -> None:
        """Real work begins: time is real until `release`."""
        self._held += 1

    def release(self) -> None:
        """Real work has ended."""
        self._held -= 1

    @property
    def pace(self) -> float | None:
        """Simulated seconds in a real one, as things stand; None is as fast as can be."""
        return 1.0 if self._held else self._pace

    def advance(self, seconds: float) -> None:
        """Let time pass: to the nanosecond, and at least one, so that a timer that rounds down can't stall the loop."""
        self._now_ns += max(1, round(seconds * _NS))

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As in any loop; time is real until the function returns."""
        future = super().run_in_executor(executor, func, *args)
        self.hold()
        future.add_done_callback(lambda _: self.release())
        return future


class _Selector(selectors.BaseSelector):
    """The platform's own selector, except that waiting for a timer is a jump."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return self._real.select(timeout)
        pace = self._loop.pace
        if pace is None:
            if ready := self._real.select(0):
                return ready
            self._loop.advance(timeout)
            return []
        began = time.monotonic()
        ready = self._real.select(timeout / pace)
        self._loop.advance(min(timeout, (time.monotonic() - began) * pace) if ready else timeout)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


@contextlib.contextmanager
def real_work() -> Iterator[None]:
    """Work outside the loop (a process) goes on inside this block: a simulated clock runs in real time for it."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        yield
        return
    loop.hold()
    try:
        yield
    finally:
        loop.release()


def run_virtual(main: Coroutine[Any, Any, T], *, pace: float | None = None) -> T:
    """`asyncio.run` in simulated time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(pace=pace)) as runner:
        return runner.run(main)
