"""Does a server on this machine really stop when a call is cancelled? Start a long answer, cancel it, and look.

What the server says of its own work tells best: llama.cpp's `/slots`, or `/metrics` of vLLM, llama.cpp and SGLang.
Where it says nothing, time tells: if a short call is slow beside a long one, it is slow after the cancel too for as
long as the cancelled one goes on. Where neither tells, that is the result, in words.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec import Struct

from workbench.config import BillingOnCancel
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, Delta, Message, Provider, Request
from workbench.models.watching import Watch, Work

ENDLESS = "Count from 1 to 1000 in words, one number on each line. Do not stop early."
BRIEF = "Say: ok"

Say = Callable[[str], None]
Open = Callable[[Request], AsyncGenerator[Chunk, None]]


class Server(Struct, frozen=True, kw_only=True):
    """Where the server is asked what it does."""

    root: str
    """Without `/v1`."""
    headers: dict[str, str] = {}
    endless: bool = False
    """It knows `ignore_eos`: a long answer can't end by itself."""


class Patience(Struct, frozen=True, kw_only=True):
    """How long is waited; seconds."""

    begin: float = 60.0
    """For the first tokens."""
    settle: float = 3.0
    """After the cancel. What goes on longer than this was not stopped."""
    poll: float = 0.05
    pieces: int = 4
    """Pieces of text to wait for before the cancel."""
    tokens: int = 1500
    """Length of the long answer."""
    clear: float = 0.15
    """Two times that differ by less than this are not told apart."""
    slow: float = 20.0
    """Most that a short call may take."""


class Probed(Struct, frozen=True, kw_only=True):
    """What the probe found."""

    model: str
    verdict: BillingOnCancel
    """unknown: it can't be told; `because` says why."""
    because: str
    how: str = ""
    """/slots, /metrics or timing; empty where it can't be told."""


async def probe(
    provider: Provider, model: str, server: Server, *, say: Say = lambda _: None, patience: Patience = Patience()
) -> Probed:
    """Three to six calls, one of them long and cancelled. Raises `ModelError` where the model can't be called."""
    probing = _Probing(provider, model, server, say, patience)
    async with Watch(server.root, server.headers) as watch:
        if watch.how:
            found = await probing.by_watching(watch)
            if found is not None:
                return found
    return await probing.by_timing()


class _Probing:
    """One probe under way."""

    def __init__(self, provider: Provider, model: str, server: Server, say: Say, patience: Patience) -> None:
        self._provider, self._model, self._server = provider, model, server
        self._say, self._patience = say, patience

    async def by_watching(self, watch: Watch) -> Probed | None:
        """Ask the server before, during and after; None where it does not show our call."""
        self._say(f"a long answer begins; {watch.how} is asked")
        before = await watch.work() or Work()
        if await self._others(watch, before):
            return self._unknown("others use this server at the moment")
        async with self._long() as ended:
            early = await watch.work() or Work()
            await asyncio.sleep(4 * self._patience.poll)
            during = await watch.work() or Work()
            if ended():
                return self._ended_itself()
        cancelled = time.perf_counter()
        counted = early.generated is not None and during.generated is not None and during.generated > early.generated
        ours = (during.tasks & early.tasks) - before.tasks
        if not counted and not ours:
            return None
        self._say(f"cancelled; {watch.how} is asked whether it goes on")
        return await (self._by_counter(watch) if counted else self._by_tasks(watch, ours, cancelled))

    async def _others(self, watch: Watch, before: Work) -> bool:
        """Whether figures that are sums over all callers would mislead. A gauge may be stale, a counter is not."""
        if watch.how == "/slots" or not before.tasks:
            return False
        await asyncio.sleep(4 * self._patience.poll)
        after = await watch.work() or Work()
        return before.generated is None or after.generated != before.generated

    async def _by_tasks(self, watch: Watch, ours: frozenset[str], cancelled: float) -> Probed:
        """Until our task is gone, or patience is."""
        while (took := time.perf_counter() - cancelled) < self._patience.settle:
            work = await watch.work()
            if work is not None and not ours & work.tasks:
                return self._found("stops", f"it stopped {took:.2f} s after the cancel", watch.how)
            await asyncio.sleep(self._patience.poll)
        return self._found("continues", f"it went on {took:.1f} s after the cancel", watch.how)

    async def _by_counter(self, watch: Watch) -> Probed:
        """Tokens that are counted as they are generated: vLLM's gauge of running requests stays up after its last one
        was cancelled, the counter does not lie."""
        await asyncio.sleep(self._patience.settle / 3)
        first = await watch.work() or Work()
        await asyncio.sleep(2 * self._patience.settle / 3)
        last = await watch.work() or Work()
        if first.generated is None or last.generated is None:
            return self._unknown(f"{watch.how} no longer answers")
        more = last.generated - first.generated
        if more > 0:
            return self._found("continues", f"it generated {more:.0f} tokens more after the cancel", watch.how)
        return self._found("stops", "it generated nothing more after the cancel", watch.how)

    async def by_timing(self) -> Probed:
        """A short call alone, beside a long one, and after the long one's cancel."""
        self._say("the server does not tell; short calls are timed")
        alone = min([await self._short(self._patience.slow) for _ in range(2)])
        limit = min(self._patience.slow, max(4 * alone, alone + 4 * self._patience.clear))
        async with self._long() as ended:
            self._say("a short call beside a long one")
            beside = await self._short(limit)
            if ended():
                return self._ended_itself()
        figures = f"a short call takes {alone:.2f} s alone, {beside:.2f} s beside a long one"
        if beside - alone < max(self._patience.clear, alone / 2):
            return self._unknown(f"the server does not tell, and {figures}: time can't show it")
        self._say("cancelled; a short call after it")
        after = await self._short(limit)
        share, figures = (after - alone) / (beside - alone), f"{figures}, {after:.2f} s after the cancel"
        if 0.35 < share < 0.65:
            return self._unknown(f"{figures}: in between")
        return self._found("stops" if share <= 0.35 else "continues", figures, "timing")

    @asynccontextmanager
    async def _long(self) -> AsyncIterator[Callable[[], bool]]:
        """A long answer whose first pieces have come; cancelled when the block is left. Yields whether it has ended."""
        reading = asyncio.create_task(self._read(begun := asyncio.Event()))
        waiting = asyncio.create_task(begun.wait())
        try:
            await asyncio.wait({reading, waiting}, timeout=self._patience.begin, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            elif not begun.is_set():
                message = f"no text within {self._patience.begin:.0f} s"
                raise ModelError(ErrorKind.TIMEOUT, message, where=self._model)
            yield reading.done
        finally:
            for task in (waiting, reading):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await reading

    async def _read(self, begun: asyncio.Event) -> None:
        extra = {"ignore_eos": True} if self._server.endless else {}
        pieces = 0
        async with contextlib.aclosing(self._provider.stream(self._ask(ENDLESS, self._patience.tokens, extra))) as got:
            async for chunk in got:
                pieces += isinstance(chunk, Delta)
                if pieces >= self._patience.pieces:
                    begun.set()

    async def _short(self, limit: float) -> float:
        """Seconds of a short call; `limit` where it takes longer, and then it is not waited for."""
        started = time.perf_counter()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit), contextlib.aclosing(self._provider.stream(self._ask(BRIEF, 4))) as got:
                async for _ in got:
                    pass
        return min(limit, time.perf_counter() - started)

    def _ask(self, prompt: str, tokens: int, extra: dict[str, bool] | None = None) -> Request:
        messages = (Message("user", prompt),)
        return Request(model=self._model, messages=messages, max_tokens=tokens, temperature=0.0, extra=extra or {})

    def _found(self, verdict: BillingOnCancel, because: str, how: str) -> Probed:
        return Probed(model=self._model, verdict=verdict, because=because, how=how)

    def _unknown(self, because: str) -> Probed:
        return self._found("unknown", because, "")

    def _ended_itself(self) -> Probed:
        return self._unknown("the model ended its answer before it could be cancelled")
