"""Stream throughput: 100 concurrent SSE streams from another process through engine, RunView and ledger.

Peers in the same run: the bare loop (httpx + httpx-sse + json), and LiteLLM's own `acompletion(stream=True)` loop.
Figures are CPU seconds of this process per chunk, so that the server's own speed does not blur them; wall-clock
ratios are printed beside.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from benchmarks.common import Figure, bare_stream, body, end_after, lab, report
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.ledger import open_ledger
from workbench.models.catalogue import Catalogue
from workbench.systems.nodes import Ensemble, Model, System

STREAMS = 100
CHUNKS = 1000
LITELLM_CHUNKS = 50


async def bare(base_url: str) -> int:
    """Chunks read by the bare loop."""
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(trust_env=False, timeout=600, limits=limits) as client:

        async def one() -> int:
            return len([text async for text in bare_stream(client, base_url, "m")])

        return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


async def ours(base_url: str, folder: Path) -> int:
    """Chunks through provider, engine, RunView and ledger."""
    catalogue = Catalogue(lab(base_url))
    ledger = open_ledger(folder / "ledger.db")
    recorder = ledger.recorder()
    system = System(root=Ensemble(of=(Model(model="lab/m", replicas=STREAMS),)))
    view = await execute(system, Task.of("hi"), catalogue, sinks=[recorder], seed=1)
    ledger.close()
    await catalogue.aclose()
    assert view.status == "done", view.reason
    assert recorder.error is None
    return sum(call.deltas for call in view.calls.values())


async def litellm_loop(base_url: str) -> int:
    """Chunks read by LiteLLM's own loop in this process."""
    import litellm

    request = body("openai/litellm")

    async def one() -> int:
        stream = await litellm.acompletion(**request, api_base=base_url, api_key="none", max_retries=0)
        return len([chunk async for chunk in stream if chunk.choices and chunk.choices[0].delta.content])

    return sum(await asyncio.gather(*(one() for _ in range(STREAMS))))


def measured(work: Callable[[], Awaitable[int]]) -> tuple[float, float]:
    """(CPU µs per chunk of this process, wall µs per chunk)."""

    async def run() -> int:
        return await work()

    cpu, wall = time.process_time(), time.perf_counter()
    chunks = asyncio.run(run())
    return (time.process_time() - cpu) / chunks * 1e6, (time.perf_counter() - wall) / chunks * 1e6


def main() -> None:
    """Print the ratios."""
    os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_MODE="PRODUCTION", LITELLM_LOG="ERROR")
    words = tuple(f" w{i}" for i in range(20))
    scripts = {
        "m": Script(chunks=words, repeat=CHUNKS // 20),
        "litellm": Script(chunks=words, repeat=LITELLM_CHUNKS // 20),
    }
    with ServerProcess(scripts) as server, tempfile.TemporaryDirectory() as folder:
        url = server.base_url
        asyncio.run(bare(url))
        bare_cpu, bare_wall = measured(lambda: bare(url))
        our_cpu, our_wall = measured(lambda: ours(url, Path(folder)))
        import litellm  # noqa: F401  - its import is not part of the loop

        their_cpu, their_wall = measured(lambda: litellm_loop(url))
    detail = f"CPU per chunk: ours {our_cpu:.0f} µs, bare {bare_cpu:.0f} µs, LiteLLM {their_cpu:.0f} µs"
    report(
        Figure("throughput against the bare loop, CPU", bare_cpu / our_cpu, "×", 0.5, "higher", detail),
        Figure("throughput against the bare loop, wall", bare_wall / our_wall, "×", 0.5, "higher"),
        Figure("throughput against LiteLLM's loop, CPU", their_cpu / our_cpu, "×", 10, "higher"),
        Figure("throughput against LiteLLM's loop, wall", their_wall / our_wall, "×", 10, "higher"),
    )


if __name__ == "__main__":
    end_after(main)
