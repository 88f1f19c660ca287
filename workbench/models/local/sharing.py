"""One prefill for all replicas of a prompt: compute it in one slot, save that slot, restore it into the others."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import msgspec

from workbench.models.base import Request
from workbench.models.local.slots import Slot

WORTH_CHARACTERS = 16
"""Shorter prompts are left alone: saving and restoring costs about as much as computing five tokens (15 ms, 5 ms)."""
IDLE_KEPT = 4
"""Saved prompts of groups that have no call under way but expect more."""

Outcome: TypeAlias = Literal["saved", "failed", "abandoned"]


class Memory(Protocol):
    """What is asked of the server. Each raises where it fails."""

    def prefill(self, request: Request, slot: int) -> Awaitable[int | None]:
        """Compute the prompt into the slot; returns how many of its tokens were there already."""
        ...

    def save(self, slot: int, file: str) -> Awaitable[None]: ...

    def restore(self, slot: int, file: str) -> Awaitable[None]: ...


class _Group:
    """The calls that share one prompt."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.arrived = 0
        self.active = 0
        self.saved: asyncio.Future[Outcome] | None = None


class Sharing:
    """The groups of one server. Followers wait only for a leader that has its slot already, so nothing can deadlock."""

    def __init__(self, memory: Memory, folder: Path) -> None:
        self._memory = memory
        self._folder = folder
        self._groups: dict[str, _Group] = {}
        self._count = 0

    @contextlib.asynccontextmanager
    async def member(self, request: Request) -> AsyncIterator[str]:
        """Belong to the request's group for the length of the block; yields its name, or nothing where sharing it does
        not pay."""
        name = _name(request) if request.group and _worth(request) else ""
        if not name:
            yield ""
            return
        group = self._enter(name)
        try:
            yield name
        finally:
            self._leave(name, group, request.group_size)

    async def prepare(self, slot: Slot, request: Request, name: str) -> int | None:
        """Bring the group's prompt into the slot. Returns, to the call that computed it, how many of the prompt's
        tokens were in memory before; None to all others. Raises what the server raises on computing it.
        """
        group = self._groups.get(name)
        if group is None:
            slot.holds = ""
            return None
        while slot.holds != name:
            if group.saved is None:
                return await self._lead(slot, request, name, group)
            outcome = await asyncio.shield(group.saved)
            if outcome == "failed":
                slot.holds = ""
                return None
            if outcome == "saved":
                await self._follow(slot, name, group)
                return None
        return None

    async def _lead(self, slot: Slot, request: Request, name: str, group: _Group) -> int | None:
        saved = group.saved = asyncio.get_running_loop().create_future()
        outcome: Outcome = "abandoned"
        slot.holds = ""
        try:
            cached = await self._memory.prefill(request, slot.index)
            slot.holds = name
            try:
                await self._memory.save(slot.index, group.file)
                outcome = "saved"
            except Exception:
                outcome = "failed"  # a full disk, say: each computes its own prompt, as without sharing
            return cached
        finally:
            if outcome == "abandoned":
                group.saved = None  # the next in line leads
            saved.set_result(outcome)

    async def _follow(self, slot: Slot, name: str, group: _Group) -> None:
        slot.holds = ""
        with contextlib.suppress(Exception):  # the server computes what it could not restore
            await self._memory.restore(slot.index, group.file)
            slot.holds = name

    def _enter(self, name: str) -> _Group:
        group = self._groups.pop(name, None)
        if group is None:
            self._count += 1
            group = _Group(f"{self._count}.slot")
        self._groups[name] = group  # last in the order of use
        group.arrived += 1
        group.active += 1
        return group

    def _leave(self, name: str, group: _Group, size: int) -> None:
        group.active -= 1
        if group.active == 0 and group.arrived >= size:
            self._drop(name)
        idle = [each for each, other in self._groups.items() if other.active == 0]
        for each in idle[:-IDLE_KEPT]:
            self._drop(each)

    def _drop(self, name: str) -> None:
        group = self._groups.pop(name)
        with contextlib.suppress(OSError):
            (self._folder / group.file).unlink()


def _name(request: Request) -> str:
    """A group's name comes again in the next run, and within a run, with another prompt: the prompt is part of it."""
    shaping = request.extra.get("chat_template_kwargs")
    prompt = msgspec.json.encode((request.messages, shaping))
    return f"{request.group} {hashlib.blake2b(prompt, digest_size=16).hexdigest()}"


def _worth(request: Request) -> bool:
    return request.group_size > 1 and sum(len(message.content) for message in request.messages) >= WORTH_CHARACTERS
