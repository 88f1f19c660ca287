"""What the benchmarks share: a line per figure, always a ratio against a peer or a physical limit of the same run."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Literal

import httpx

from workbench.config import Config, EndpointConfig, PriceConfig

BROKE = 1
"""Exit code of a benchmark that did not run to its end; Python's own."""
MISSED = 2
"""Exit code of a benchmark of which a bound does not hold."""


@dataclass(frozen=True)
class Figure:
    """One measured ratio and the bound it is held against."""

    name: str
    value: float
    unit: str
    bound: float
    better: Literal["higher", "lower"]
    detail: str = ""

    @property
    def met(self) -> bool:
        """Whether the bound is met."""
        return self.value >= self.bound if self.better == "higher" else self.value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.better == "higher" else "≤"
        word = "met" if self.met else "NOT MET"
        tail = f"  ({self.detail})" if self.detail else ""
        return f"{self.name}: {self.value:.3g} {self.unit} (bound {sign} {self.bound:g}) {word}{tail}"


_missed: list[Figure] = []


def report(*figures: Figure) -> None:
    """Print the figures, as JSON lines where `--json` was given."""
    for figure in figures:
        if not figure.met:
            _missed.append(figure)
        print(json.dumps({**asdict(figure), "met": figure.met}) if "--json" in sys.argv else str(figure), flush=True)


def end_after(main: Callable[[], None]) -> None:
    """Run a benchmark and end the process with a code that says whether its bounds hold."""
    main()
    sys.exit(MISSED if _missed else 0)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Of the fastest of a few times."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def lab(base_url: str) -> Config:
    """A config whose endpoint `lab` is the server at `base_url`, with prices and no limit."""
    prices = {"*": PriceConfig(input=1.0, output=2.0)}
    return Config(
        endpoints={
            "lab": EndpointConfig(base_url=base_url, prices=prices, billing_on_cancel="stops", max_concurrency=2000)
        }
    )


def body(model: str) -> dict[str, object]:
    """The request of the bare loop."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def bare_stream(client: httpx.AsyncClient, base_url: str, model: str) -> AsyncIterator[str]:
    """The physical limit in Python: httpx, httpx-sse and json, nothing kept."""
    from httpx_sse import aconnect_sse

    async with aconnect_sse(client, "POST", f"{base_url}/chat/completions", json=body(model)) as source:
        async for event in source.aiter_sse():
            if event.data == "[DONE]":
                return
            for choice in json.loads(event.data)["choices"]:
                text = choice["delta"].get("content")
                if text:
                    yield text
