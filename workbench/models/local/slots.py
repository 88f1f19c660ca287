"""Who computes in which slot of the server. A slot is one sequence's memory; a request occupies one while it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Slot:
    """One slot. `holds` names the group whose prompt is in its memory, where that is known."""

    __slots__ = ("holds", "index")

    def __init__(self, index: int) -> None:
        self.index = index
        self.holds = ""


class Slots:
    """As many requests at once as the server has slots; who comes first is served first."""

    def __init__(self, count: int) -> None:
        self._free = [Slot(index) for index in range(count)]
        self._turn = asyncio.Semaphore(count)

    @contextlib.asynccontextmanager
    async def one(self, group: str) -> AsyncIterator[Slot]:
        """A slot for the length of the block; best one that holds the group's prompt, else the longest idle."""
        async with self._turn:
            slot = next((slot for slot in self._free if group and slot.holds == group), self._free[0])
            self._free.remove(slot)
            try:
                yield slot
            finally:
                self._free.append(slot)
