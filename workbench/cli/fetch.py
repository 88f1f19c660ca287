"""Embedded models that are not on disk yet: fetched before the run, with a bar on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.cli.output import console, note

if TYPE_CHECKING:
    from workbench.cli.services import Services
    from workbench.models.local.progress import Progress, Report

WORDS = {
    "waiting": "waiting for another process that fetches it",
    "fetch": "fetching",
    "verify": "verifying",
    "extract": "unpacking",
    "convert": "converting, once",
}


async def fetch_missing(services: Services, models: Iterable[str], *, quiet: bool = False) -> None:
    """Bring every `local/…` model of `models` onto the disk. Raises `ModelError`; a cancel leaves nothing half-made."""
    wanted = sorted({name for name in models if name.startswith("local/") and services.models.info(name).available})
    if not wanted:
        return
    from workbench.models.local.store import Store

    store = Store(services.config.local)
    missing = [name for name in wanted if not store.get(name).ready]
    if missing:
        with reporter(quiet=quiet) as report:
            for name in missing:
                await store.ensure(name, report)


@contextmanager
def reporter(*, quiet: bool = False) -> Iterator[Report]:
    """What shows progress: a bar on a terminal, a line for each phase elsewhere, nothing when quiet."""
    if quiet:
        yield lambda progress: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


def _lines() -> Report:
    seen: set[tuple[str, str]] = set()

    def report(progress: Progress) -> None:
        key = (progress.name, progress.phase)
        if key in seen or progress.phase not in WORDS:
            return
        seen.add(key)
        size = f" ({progress.total / 1e6:.0f} MB)" if progress.total and progress.phase == "fetch" else ""
        note(f"workbench: {progress.name}: {WORDS[progress.phase]}{size}")

    return report


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console(sys.stderr), transient=True) as bars:
        task = bars.add_task("", total=None)

        def report(progress: Progress) -> None:
            word = WORDS.get(progress.phase, progress.phase)
            bars.update(task, description=f"{progress.name}: {word}", completed=progress.done, total=progress.total)

        yield report
