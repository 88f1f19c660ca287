"""From the engine's loop to the file: a recorder a run that only appends, and one writer thread that commits.

The thread writes every 250 ms while a run is open, and at once when a call or a run has ended. What it can't write
ends the recording of the runs concerned, never the runs.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from workbench.engine import events as e
from workbench.errors import LedgerError
from workbench.ledger import storing
from workbench.ledger.connection import explain
from workbench.ledger.fold import Part, RunFold

INTERVAL_S = 0.25
TOGETHER_S = 0.002
_AT_ONCE = frozenset({e.CallFinished, e.RunFinished, e.RunStarted})


class Recorder:
    """A sink for the events of one run. It never blocks and never raises; `error` says why it stopped recording."""

    def __init__(self, writer: str, wake: Callable[[], None]) -> None:
        self.error: LedgerError | None = None
        self.fold = RunFold(writer)
        self.waiting: deque[e.AnyEvent] = deque()
        self.done = False
        self._wake = wake

    def __call__(self, event: e.AnyEvent) -> None:
        """Take one event in, from whichever thread runs the engine's loop."""
        if self.error is None:
            self.waiting.append(event)
            if type(event) in _AT_ONCE:
                self._wake()

    def part(self, reason: str = "") -> Part | None:
        """What has come since the last time; with a `reason`, an unfinished run ends here as interrupted. For the
        writer's thread only."""
        waiting = self.waiting
        taken = [waiting.popleft() for _ in range(len(waiting))]
        part = self.fold.take(taken) if taken else None
        if reason and self.fold.view.id and not self.fold.view.finished:
            if part is not None:
                raise RuntimeError("an open run is closed after its last events are written")
            part = self.fold.take(self.fold.closing(reason))
        self.done = self.fold.view.finished
        return part

    def fail(self, error: LedgerError) -> None:
        """Stop recording."""
        self.error = error
        self.waiting.clear()


class Writer:
    """The thread. `problems` are errors that nobody has been told of."""

    def __init__(self, connection: sqlite3.Connection, path: Path, name: str, patience_s: float) -> None:
        self.problems: list[LedgerError] = []
        self._connection = connection
        self._path = path
        self._name = name
        self._patience_s = patience_s
        self._recorders: list[Recorder] = []
        self._flushes: list[threading.Event] = []
        self._wake = threading.Event()
        self._closing = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)
        self._thread.start()

    def recorder(self) -> Recorder:
        """A recorder for one run."""
        made = Recorder(self._name, self._wake.set)
        with self._lock:
            self._recorders.append(made)
        return made

    def flush(self) -> None:
        """Wait until everything recorded so far is in the file, or known not to be."""
        done = threading.Event()
        with self._lock:
            if not self._thread.is_alive() or not self._recorders:
                return
            self._flushes.append(done)
        self._wake.set()
        done.wait()

    def close(self) -> None:
        """Write what waits, end open runs as interrupted, stop the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while not self._closing:
            self._wake.wait(INTERVAL_S if self._recorders else None)
            if not self._flushes and not self._closing:
                # What comes at the same moment goes into the same commit; one each would cost the engine its time.
                time.sleep(TOGETHER_S)
            self._wake.clear()
            self._turn()
        self._turn()
        self._turn("the program was closed before the run had ended")

    def _turn(self, reason: str = "") -> None:
        with self._lock:
            recorders, flushes = list(self._recorders), self._flushes
            self._flushes = []
        try:
            self._write({r: part for r in recorders if r.error is None and (part := self._part(r, reason)) is not None})
        finally:
            with self._lock:
                self._recorders = [r for r in self._recorders if not r.done and r.error is None]
            for done in flushes:
                done.set()

    def _part(self, recorder: Recorder, reason: str) -> Part | None:
        try:
            return recorder.part(reason)
        except Exception as error:  # a defect must not end the recording of other runs
            self._fail(recorder, LedgerError(f"can't record this run: {error}", where=str(self._path)))
            return None

    def _write(self, parts: dict[Recorder, Part]) -> None:
        if not parts:
            return
        error, locked = self._attempt(list(parts.values()))
        if error is not None and len(parts) > 1 and not locked:
            # One run's rows must not cost the others theirs.
            for recorder, part in parts.items():
                if (alone := self._attempt([part])[0]) is not None:
                    self._fail(recorder, alone)
        elif error is not None:
            for recorder in parts:
                self._fail(recorder, error)

    def _attempt(self, parts: list[Part]) -> tuple[LedgerError | None, bool]:
        """(what went wrong, whether it was that another process holds the file)"""
        until = time.monotonic() + self._patience_s
        while True:
            try:
                storing.write(self._connection, parts)
                return None, False
            except sqlite3.OperationalError as error:
                locked = _is_lock(error)
                if not locked or time.monotonic() > until:
                    return explain(error, self._path, "write"), locked
            except (sqlite3.Error, OSError) as error:
                return explain(error, self._path, "write"), False
            except Exception as error:  # a defect in a row must not end the thread
                said = f"can't record this run: {type(error).__name__}: {error}"
                return LedgerError(said, where=str(self._path)), False

    def _fail(self, recorder: Recorder, error: LedgerError) -> None:
        recorder.fail(error)
        self.problems.append(error)


def _is_lock(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
