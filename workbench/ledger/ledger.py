"""The ledger as the rest of the program sees it."""

from __future__ import annotations

import atexit
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

from msgspec import structs

from workbench import paths
from workbench.analysis.calibration import GradedScore
from workbench.engine.events import AnyEvent
from workbench.engine.view import RunView
from workbench.errors import InputError, LedgerError
from workbench.ledger import (
    calibrating,
    distil,
    export,
    maintenance,
    measuring,
    past_calls,
    queries,
    reading,
    recovery,
    writers,
)
from workbench.ledger.connection import PATIENCE_S, connect, explain
from workbench.ledger.measuring import Measures
from workbench.ledger.past_calls import PastCalls
from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
from workbench.ledger.recorder import Recorder, Writer
from workbench.ledger.samples import sample_of
from workbench.ledger.texts import storable
from workbench.models.recorded import Sample

T = TypeVar("T")
ALL = RunQuery()


def open_ledger(path: Path | None = None, *, read_only: bool = False, patience_s: float = PATIENCE_S) -> Ledger:
    """The ledger at `path`, by default the one all commands share; made or migrated where it may be written.

    Runs that a process left unfinished when it died are ended as `interrupted`, by a reader too where the file can be
    written. `patience_s`: how long to wait for another process that holds the file. Raises `LedgerError`.
    """
    return Ledger(path or paths.ledger_file(), read_only=read_only, patience_s=patience_s)


class Ledger:
    """Every run with every call, token and price. Methods raise `LedgerError`, and `InputError` for what the user
    wrote: a run that is not there, a grade that is none, SQL that can't be run. Safe to use from several threads."""

    def __init__(self, path: Path, *, read_only: bool, patience_s: float) -> None:
        self.path = path
        self._read_only = read_only
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._writer: Writer | None = None
        self._leave: Callable[[], None] | None = None
        self._closed = False
        self._connection = connect(path, read_only=read_only, patience_s=patience_s)
        try:
            if not read_only:
                self._do(lambda c: recovery.recover(c, path), "write")
            elif writers.folder(path).exists() and self._do(recovery.unfinished, "read"):
                _recover_aside(path)
        except LedgerError:
            self._connection.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Recording

    def recorder(self) -> Recorder:
        """A sink for the events of one run; it never blocks. What can't be written is told by its `error`, and by
        `flush` and `close`."""
        with self._lock:
            return self._started_writer().recorder()

    def flush(self) -> None:
        """Wait until everything recorded so far is in the file. Raises `LedgerError` where it can't be."""
        if self._writer is not None:
            self._writer.flush()
            self._raise_problem()

    def close(self) -> None:
        """Write what waits and close; a run that is still open ends as interrupted. Raises `LedgerError` where
        something could not be written."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._writer is not None:
                self._writer.close()
                atexit.unregister(self._at_exit)
            if self._leave is not None:
                self._leave()
            self._connection.close()
        self._raise_problem()

    def _started_writer(self) -> Writer:
        if self._closed or self._read_only:
            raise LedgerError(f"is {'closed' if self._closed else 'opened read-only'}", where=str(self.path))
        if self._writer is None:
            try:
                presence = writers.Presence(self.path)
            except OSError as error:
                raise explain(error, self.path, "write") from error
            self._leave = presence.leave
            connection = connect(self.path, patience_s=self._patience_s)
            self._writer = Writer(connection, self.path, presence.name, self._patience_s)
            atexit.register(self._at_exit)
        return self._writer

    def _at_exit(self) -> None:
        """A program that forgot to close loses nothing."""
        with suppress(LedgerError):
            self.close()

    def _raise_problem(self) -> None:
        if self._writer is not None and self._writer.problems:
            problem = self._writer.problems[0]
            self._writer.problems.clear()
            raise problem

    # One run

    def resolve(self, ref: str) -> str:
        """Id of the run meant: an id, the beginning of one that is unique, `last`, or `last~2` for the third newest."""
        found = self._read(lambda c: queries.resolve(c, storable(ref)))
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"{ref!r} begins more than one run's id", where="run", hint=f"For one: {found[0]}.")
        hint = "`workbench runs list` shows what there is."
        if not self.count():
            raise InputError("nothing is recorded yet", where=ref, hint="`workbench run` records one.")
        raise InputError("no such run", where=ref, hint=hint)

    def row(self, ref: str) -> RunRow:
        """A run as the lists show it, its grade and tags as they are now."""
        run = self.resolve(ref)
        row = self._read(lambda c: queries.one(c, run))
        if row is None:
            raise InputError("no such run", where=ref)
        return row

    def events(self, ref: str) -> Iterator[AnyEvent]:
        """A run's events exactly as they came, times included: what replay shows."""
        return self._events_of(self.resolve(ref))

    def _events_of(self, run: str) -> Iterator[AnyEvent]:
        """Deleted or not."""
        try:
            numbered = self._read(lambda c: reading.numbered_events(c, run))
            for _, event in numbered:
                yield event
        except (ValueError, KeyError) as error:
            raise _damaged(run, error) from error

    def view(self, ref: str) -> RunView:
        """A run folded from its events, as it stood at its end."""
        return self._view_of(self.resolve(ref))

    def _view_of(self, run: str) -> RunView:
        try:
            return RunView().apply_all(self._events_of(run))
        except KeyError as error:
            raise _damaged(run, error) from error

    def samples_of(self, ref: str) -> list[Sample]:
        """A run's generations as samples for a `recorded/…` model; empty where there is no such run."""
        try:
            view = self.view(ref)
        except InputError:
            return []
        return [sample for call in view.calls.values() if (sample := sample_of(call)) is not None]

    # Many runs

    def runs(
        self, query: RunQuery = ALL, *, limit: int = 50, after: RunRow | None = None, skip: int = 0
    ) -> list[RunRow]:
        """The newest runs; `after` the last row of the page before, for the next page; `skip` so many more, to jump."""
        key = None if after is None else (after.started_at, after.id)
        return self._read(lambda c: queries.select(c, query, limit=limit, after=key, skip=skip))

    def calls(self, ref: str, *, limit: int = 100) -> list[CallRow]:
        """A run's first calls with their money, without reading its events."""
        run = self.resolve(ref)
        return self._read(lambda c: queries.calls(c, run, limit))

    def measures(self, query: RunQuery = ALL) -> Measures:
        """What each system came to on each prompt: the cells of a frontier, of one kind at a time (by default real).
        It looks at every run, so it has a connection of its own: nobody who asks for less waits for it."""
        if self._writer is not None:
            self._writer.flush()
        connection = connect(self.path, read_only=True, patience_s=self._patience_s)
        try:
            return measuring.select(connection, query)
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self.path, "read") from error
        finally:
            connection.close()

    def graded_scores(self, query: RunQuery = ALL) -> list[GradedScore]:
        """Disagreement scores of graded runs, of one kind at a time (by default real). Raises `LedgerError`."""
        return self._read(lambda connection: calibrating.select(connection, query))

    def count(self, query: RunQuery = ALL) -> int:
        """How many runs there are."""
        return self._read(lambda c: queries.count(c, query))

    def past_calls(self, models: Sequence[str]) -> dict[str, PastCalls]:
        """What recent calls of these models came to. Raises `LedgerError`."""
        return self._read(lambda connection: past_calls.select(connection, models))

    def spent_today(self, now_unix_ns: int | None = None) -> int:
        """Known pico-dollars of real calls since local midnight, deleted and unfinished runs included."""
        now = datetime.fromtimestamp((time.time_ns() if now_unix_ns is None else now_unix_ns) / 1e9)
        midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 10**9
        statement = "SELECT coalesce(sum(real_cost_pico_usd), 0) FROM runs WHERE started_unix_ns >= ?"
        return int(self._read(lambda c: c.execute(statement, (midnight,)).fetchone()[0]))

    def export(
        self,
        query: RunQuery = ALL,
        *,
        refs: Sequence[str] = (),
        format: export.Format = "jsonl",  # noqa: A002
    ) -> Iterator[str]:
        """Runs as pieces of a file: `jsonl` whole runs, `csv` one a row, `md` and `html` reports; `refs` name them."""
        if format not in get_args(export.Format):
            raise InputError(f"{format!r} is no format", where="format", hint="jsonl, csv, md or html")
        rows = self._rows(query, refs)
        if format == "csv":
            return export.as_csv(rows)
        views = ((row, self._view_of(row.id)) for row in rows)
        if format == "html":
            from workbench.ledger.export_html import html

            return html(views)
        return export.jsonl(views) if format == "jsonl" else export.markdown(views)

    def distil(
        self, query: RunQuery = ALL, *, refs: Sequence[str] = (), wanted: distil.Wanted = distil.Wanted()
    ) -> tuple[Iterator[str], distil.Tally]:
        """Runs as training data, a line each, and the tally that fills as the lines are drawn. Runs of one kind: by
        default real ones. Raises `InputError` where `refs` are of several kinds."""
        if not refs:
            query = structs.replace(query, kind=query.kind or "real")
        kinds = {self.row(ref).kind for ref in refs}
        if len(kinds) > 1:
            raise InputError(f"{' and '.join(sorted(kinds))} runs are never mixed", where="runs")
        tally = distil.Tally()
        views = ((row, self._view_of(row.id)) for row in self._rows(query, refs))
        return distil.lines(views, wanted, tally), tally

    def _rows(self, query: RunQuery, refs: Sequence[str]) -> Iterator[RunRow]:
        if refs:
            for run in [self.resolve(ref) for ref in refs]:
                row = self._read(lambda c, run=run: queries.one(c, run))  # type: ignore[misc]
                if row is not None:
                    yield row
            return
        page = self.runs(query, limit=500)
        while page:
            yield from page
            page = self.runs(query, limit=500, after=page[-1])

    def tag_names(self) -> list[str]:
        """Every tag that a run has, the one of most runs first."""
        statement = "SELECT tag FROM tags GROUP BY tag ORDER BY count(*) DESC, tag"
        return self._read(lambda c: [tag for (tag,) in c.execute(statement)])

    # Notes on runs

    def grade(self, ref: str, grade: Grade, *, by: str = "user", note: str = "") -> None:
        """Say whether a run's answer is right; a later word of the same grader replaces it."""
        if grade not in get_args(Grade):
            raise InputError(f"{grade!r} is no grade", where="grade", hint="right, wrong or skip")
        statement = (
            "INSERT OR REPLACE INTO grades (run_id, graded_by, grade, note, graded_unix_ns) VALUES (?, ?, ?, ?, ?)"
        )
        row = (self.resolve(ref), storable(by), grade, storable(note), time.time_ns())
        self._do(lambda c: c.execute(statement, row), "write")

    def tag(self, ref: str, *tags: str) -> None:
        """Add tags."""
        rows = [(self.resolve(ref), storable(tag)) for tag in tags]
        for _, tag in rows:
            if not tag.strip() or not tag.isprintable():
                raise InputError(f"{tag!r} is no tag", where="tag", hint="A tag is a word that can be seen.")
        self._do(lambda c: c.executemany("INSERT OR IGNORE INTO tags (run_id, tag) VALUES (?, ?)", rows), "write")

    def untag(self, ref: str, *tags: str) -> None:
        """Take tags away; one that is not there is no error."""
        rows = [(self.resolve(ref), storable(tag)) for tag in tags]
        self._do(lambda c: c.executemany("DELETE FROM tags WHERE run_id = ? AND tag = ?", rows), "write")

    def delete(self, *refs: str) -> list[str]:
        """Hide runs from every list; returns their ids. `restore` brings them back until `vacuum` takes their content
        out. What they cost stays counted."""
        rows = [(time.time_ns(), self.resolve(ref)) for ref in refs]
        self._do(lambda c: c.executemany("UPDATE runs SET deleted_unix_ns = ? WHERE id = ?", rows), "write")
        return [run for _, run in rows]

    def restore(self, *ids: str) -> None:
        """Bring deleted runs back, by their whole ids."""
        statement = "SELECT 1 FROM runs r JOIN event_blobs b ON b.run_id = r.id WHERE r.id = ? LIMIT 1"
        rows = [(storable(run),) for run in ids]
        for row in rows:
            if not self._read(lambda c, row=row: c.execute(statement, row).fetchone()):  # type: ignore[misc]
                raise InputError("is not there any more", where=f"run {row[0]}")
        self._do(lambda c: c.executemany("UPDATE runs SET deleted_unix_ns = NULL WHERE id = ?", rows), "write")

    # The file

    def sql(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """(column names, rows) of one statement that only reads."""
        if self._writer is not None:
            self._writer.flush()
        return maintenance.query(self.path, query)

    def check(self) -> list[str]:
        """What is wrong with the file, in words; empty where it is sound."""
        return self._read(maintenance.check)

    def vacuum(self) -> tuple[int, int]:
        """Take the content of deleted runs out for good and give space back: (bytes before, after)."""
        if self._writer is not None:
            self._writer.flush()
        return self._do(maintenance.vacuum, "write")

    def copy_to(self, path: Path) -> None:
        """Write the whole ledger, as it is at one moment, into a new SQLite file."""
        self._read(lambda c: maintenance.copy(c, path))

    def stats(self) -> dict[str, int]:
        """How many runs, calls, texts, and bytes."""
        return self._read(maintenance.stats)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is not None:
            self._writer.flush()
        return self._do(work, "read")

    def _do(self, work: Callable[[sqlite3.Connection], T], doing: str) -> T:
        with self._lock:
            try:
                return work(self._connection)
            except (sqlite3.Error, OSError) as error:
                raise explain(error, self.path, doing) from error


def _damaged(run: str, error: ValueError | KeyError) -> LedgerError:
    said = f"there is no {error}" if isinstance(error, KeyError) else str(error)
    hint = "`workbench ledger check` lists what is damaged; its rows may still be whole."
    return LedgerError(f"its events are damaged: {said}", where=f"run {run}", hint=hint)


def _recover_aside(path: Path) -> None:
    """A list of runs must not call dead ones under way; where they can't be ended, they are shown as they are. A copy
    has no writers' folder and is left alone."""
    with suppress(LedgerError), open_ledger(path, patience_s=0.2):
        pass
