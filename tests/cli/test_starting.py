"""A start that takes long is told once, one that does not isn't."""

from __future__ import annotations

import asyncio

from workbench.cli.starting import Starting
from workbench.config import Config
from workbench.engine import events as e
from workbench.engine.clock import VirtualLoop
from workbench.models.base import Message, Request
from workbench.models.catalogue import Catalogue


def queued(call: str, model: str) -> e.CallQueued:
    request = Request(model=model, messages=(Message("user", "hi"),))
    return e.CallQueued(t=0, call=call, node="", replica=1, role="generate", request=request, endpoint="x", kind="real")


def told(model: str, after: float) -> list[str]:
    said: list[str] = []

    async def main() -> None:
        sink = Starting(Catalogue(Config(), environ={}), said.append)
        for call in ("c1", "c2"):
            sink(queued(call, model))
        await asyncio.sleep(after)
        sink(e.CallStarted(t=0, call="c1"))
        await asyncio.sleep(10)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    return said


def test_a_long_start_is_told_once() -> None:
    assert told("ollama/any", 3) == ["workbench: LiteLLM is starting; this takes some seconds, once"]
    assert told("local/smollm2-135m", 3) == ["workbench: the embedded model is starting; this takes some seconds, once"]


def test_a_short_one_or_none_is_not() -> None:
    assert told("ollama/any", 0.5) == []
    assert told("sim/small", 3) == []
