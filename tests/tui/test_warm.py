"""LiteLLM's worker starts when one of its models stands on the bench, once, after a frame."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.tui.scripted import FakeModels, services
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import ModelInfo
from workbench.systems.nodes import Model, System
from workbench.tui.app import WorkbenchApp


class MixedModels(FakeModels):
    """`openai/…` goes to LiteLLM; `keyless/…` too, without a key."""

    def info(self, model: str) -> ModelInfo:
        if model.startswith(("openai/", "keyless/")):
            room = model.partition("/")[0]
            return ModelInfo(name=model, provider="litellm", endpoint=room, available=room == "openai")
        return super().info(model)


class Warm:
    """Counts; fails where asked."""

    def __init__(self, error: ModelError | None = None) -> None:
        self.calls = 0
        self.error = error
        self.begun = asyncio.Event()

    async def __call__(self) -> None:
        self.calls += 1
        self.begun.set()
        if self.error is not None:
            raise self.error


async def stands(warm: Warm, *steps: tuple[str, int]) -> None:
    """Put one model after another on the bench; after each it has been warmed so many times."""
    given: dict[str, Any] = {"models": MixedModels(), "warm": warm}
    app = WorkbenchApp(services(**given), system=System(root=Model(model="sim/small")))
    async with app.run_test() as pilot:
        for model, calls in steps:
            app.session.open(System(root=Model(model=model)))
            app.bench.draw_system()
            for _ in range(3):  # the frame, what comes after it, the task
                await pilot.pause()
            if calls:
                await asyncio.wait_for(warm.begun.wait(), 10)
            assert warm.calls == calls


async def test_it_starts_once_when_a_model_of_litellm_is_there() -> None:
    await stands(Warm(), ("sim/small", 0), ("keyless/m", 0), ("openai/m", 1), ("openai/n", 1))


async def test_where_it_cannot_start_the_bench_goes_on() -> None:
    await stands(Warm(ModelError(ErrorKind.UNAVAILABLE, "no process")), ("openai/m", 1), ("openai/n", 1))
