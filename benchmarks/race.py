"""What a race costs above its fastest replica, and how soon the losers' connections are closed.

`race(10*m)` against a server in another process whose replicas have known latencies; the peer is the fastest replica's
own request through bare httpx, alternating with the race in the same run.
"""

from __future__ import annotations

import asyncio
import statistics
import time

import httpx

from benchmarks.common import Figure, bare_stream, end_after, lab, report
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.models.catalogue import Catalogue
from workbench.systems.nodes import Model, Race, System

FASTEST = 2.0
LATENCIES = (3.0, 2.6, FASTEST, 4.0, 3.4, 3.0, 2.8, 3.2, 3.6, 3.8)
CHUNKS = 40
ROUNDS = 5


async def alone(base_url: str) -> float:
    """Seconds of the fastest replica's request through bare httpx."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        start = time.perf_counter()
        async for _ in bare_stream(client, base_url, "solo"):
            pass
        return time.perf_counter() - start


async def raced(catalogue: Catalogue) -> float:
    """Seconds of the whole run, losers cancelled."""
    system = System(root=Race(of=(Model(model="lab/racer", replicas=10),)))
    start = time.perf_counter()
    view = await execute(system, Task.of("hi"), catalogue, seed=1)
    seconds = time.perf_counter() - start
    assert view.status == "done", view.reason
    return seconds


async def rounds(server: ServerProcess) -> tuple[list[float], list[float]]:
    """Paired times of the lone request and the race, warmed up once."""
    catalogue = Catalogue(lab(server.base_url))
    try:
        await alone(server.base_url)
        await raced(catalogue)
        lone, race = [], []
        for _ in range(ROUNDS):
            lone.append(await alone(server.base_url))
            race.append(await raced(catalogue))
        return lone, race
    finally:
        await catalogue.aclose()


def closings(server: ServerProcess) -> list[float]:
    """Milliseconds from a winner's last byte to each loser's closed connection, as the server saw them."""
    records = [r for r in server.records() if r.model == "racer"]
    delays = []
    for start in range(0, len(records), len(LATENCIES)):
        race = records[start : start + len(LATENCIES)]
        winner = min(r.last_chunk_ns for r in race if r.last_chunk_ns)
        delays += [(r.closed_ns - winner) / 1e6 for r in race if r.cancelled]
    return delays


def main() -> None:
    """Print the two figures."""
    chunks = tuple(f" w{i}" for i in range(CHUNKS))
    scripts = {
        "solo": Script(chunks=chunks, latencies=(FASTEST,)),
        "racer": Script(chunks=chunks, latencies=LATENCIES),
    }
    with ServerProcess(scripts) as server:
        lone, race = asyncio.run(rounds(server))
        delays = closings(server)
    expected = (ROUNDS + 1) * (len(LATENCIES) - 1)
    above = (min(race) - min(lone)) * 1000
    spread = (statistics.median(race) - statistics.median(lone)) * 1000
    detail = f"best of {ROUNDS}: {above:.0f} ms above {min(lone):.2f} s; medians {spread:.0f} ms apart"
    report(
        Figure(
            "race(10*m), wall time / fastest replica through bare httpx",
            min(race) / min(lone),
            "×",
            1.02,
            "lower",
            detail,
        ),
        Figure("losers closed after the winner's last byte, slowest", max(delays), "ms", 50, "lower"),
        Figure("losers closed", len(delays) / expected, "of all losers", 1.0, "higher", f"{len(delays)} of {expected}"),
    )


if __name__ == "__main__":
    end_after(main)
