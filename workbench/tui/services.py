"""What the app is given from outside, so that tests and screenshots can give it something else."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Literal, Protocol, TypeAlias

import msgspec

from workbench.config import Config
from workbench.engine.events import AnyEvent
from workbench.engine.limits import Limits
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.base import ModelInfo, Models, RunKind
from workbench.systems.nodes import AnyNode, System
from workbench.tui.drafts import Drafts
from workbench.tui.memory import Memory
from workbench.tui.shelf import Shelf

if TYPE_CHECKING:
    from workbench.analysis.calibration import GradedScore
    from workbench.analysis.pool import Pool
    from workbench.ledger.distil import Shape, Tally
    from workbench.ledger.export import Format
    from workbench.ledger.measuring import Measures
    from workbench.ledger.past_calls import PastCalls
    from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
    from workbench.models.catalogue import TestResult
    from workbench.models.endpoints import Endpoint
    from workbench.models.listing import Listed
    from workbench.models.probe import Probed

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


class Past(msgspec.Struct, frozen=True):
    """The day so far."""

    spent: int = 0
    """Real money as far as it is known, pico-dollars."""
    runs: int = 0
    """Real runs."""
    unknown: int = 0
    """Real runs whose cost is not wholly known."""


class Doubt(msgspec.Struct, frozen=True):
    """What the checks say of a system."""

    severity: Literal["error", "ask", "warning", "info"]
    """ask: it is to be confirmed before it runs."""
    message: str
    path: str = ""
    """The node it is about."""
    hint: str = ""


class Forecast(msgspec.Struct, frozen=True):
    """Number of calls (low, high) that firing makes, and what is doubtful about it."""

    low: int
    high: int
    doubts: tuple[Doubt, ...] = ()


class Store(Protocol):
    """What the app needs of the ledger."""

    @property
    def ready(self) -> bool:
        """Whether it is open."""
        ...

    def open(self) -> None:
        """Make ready what the first use would have to. May take a moment: in a thread. Raises `LedgerError`."""
        ...

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

    def runs(self, query: RunQuery, *, limit: int, after: RunRow | None = None, skip: int = 0) -> list[RunRow]:
        """A page of runs, newest first: after a row, so many left out. This and all below raise `LedgerError`,
        `InputError`."""
        ...

    def row(self, ref: str) -> RunRow:
        """One run as a page has it."""
        ...

    def calls(self, ref: str, *, limit: int) -> list[CallRow]:
        """A run's first calls."""
        ...

    def count(self, query: RunQuery) -> int: ...

    def measures(self, query: RunQuery) -> Measures:
        """What each system came to on each prompt."""
        ...

    def pool(self, runs: Sequence[str]) -> Pool:
        """The draws of these runs."""
        ...

    def tag_names(self) -> list[str]:
        """Those in use, the one of most runs first."""
        ...

    def grade(self, ref: str, grade: Grade) -> None: ...

    def tag(self, ref: str, *tags: str) -> None: ...

    def untag(self, ref: str, *tags: str) -> None: ...

    def delete(self, *refs: str) -> list[str]: ...

    def restore(self, *ids: str) -> None: ...

    def export(self, *, refs: Sequence[str], format: Format) -> Iterator[str]:  # noqa: A002
        """Runs as pieces of a file."""
        ...

    def distil(self, *, refs: Sequence[str], shape: Shape) -> tuple[Iterator[str], Tally]:
        """Runs as training data, and the tally that fills as the lines are drawn."""
        ...

    def close(self) -> None:
        """Write what waits, then close. Raises `LedgerError`."""
        ...


class Fetch(msgspec.Struct, frozen=True):
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


class Tested(msgspec.Struct, frozen=True):
    """One small call and what it cost."""

    result: TestResult
    cost: int | None = None
    """Pico-dollars; None is unknown."""
    estimated: bool = True


class Catalogue(Protocol):
    """Every model there is, for the Models screen. Nothing is called before it is asked for."""

    def listing(self) -> Sequence[Listed]:
        """All rows, what can be called first. Reads files: to be called in a thread."""
        ...

    def look_up(self, model: str) -> ModelInfo:
        """What is known of one; asks the keyring, which may take a second: to be called in a thread."""
        ...

    def endpoints(self) -> Sequence[Endpoint]:
        """The servers of config.toml and those that were found."""
        ...

    def billing_source(self, info: ModelInfo) -> str:
        """Where `billing_on_cancel` is known from."""
        ...

    def price_date(self, source: str) -> str:
        """Since when the source of prices is on this machine; empty where that can't be told."""
        ...

    def add(self, spec: str) -> str:
        """A GGUF file by path or hub address; its new name. Reads files. Raises `WorkbenchError`."""
        ...

    async def discover(self) -> Sequence[Endpoint]:
        """Servers that answer on this machine; their models are callable from then on."""
        ...

    async def test(self, model: str) -> Tested: ...

    async def probe(self, model: str, say: Callable[[str], None]) -> Probed:
        """Whether its server really stops when a call is cancelled. Raises `ModelError`."""
        ...


class Services(msgspec.Struct, eq=False):
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
    past_calls: Callable[[Sequence[str]], Mapping[str, PastCalls]] | None = None
    """What recent calls of these models came to. Reads the ledger: in a thread. Raises `LedgerError`."""
    graded: Callable[[RunKind], Sequence[GradedScore]] | None = None
    """Disagreement scores of graded runs of a kind. Reads the ledger: in a thread. Raises `LedgerError`."""
    search: Callable[[str], Sequence[ModelInfo]] | None = None
    """Models whose name holds these words, callable ones first. The first search reads files: in a thread."""
    shelf: Shelf | None = None
    drafts: Drafts | None = None
    memory: Memory | None = None
    """How the app was left; None: nothing is remembered, and nothing hinted at."""
    embedded: Embedded | None = None
    catalogue: Catalogue | None = None
    warm: Callable[[], Awaitable[None]] | None = None
    """Starts what LiteLLM's models need. May raise `ModelError`."""
    now: Callable[[], int] = time.time_ns
    """Nanoseconds since the Unix epoch."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_seed: Callable[[], int] = lambda: int.from_bytes(os.urandom(4), "big")
    limits: Limits = msgspec.field(default_factory=Limits)
    """One for all runs of the app."""

    def go_without_store(self) -> None:
        """From now on as if there were no ledger."""
        self.store, self.past_calls, self.graded = None, None, None
