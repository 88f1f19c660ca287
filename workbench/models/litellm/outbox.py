"""What the worker has to say, coalesced: one write for all calls every 33 ms, at once where it can't wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workbench.models.base import Channel
from workbench.models.litellm.frames import FromWorker, Text, framed

BATCH_S = 0.033
"""Seconds between batches: the screen draws no faster."""


class Outbox:
    """Collects frames; `write` gets whole batches as bytes."""

    def __init__(self, write: Callable[[bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        self._write = write
        self._loop = loop
        self._waiting: list[FromWorker] = []
        self._last: dict[int, Text] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._soon = False

    def text(self, call: int, channel: Channel, text: str, *, urgent: bool = False) -> None:
        """Add a piece of text; within a batch it shares a frame with those of its call and channel just before it."""
        last = self._last.get(call)
        if last is not None and last.channel == channel:
            last.pieces.append(text)
        else:
            last = self._last[call] = Text(call, channel, [text])
            self._waiting.append(last)
        self._schedule(urgent)

    def frame(self, frame: FromWorker) -> None:
        """Add an end or a failure; it goes out at once, after the texts before it."""
        self._waiting.append(frame)
        self._schedule(urgent=True)

    def flush(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._waiting, self._timer, self._soon = self._waiting, [], None, False
        self._last.clear()
        if waiting:
            self._write(framed(waiting))

    def _schedule(self, urgent: bool) -> None:
        if urgent and not self._soon:
            self._soon = True
            self._loop.call_soon(self.flush)
        elif not self._soon and self._timer is None:
            self._timer = self._loop.call_later(BATCH_S, self.flush)
