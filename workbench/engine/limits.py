"""How many calls an endpoint gets at once and per minute. The number adapts: it halves when the provider pushes back
and grows by one per round of successes (additive increase, multiplicative decrease; Chiu and Jain, 1989)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from workbench.models.base import ModelInfo

Report = Callable[[int, str], None]
"""Called with (concurrency, because) when a limit changes."""

DEFAULT_CONCURRENCY = 1024
"""Where neither the config nor the provider names a ceiling."""


class Rate:
    """So many starts in any minute, or one in several: a window that slides, for a bucket lets twice as many through in
    its first minute."""

    def __init__(self, per_minute: float) -> None:
        self._period = 60.0 * max(1.0, 1 / per_minute)
        self._starts: deque[float] = deque(maxlen=max(1, int(per_minute)))

    async def turn(self) -> None:
        """Wait for a start; in the order of asking. One that is cancelled while it waits is lost."""
        now = asyncio.get_running_loop().time()
        full = len(self._starts) == self._starts.maxlen
        start = max(now, self._starts[0] + self._period) if full else now
        self._starts.append(start)
        if start > now:
            await asyncio.sleep(start - now)


class EndpointLimit:
    """The limit of one endpoint, shared by all runs of one event loop."""

    def __init__(self, *, ceiling: int, per_minute: float | None = None) -> None:
        self.ceiling = ceiling
        self.in_flight = 0
        self._allowed = float(ceiling)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._halved_at = -1.0
        self.per_minute = per_minute
        self._rate = Rate(per_minute) if per_minute else None

    @property
    def concurrency(self) -> int:
        """Calls allowed at once now."""
        return max(1, int(self._allowed))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a turn; it is given back when the block is left, however that happens."""
        await self._enter()
        try:
            if self._rate is not None:
                await self._rate.turn()
            yield
        finally:
            self.in_flight -= 1
            self._wake()

    def pushed_back(self, report: Report, because: str) -> None:
        """The provider refused for load: halve, at most once a second, so that one burst counts once."""
        now = asyncio.get_running_loop().time()
        if self._halved_at >= 0 and now - self._halved_at < 1.0:
            return
        self._halved_at = now
        before, self._allowed = self.concurrency, max(1.0, min(self._allowed, self.in_flight) / 2)
        if self.concurrency != before:
            report(self.concurrency, because)

    def succeeded(self, report: Report) -> None:
        """A call went through: grow by one a round."""
        if self._allowed >= self.ceiling:
            return
        before = self.concurrency
        self._allowed = min(float(self.ceiling), self._allowed + 1 / self._allowed)
        if self.concurrency != before:
            report(self.concurrency, "calls go through")
            self._wake()

    async def _enter(self) -> None:
        if self.in_flight < self.concurrency and not self._waiting:
            self.in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight < self.concurrency:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)


class Limits:
    """Every endpoint's limit by name. One object serves all runs of an app; it belongs to one event loop at a time."""

    def __init__(self) -> None:
        self._endpoints: dict[str, EndpointLimit] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def known(self, endpoint: str) -> EndpointLimit | None:
        """The limit of an endpoint that was called before; None where it was not."""
        return self._endpoints.get(endpoint)

    def of(self, info: ModelInfo) -> EndpointLimit:
        """The limit of the model's endpoint."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._endpoints, self._loop = {}, loop
        if info.endpoint not in self._endpoints:
            self._endpoints[info.endpoint] = EndpointLimit(
                ceiling=info.max_concurrency or DEFAULT_CONCURRENCY, per_minute=info.requests_per_minute
            )
        return self._endpoints[info.endpoint]
