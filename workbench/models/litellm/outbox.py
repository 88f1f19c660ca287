"""What the worker has to say, coalesced: one write for all calls every 33 ms, at once where it can't wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workbench.models.base import Channel
from workbench.models.litellm.frames import FromWorker, Text, framed

BATCH_S = 0.033
"""Seconds between batches: the screen draws no faster."""


class _Piece:
    """Text of one call and channel that waits for the next batch."""

    def __init__(self, call: int, channel: Channel, text: str) -> None:
        self.call = call
        self.channel = channel
        self.parts = [text]


class Outbox:
    """Collects frames; `write` gets whole batches as bytes."""

    def __init__(self, write: Callable[[bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        self._write = write
        self._loop = loop
        self._waiting: list[FromWorker | _Piece] = []
        self._last: dict[int, _Piece] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._soon = False

    def text(self, call: int, channel: Channel, text: str, *, urgent: bool = False) -> None:
        """Add text; what follows text of the same call and channel within a batch is joined to it."""
        last = self._last.get(call)
        if last is not None and last.channel == channel:
            last.parts.append(text)
        else:
            piece = self._last[call] = _Piece(call, channel, text)
            self._waiting.append(piece)
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
            self._write(framed([_frame(item) for item in waiting]))

    def _schedule(self, urgent: bool) -> None:
        if urgent and not self._soon:
            self._soon = True
            self._loop.call_soon(self.flush)
        elif not self._soon and self._timer is None:
            self._timer = self._loop.call_later(BATCH_S, self.flush)


def _frame(item: FromWorker | _Piece) -> FromWorker:
    return Text(item.call, item.channel, "".join(item.parts)) if isinstance(item, _Piece) else item
