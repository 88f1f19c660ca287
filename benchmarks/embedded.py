"""Embedded model: eight replicas of one 200-token prompt, and batched throughput against the plain set-up.

The peer is the plain set-up in the same run: the file as distributed (Q4_1), each replica computing its own prompt.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

import httpx
from msgspec.structs import replace

from benchmarks.common import Figure, end_after, report
from workbench.config import LocalConfig
from workbench.models.base import Delta, Done, Message, Request
from workbench.models.local import LocalProvider, Store
from workbench.paths import models_dir

REPLICAS = 8
TOKENS = 64
ROUNDS = 3
WORDS = [
    "river",
    "stone",
    "light",
    "water",
    "garden",
    "window",
    "music",
    "paper",
    "table",
    "mountain",
    "chair",
    "delta",
]


class Round:
    """What eight replicas of one prompt took. Seconds from the start."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.wall = 0.0
        self.tokens = 0
        self.prompt_tokens = 0


def prompt(index: int) -> str:
    """About 200 tokens with the chat template, different for each index from its first word on."""
    words = [WORDS[(index * 5 + position * (index + 1)) % len(WORDS)] for position in range(160)]
    return f"Case {index}. Write about: {' '.join(words)}."


async def one(provider: LocalProvider, request: Request, took: Round, start: float) -> None:
    """One replica."""
    seen = False
    async for chunk in provider.stream(request):
        if isinstance(chunk, Delta) and not seen:
            seen = True
            took.first.append(time.perf_counter() - start)
        elif isinstance(chunk, Done):
            took.tokens += chunk.usage.completion_tokens or 0
            took.prompt_tokens = chunk.usage.prompt_tokens or 0


async def race(provider: LocalProvider, model: str, index: int, *, shared: bool) -> Round:
    """Eight replicas at once."""
    base = Request(
        model=model,
        messages=(Message("user", prompt(index)),),
        temperature=0.8,
        max_tokens=TOKENS,
        group=f"bench {index}" if shared else "",
        group_size=REPLICAS if shared else 1,
        extra={"ignore_eos": True},
    )
    took = Round()
    start = time.perf_counter()
    await asyncio.gather(*(one(provider, replace(base, seed=seed), took, start) for seed in range(REPLICAS)))
    took.wall = time.perf_counter() - start
    return took


async def rounds(store: Store, model: str, *, shared: bool) -> tuple[float, Round]:
    """(Earliest last first token, fastest round) of some, each with a prompt not seen before, on a warm server."""
    provider = LocalProvider(LocalConfig(slots=REPLICAS), store=store)
    try:
        await race(provider, model, ROUNDS, shared=shared)
        taken = [await race(provider, model, index, shared=shared) for index in range(ROUNDS)]
        return min(max(each.first) for each in taken), min(taken, key=lambda each: each.wall)
    finally:
        await provider.aclose()


async def freed_after(store: Store) -> float:
    """Seconds from leaving a stream to its slot being free, the longest of some."""
    provider = LocalProvider(LocalConfig(slots=REPLICAS), store=store)
    try:
        return max([await _leave(provider) for _ in range(ROUNDS)])
    finally:
        await provider.aclose()


async def _leave(provider: LocalProvider) -> float:
    told = (Message("user", "Tell a long story."),)
    stream = provider.stream(Request(model="local/smollm2", messages=told, extra={"ignore_eos": True}))
    for _ in range(4):
        await anext(stream)
    (running,) = provider._running.values()
    process = running.process
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {process.key}"}) as client:
        left = time.perf_counter()
        await stream.aclose()
        while any(slot["is_processing"] for slot in (await client.get(f"{process.url}/slots")).json()):
            pass
        return time.perf_counter() - left


async def measure(store: Store) -> None:
    """Print the figures."""
    for model in ("local/smollm2-135m", "local/smollm2-135m-q4_1"):
        await store.ensure(model)
    plain_last, plain = await rounds(store, "local/smollm2-135m-q4_1", shared=False)
    last, ours = await rounds(store, "local/smollm2-135m", shared=True)
    speed, plain_speed = ours.tokens / ours.wall, plain.tokens / plain.wall
    freed = await freed_after(store)
    what = f"{REPLICAS} × {ours.prompt_tokens} prompt tokens"
    report(
        Figure("last replica's first token", last, "s", 1.0, "lower", what),
        Figure(
            "last replica's first token against the plain set-up",
            last / plain_last,
            "×",
            0.5,
            "lower",
            f"plain: {plain_last:.2f} s",
        ),
        Figure(
            "batched throughput, prompt included",
            speed / plain_speed,
            "×",
            1.8,
            "higher",
            f"{speed:.0f} against {plain_speed:.0f} tok/s, {TOKENS} tokens each",
        ),
        Figure("slot free after leaving a stream", freed * 1000, "ms", 100, "lower"),
    )


def main() -> None:
    """Models are taken from where the user has them; the slots' files go to a folder of this run."""
    store = Store(folder=Path(os.environ.get("WORKBENCH_TEST_MODELS") or models_dir()))
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_HOME"] = home
        asyncio.run(measure(store))


if __name__ == "__main__":
    end_after(main)
