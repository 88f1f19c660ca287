"""Opening the file: what it must be, how it is asked to behave, and what SQLite's errors mean for a person."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from workbench.errors import LedgerError
from workbench.ledger import schema

PATIENCE_S = 10.0
"""How long another process may hold the file before a write is given up."""

_BRIEFLY_S = 0.2

_HEADER = 100
"""Bytes of an SQLite file's header: no database is shorter."""


def connect(path: Path, *, read_only: bool = False, patience_s: float = PATIENCE_S) -> sqlite3.Connection:
    """A connection to a sound ledger of this version's schema, made or migrated where it may be written.

    A reader of a file that does not exist gets an empty ledger in memory: nothing was recorded yet. Raises
    `LedgerError`.
    """
    in_memory = read_only and not path.exists()
    try:
        if path.is_file() and 0 < path.stat().st_size < _HEADER:
            # SQLite would take a file of a few bytes for an empty one and write over it. Opening it ourselves is no
            # way to look: closing it would drop the locks that this process has on it.
            raise sqlite3.DatabaseError("not a database")
        if in_memory:
            connection = _opened(":memory:", patience_s)
        elif read_only:
            connection = _opened(_read_only_uri(path), patience_s)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _opened(f"{path.absolute().as_uri()}?mode=rwc", patience_s)
    except (sqlite3.Error, OSError) as error:
        raise explain(error, path, "open") from error
    try:
        _prepare(connection, path, patience_s, writable=in_memory or not read_only)
    except (sqlite3.Error, OSError) as error:
        connection.close()
        raise explain(error, path, "open") from error
    except LedgerError:
        connection.close()
        raise
    return connection


def _opened(uri: str, patience_s: float) -> sqlite3.Connection:
    # One thread at a time uses a connection (a lock sees to it), which is what SQLite needs.
    return sqlite3.connect(uri, uri=True, timeout=patience_s, isolation_level=None, check_same_thread=False)


def _read_only_uri(path: Path) -> str:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    # In a folder that can't be written SQLite can't make the WAL's index; without a WAL there is nothing to miss.
    wal = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not wal.exists():
        uri += "&immutable=1"
    return uri


def _write_ahead(connection: sqlite3.Connection, patience_s: float) -> None:
    """Two that make a ledger at once: SQLite waits for no lock here, which could be a deadlock, so we try again."""
    end = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.005)


def _prepare(connection: sqlite3.Connection, path: Path, patience_s: float, *, writable: bool) -> None:
    version = _version(connection, path)
    if version > schema.VERSION:
        raise LedgerError(
            f"was written by a newer workbench (schema {version}; this one knows {schema.VERSION})",
            where=str(path),
            hint="Upgrade compound-workbench, or set WORKBENCH_HOME to another folder.",
        )
    if writable:
        _write_ahead(connection, patience_s)
        # With WAL a killed process loses nothing that was committed; a power cut may lose the last commits.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -2048")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
    if version < schema.VERSION:
        if not writable and not (version and _brought_up(path)):
            raise LedgerError(
                f"has the older schema {version}" if version else "is empty",
                where=str(path),
                hint="Any command that records, such as `workbench run`, brings it up to date.",
            )
        if writable:
            from workbench.ledger.migrations import migrate

            migrate(connection)


def _brought_up(path: Path) -> bool:
    """Whether an older file could be migrated by a connection of its own: a reader's can't write."""
    try:
        connect(path, patience_s=_BRIEFLY_S).close()
    except LedgerError:
        return False
    return True


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version, 0 for an empty file. Raises `LedgerError` for a database that is another program's."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application == schema.APPLICATION_ID:
        return version
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application or version or tables:
        raise LedgerError(
            "is a database of another program",
            where=str(path),
            hint="Move it away, or set WORKBENCH_HOME to another folder. It was not touched.",
        )
    return 0


def explain(error: sqlite3.Error | OSError, path: Path, doing: str) -> LedgerError:
    """What SQLite or the system said, as one message with something to do about it. `doing`: open, read, write."""
    said = str(error).lower()
    for words, message, hint in _MEANINGS:
        if any(word in said for word in words):
            return LedgerError(f"can't {doing} the ledger: {message}", where=str(path), hint=hint)
    return LedgerError(
        f"can't {doing} the ledger: {error}", where=str(path), hint="`workbench ledger check` looks closer."
    )


_MEANINGS = (
    (("locked", "busy"), "another process holds it", "Close what has it open, or try again."),
    (("disk is full", "no space left"), "the disk is full", "Free some space; `workbench ledger vacuum` may help."),
    (
        ("file too large", "disk i/o error"),
        "the disk does not take more",
        "Look at the disk's space, quota and health.",
    ),
    (
        ("readonly", "read-only", "permission denied"),
        "it can't be written here",
        "Make the file and its folder writable, or set WORKBENCH_HOME to another folder.",
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        "it is damaged or no SQLite database",
        "Move it away and start anew; `sqlite3 FILE .recover` saves what can be saved.",
    ),
    (
        ("unable to open", "not a directory", "file exists", "is a directory"),
        "the file or its folder can't be opened",
        "`workbench locate ledger` says where it should be; WORKBENCH_HOME moves it.",
    ),
)
