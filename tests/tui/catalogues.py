"""A made-up catalogue: no disk, no network, no clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import InputError, WorkbenchError
from workbench.models.base import ModelInfo, Prices, Usage
from workbench.models.catalogue import TestResult
from workbench.models.endpoints import Endpoint
from workbench.models.listing import Listed, listed
from workbench.models.local.store import LocalModel
from workbench.models.probe import Probed
from workbench.tui.services import Tested

FREE = Prices(input=0, cached_input=0, cache_write=0, output=0, reasoning=0, source="embedded")
VLLM = Endpoint(name="vllm", base_url="http://127.0.0.1:8000/v1", flavour="vllm", models=("qwen3", "tiny"))


def priced(cents_in: float, cents_out: float, **more: int) -> Prices:
    """Cents per million tokens."""
    return Prices(input=round(cents_in * 1e4), output=round(cents_out * 1e4), source="litellm 1.110.2", **more)


def published(name: str, prices: Prices | None = None, problem: str = "", **more: object) -> ModelInfo:
    """A model of LiteLLM's map."""
    room = name.partition("/")[0]
    known = {"provider": "litellm", "endpoint": room, "prices": prices, "problem": problem, "available": not problem}
    return ModelInfo(name=name, **{**known, **more})  # type: ignore[arg-type]


def local(name: str, *, ready: bool = True, note: str = "") -> Listed:
    """A GGUF file."""
    info = ModelInfo(
        name=f"local/{name}",
        provider="local",
        endpoint="local",
        prices=FREE,
        context=2048,
        billing_on_cancel="stops",
        max_concurrency=8,
    )
    size = 93_000_000 if ready else 0
    file = LocalModel(
        name=name, path=Path("x"), bytes=size, source="embedded", origin="hub:o/r/f.gguf", ready=ready, note=note
    )
    return listed(info, file)


def rows() -> list[Listed]:
    """Local, simulated, with key, without, unknown; and a name that means harm."""
    simulated = ModelInfo(
        name="sim/small", provider="sim", endpoint="sim", kind="simulated", prices=priced(5, 20), context=128_000
    )
    sonnet = published(
        "anthropic/claude-sonnet-4-5",
        priced(300, 1500, cached_input=300_000, cache_write=3_750_000),
        reasoning=True,
        abilities=("tools", "vision", "cache"),
        context=200_000,
        max_output=64_000,
        billing_on_cancel="stops",
        requests_per_minute=50.0,
    )
    reasoner = published(
        "deepseek/deepseek-reasoner", priced(55, 219), "set DEEPSEEK_API_KEY", reasoning=True, context=131_072
    )
    return [
        local("smollm2-135m"),
        local("big", ready=False),
        listed(simulated),
        listed(sonnet),
        listed(published("newcomer/\x1b[31m[red]model", priced(3.75, 7.5), context=32_000)),
        listed(published("newcomer/unpriced")),
        listed(reasoner),
    ]


@dataclass
class FakeCatalogue:
    """Answers at once, or (with `holds`) when it is cancelled."""

    rows: list[Listed] = field(default_factory=rows)
    found: list[Endpoint] = field(default_factory=list)
    """What discovery finds."""
    known: list[Endpoint] = field(default_factory=list)
    result: TestResult | None = None
    verdict: Probed | WorkbenchError | None = None
    in_keyring: set[str] = field(default_factory=set)
    holds: bool = False
    called: list[str] = field(default_factory=list)
    """What was asked for, in order: `test x`, `probe x`, `look up x`, `discover`."""
    cancelled: int = 0
    read: int = 0

    def listing(self) -> list[Listed]:
        self.read += 1
        served = [
            listed(ModelInfo(name=f"{each.name}/{model}", provider=each.name, endpoint=each.name))
            for each in self.known
            for model in each.models
        ]
        return [*self.rows[:3], *served, *self.rows[3:]]

    def look_up(self, model: str) -> ModelInfo:
        self.called.append(f"look up {model}")
        found = next(row.info for row in self.rows if row.info.name == model)
        return published(model, found.prices) if model in self.in_keyring else found

    def endpoints(self) -> list[Endpoint]:
        return self.known

    def billing_source(self, info: ModelInfo) -> str:
        return "a table"

    def price_date(self, source: str) -> str:
        return "25 Nov 2026" if source.startswith("litellm") else ""

    def add(self, spec: str) -> str:
        if not spec.endswith(".gguf"):
            raise InputError(f"{spec!r} is neither a known local model nor a file", hint="Give a path.")
        self.rows.append(local("added"))
        return "local/added"

    async def discover(self) -> list[Endpoint]:
        self.called.append("discover")
        self.known = list(self.found)
        return self.found

    async def test(self, model: str) -> Tested:
        self.called.append(f"test {model}")
        await self._hold()
        usage = Usage(prompt_tokens=12, completion_tokens=31, source="reported")
        made = TestResult(
            model=model, ok=True, first_token_s=0.34, total_s=1.09, text="one, two, [b]three", usage=usage
        )
        return Tested(self.result or made, cost=498_000_000, estimated=False)

    async def probe(self, model: str, say: Callable[[str], None]) -> Probed:
        self.called.append(f"probe {model}")
        say("a long answer begins")
        await self._hold()
        if isinstance(self.verdict, WorkbenchError):
            raise self.verdict
        return self.verdict or Probed(
            model=model, verdict="continues", because="it went on 3.0 s after the cancel", how="/slots"
        )

    async def _hold(self) -> None:
        if self.holds:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
