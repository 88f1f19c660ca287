"""What the providers themselves cost: CPU per streamed chunk, and the lag that LiteLLM's path leaves in the app's loop.

Peers in the same run, 100 concurrent streams from another process: the bare loop (httpx + httpx-sse + json) and
LiteLLM's own `acompletion(stream=True)` loop in this process. The lag is that of a 1 ms ticker while 50 streams at 100
chunks/s come through the worker, with the same ticker's lag in an idle loop beside it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

import httpx

from benchmarks.common import Figure, bare_stream, body, end_after, lab, report
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script
from workbench.config import Config
from workbench.models.base import Delta, Message, Provider, Request
from workbench.models.catalogue import Catalogue
from workbench.models.litellm.worker import ENVIRONMENT

STREAMS = 100
CHUNKS = 500
LITELLM_CHUNKS = 30
LAG_STREAMS = 50
LAG_INTERVAL_S = 0.01
LAG_CHUNKS = 300
TICK_S = 0.001


async def bare(base_url: str) -> int:
    """Chunks read by the bare loop."""
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(trust_env=False, timeout=600, limits=limits) as client:

        async def one() -> int:
            return len([text async for text in bare_stream(client, base_url, "m")])

        return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


async def read(provider: Provider, model: str) -> int:
    """Characters of one stream of a provider of ours."""
    request = Request(model=model, messages=(Message("user", "hi"),))
    return sum([len(chunk.text) async for chunk in provider.stream(request) if isinstance(chunk, Delta)])


async def ours(base_url: str) -> int:
    """Chunks read through the HTTP provider."""
    catalogue = Catalogue(lab(base_url))
    provider = catalogue.provider("lab/m")
    total = sum(await asyncio.gather(*(read(provider, "lab/m") for _ in range(STREAMS))))
    await catalogue.aclose()
    return total // len(" word")


async def litellm_loop(base_url: str) -> int:
    """Chunks read by LiteLLM's own loop in this process."""
    import litellm

    request = body("openai/litellm")

    async def one() -> int:
        stream = await litellm.acompletion(**request, api_base=base_url, api_key="none", max_retries=0)
        return len([chunk async for chunk in stream if chunk.choices and chunk.choices[0].delta.content])

    return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


def measured(work: Callable[[], Awaitable[int]]) -> tuple[float, float]:
    """(CPU µs, wall µs) per chunk of this process."""

    async def run() -> int:
        return await work()

    cpu, wall = time.process_time(), time.perf_counter()
    chunks = asyncio.run(run())
    return (time.process_time() - cpu) / chunks * 1e6, (time.perf_counter() - wall) / chunks * 1e6


async def ticker(lags: list[float]) -> None:
    """Note how much later than asked each sleep ends, in milliseconds."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(TICK_S)
        lags.append((time.perf_counter() - asked - TICK_S) * 1000)


def p99(values: list[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[int(len(values) * 0.99)]


async def lag(base_url: str) -> tuple[float, float, float]:
    """(p99 lag ms with the streams, p99 lag ms of the idle loop, chunks/s that came through)."""
    catalogue = Catalogue(Config(), environ={**os.environ, "OPENAI_BASE_URL": base_url})
    provider = catalogue.provider("openai/steady")
    await read(provider, "openai/warm-up")  # LiteLLM's import is not part of it
    idle: list[float] = []
    busy: list[float] = []
    for lags, streams in ((idle, 0), (busy, LAG_STREAMS)):
        task = asyncio.create_task(ticker(lags))
        started = time.perf_counter()
        await asyncio.gather(asyncio.sleep(1), *(read(provider, "openai/steady") for _ in range(streams)))
        seconds = time.perf_counter() - started
        task.cancel()
    await catalogue.aclose()
    return p99(busy), p99(idle), LAG_STREAMS * LAG_CHUNKS / seconds


def main() -> None:
    """Print the ratios."""
    os.environ.update(ENVIRONMENT)
    scripts = {
        "m": Script(chunks=(" word",), repeat=CHUNKS),
        "litellm": Script(chunks=(" word",), repeat=LITELLM_CHUNKS),
        "steady": Script(chunks=(" word",), repeat=LAG_CHUNKS, interval_s=LAG_INTERVAL_S),
    }
    with ServerProcess(scripts) as server:
        url = server.base_url
        asyncio.run(bare(url))
        bare_cpu, bare_wall = measured(lambda: bare(url))
        our_cpu, our_wall = measured(lambda: ours(url))
        busy, idle, rate = asyncio.run(lag(url))
        import litellm

        litellm.suppress_debug_info = True
        their_cpu, their_wall = measured(lambda: litellm_loop(url))
    detail = f"CPU per chunk: ours {our_cpu:.0f} µs, bare {bare_cpu:.0f} µs, LiteLLM {their_cpu:.0f} µs"
    lag_detail = f"{LAG_STREAMS} streams, {rate:,.0f} chunks/s through the worker; idle loop {idle:.1f} ms"
    report(
        Figure("HTTP provider against the bare loop, CPU", bare_cpu / our_cpu, "×", 1, "higher", detail),
        Figure("HTTP provider against the bare loop, wall", bare_wall / our_wall, "×", 1, "higher"),
        Figure("HTTP provider against LiteLLM's loop, CPU", their_cpu / our_cpu, "×", 10, "higher"),
        Figure("HTTP provider against LiteLLM's loop, wall", their_wall / our_wall, "×", 10, "higher"),
        Figure("loop lag p99 beside LiteLLM's path", busy, "ms", 30, "lower", lag_detail),
    )


if __name__ == "__main__":
    end_after(main)
