"""One call inside the worker, with a stand-in for LiteLLM: nothing is imported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

from tests.models.test_litellm_outbox import decoded
from workbench.errors import ErrorKind
from workbench.models.base import Usage
from workbench.models.litellm.calls import Call
from workbench.models.litellm.frames import Cancel, Failed, Finished, FromWorker, Open
from workbench.models.litellm.outbox import Outbox
from workbench.models.litellm.worker import Worker


class Stream:
    """LiteLLM's stream: it never lets go of the loop while chunks are buffered."""

    def __init__(self, chunks: list[Any], finish: str | None = "stop") -> None:
        self.chunks = chunks
        self.received_finish_reason = finish
        self.closed = False
        self.served = 0
        self.begun = asyncio.Event()
        self._iterator = self._iterate()

    def __aiter__(self) -> AsyncGenerator[Any, None]:
        return self._iterator

    async def _iterate(self) -> AsyncGenerator[Any, None]:
        for chunk in self.chunks:
            self.served += 1
            self.begun.set()
            yield chunk

    async def aclose(self) -> None:
        self.closed = True


def chunk(text: str, usage: Any = None) -> Any:
    return SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=text))], usage=usage)


def library(stream: Stream) -> Any:
    async def acompletion(**_: Any) -> Stream:
        return stream

    return SimpleNamespace(acompletion=acompletion)


def opened() -> Open:
    return Open(1, {"model": "m", "messages": [{"role": "user", "content": "hi"}]})


async def frames_of(stream: Stream) -> list[FromWorker]:
    written: list[bytes] = []
    outbox = Outbox(written.append, asyncio.get_running_loop())
    await Call(library(stream), opened(), outbox).run()
    outbox.flush()
    return [frame for batch in decoded(written) for frame in batch]


async def test_a_buffered_stream_lets_the_other_calls_have_their_turn() -> None:
    stream = Stream([chunk("x")] * 400)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await frames_of(stream)
    beside.cancel()
    assert turns >= 50


async def test_a_buffered_stream_can_be_cancelled_in_its_middle() -> None:
    stream = Stream([chunk("x")] * 10_000)
    written: list[bytes] = []
    worker = Worker(library(stream), Outbox(written.append, asyncio.get_running_loop()))
    worker.handle(opened())
    (task,) = worker._tasks.values()
    await stream.begun.wait()
    worker.handle(Cancel(1))
    await asyncio.wait([task])
    assert stream.closed
    assert stream.served < 100
    ends = [frame for batch in decoded(written) for frame in batch if isinstance(frame, Finished | Failed)]
    assert ends == []
    worker.handle(Cancel(1))  # of a call that is over: nothing happens


async def test_an_end_that_the_provider_did_not_send_is_a_failure() -> None:
    frames = await frames_of(Stream([chunk("half an ans")], finish=None))
    assert isinstance(frames[-1], Failed)
    assert frames[-1].kind is ErrorKind.INTERRUPTED


async def test_zero_usage_is_unknown() -> None:
    """LiteLLM fills in zeros where nothing was said."""
    nothing = SimpleNamespace(prompt_tokens=0, completion_tokens=0, cost=0.0)
    frames = await frames_of(Stream([chunk("a"), chunk("b", nothing)]))
    assert isinstance(frames[-1], Finished)
    assert (frames[-1].usage, frames[-1].reported_cost) == (Usage(), None)
