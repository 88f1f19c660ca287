"""Runs whose process died are ended as `interrupted` at the next start; what was spent and said so far stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from workbench.ledger import reading, storing, writers
from workbench.ledger.fold import RunFold

REASON = "the process ended before the run had"


def unfinished(connection: sqlite3.Connection) -> list[str]:
    """Writers of runs that have not ended. Raises `sqlite3.Error`."""
    return [row[0] for row in connection.execute("SELECT DISTINCT writer FROM runs WHERE status IS NULL")]


def recover(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Ids of the runs that were ended. Raises `sqlite3.Error`, `OSError`."""
    ended: list[str] = []
    for writer in {*unfinished(connection), *writers.forgotten(path)}:
        claimed = writers.claim_dead(path, writer)
        if claimed is None:
            continue
        try:
            ended += _end_runs_of(connection, writer)
        finally:
            writers.bury(claimed)
    return ended


def _end_runs_of(connection: sqlite3.Connection, writer: str) -> list[str]:
    query = "SELECT id FROM runs WHERE status IS NULL AND writer = ?"
    ended = [run for (run,) in connection.execute(query, (writer,)).fetchall()]
    for run in ended:
        try:
            fold = RunFold.resumed(writer, reading.numbered_events(connection, run))
            storing.write(connection, [fold.take(fold.closing(REASON))])
        except (ValueError, KeyError):
            # Its events are damaged; its rows still say what it was and what it cost.
            connection.execute("UPDATE runs SET status = 'interrupted', reason = ? WHERE id = ?", (REASON, run))
    return ended
