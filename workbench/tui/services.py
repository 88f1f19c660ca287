"""What the app is given from outside, so that tests and screenshots can give it something else."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, Literal, Protocol, TypeAlias

from workbench.config import Config
from workbench.engine.events import AnyEvent
from workbench.engine.limits import Limits
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.base import Models
from workbench.systems.nodes import AnyNode, System

Sink: TypeAlias = Callable[[AnyEvent], None]


Execute: TypeAlias = Callable[Concatenate[System, Task, Models, ...], Awaitable[RunView]]
"""`engine.run.execute`, or a script that pretends to be it."""


class Systems(Protocol):
    """`systems.library.Library`: saved and shipped systems by name."""

    def names(self) -> Iterable[str]: ...

    def get(self, name: str) -> System: ...

    def find(self, text: str) -> System: ...

    def file_of(self, text: str) -> Path | None: ...

    def resolve(self, system: System, file: Path | None = None) -> System: ...


class Notation(Protocol):
    """`systems.notation`: a line ⇄ a tree."""

    def parse(self, text: str) -> AnyNode: ...

    def print_pretty(self, node: AnyNode, width: int = 80) -> str: ...


@dataclass(frozen=True)
class Past:
    """The day so far."""

    spent: int = 0
    """Real money as far as it is known, pico-dollars."""
    runs: int = 0
    """Real runs."""
    unknown: int = 0
    """Real runs whose cost is not wholly known."""


@dataclass(frozen=True)
class Doubt:
    """What the checks say of a system."""

    severity: Literal["error", "ask", "warning", "info"]
    """ask: it is to be confirmed before it runs."""
    message: str


@dataclass(frozen=True)
class Forecast:
    """Number of calls (low, high) that firing makes, and what is doubtful about it."""

    low: int
    high: int
    doubts: tuple[Doubt, ...] = ()


class Store(Protocol):
    """What the app needs of the ledger."""

    def recorder(self) -> Sink:
        """A sink that keeps a run's events."""
        ...

    def events(self, ref: str) -> Iterable[AnyEvent]:
        """A past run's events in order. `last`, an id or the beginning of one."""
        ...

    async def settle(self) -> None:
        """Wait until all that was recorded is on disk. Raises `LedgerError`."""
        ...

    def today(self) -> Past: ...

    def close(self) -> None:
        """Write what waits, then close. Raises `LedgerError`."""
        ...


@dataclass(frozen=True)
class Fetch:
    """How far a download is."""

    done: int
    total: int | None
    words: str


class Embedded(Protocol):
    """The models that run inside: whether they are on disk, and fetching them."""

    def missing(self, model: str) -> str | None:
        """What is said of a model that must be fetched first (name and size); None where nothing is missing."""
        ...

    async def fetch(self, model: str, progress: Callable[[Fetch], None]) -> None:
        """Fetch and verify it. Cancelling the task stops it. Raises `WorkbenchError`."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything the app reaches."""

    models: Models
    config: Config
    systems: Systems
    notation: Notation
    execute: Execute
    forecast: Callable[[System, bool], Forecast] = lambda system, allow_code: Forecast(0, 0)
    """How many calls firing it would make, and what is doubtful about it; the second argument: its checks may run
    code."""
    store: Store | None = None
    store_problem: str = ""
    """Why there is no ledger."""
    embedded: Embedded | None = None
    warm: Callable[[], Awaitable[None]] | None = None
    """Starts what LiteLLM's models need. May raise `ModelError`."""
    now: Callable[[], int] = time.time_ns
    """Nanoseconds since the Unix epoch."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_seed: Callable[[], int] = lambda: secrets.randbits(32)
    limits: Limits = field(default_factory=Limits)
    """One for all runs of the app."""
