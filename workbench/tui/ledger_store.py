"""The ledger as the app sees it: opened when it is first asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from workbench import __version__
from workbench.engine.events import AnyEvent
from workbench.tui.services import Past, Sink

if TYPE_CHECKING:
    from workbench.analysis.calibration import GradedScore
    from workbench.analysis.pool import Pool
    from workbench.ledger import Ledger
    from workbench.ledger.distil import Shape, Tally
    from workbench.ledger.export import Format
    from workbench.ledger.measuring import Measures
    from workbench.ledger.past_calls import PastCalls
    from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
    from workbench.models.base import RunKind


class LedgerStore:
    """The ledger as the app sees it, opened when it is first asked for. What is asked of it raises `LedgerError` where
    it can't be opened."""

    def __init__(self, opened: Callable[[], Ledger], now: Callable[[], int] = time.time_ns) -> None:
        """`now`: nanoseconds since the Unix epoch."""
        self._opened = opened
        self._now = now
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

        now = self._now()
        real = RunQuery(kind="real", since_unix_ns=_midnight(now))
        unknown = msgspec.structs.replace(real, unknown_cost=True)
        return Past(self._ledger.spent_today(now), self._ledger.count(real), self._ledger.count(unknown))

    def close(self) -> None:
        """Write what waits, then close. Raises `LedgerError`."""
        if self._found is not None:
            self._found.close()


def _midnight(now: int) -> int:
    """The start of the local day, nanoseconds since the Unix epoch."""
    today = datetime.fromtimestamp(now / 1e9).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return round(today.timestamp()) * 1_000_000_000
