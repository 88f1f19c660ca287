"""Keeping the file in order: check it, give space back, and run a user's own SQL on it without risk."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.ledger import reading, texts
from workbench.ledger.connection import connect

_CONTENT = ("event_blobs", "candidates", "verdicts", "selections", "scores", "grades", "tags", "run_texts")
_LINKS = (
    "SELECT system_text_id AS id FROM runs",
    "SELECT prompt_text_id FROM runs",
    "SELECT answer_text_id FROM runs",
    *(f"SELECT {name}_text_id FROM calls" for name in ("system", "prompt", "answer", "thinking")),
    "SELECT text_id FROM candidates",
    "SELECT thinking_text_id FROM candidates",
    "SELECT text_id FROM run_texts",
)


def query(path: Path, statement: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows) of one statement that only reads. Raises `InputError`, `LedgerError`, and
    `KeyboardInterrupt` where Ctrl+C ends it."""
    connection = connect(path, read_only=True)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_may_read)
        # Back in Python now and then, where Ctrl+C is noticed: SQLite itself would go on for ever.
        connection.set_progress_handler(lambda: 0, 100_000)
        cursor = connection.execute(texts.storable(statement))
        return [column[0] for column in cursor.description or ()], cursor.fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        said = str(error)
        if said == "interrupted":
            raise KeyboardInterrupt from error
        if any(word in said for word in ("not authorized", "readonly", "prohibited", "may not be modified")):
            said = "only SELECT is allowed here: the ledger is opened read-only"
        raise InputError(said, where="SQL", hint="docs/ledger.md has the tables and ten queries.") from error
    finally:
        connection.close()


_PRAGMAS = frozenset({"table_info", "table_xinfo", "index_list", "table_list", "data_version"})
"""Those that only tell something; the search needs the last one."""


def _may_read(action: int, first: str | None, second: str | None, *_: object) -> int:
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
    if action in allowed and not (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # SQLite asks this when it sets up json_each or the search; it lets nobody change that table itself.
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def check(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the file, in words: structure, links, sums that don't add up, blobs that can't be read."""
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    broken = {(row[0], row[2]) for row in connection.execute("PRAGMA foreign_key_check")}
    problems += [f"rows of {table} point to rows of {to} that are gone" for table, to in sorted(broken)]
    for run, of_run, of_calls in connection.execute(_SUMS):
        problems.append(f"run {run}: its cost is {of_run} pico-dollars, its calls' {of_calls}")
    for (run,) in connection.execute("SELECT DISTINCT run_id FROM event_blobs").fetchall():
        if (why := reading.problem(connection, run)) is not None:
            problems.append(f"run {run}: {why}")
    return problems


_SUMS = """SELECT r.id, r.known_cost_pico_usd, coalesce(sum(c.cost_pico_usd), 0)
FROM runs r LEFT JOIN calls c ON c.run_id = r.id AND c.kind = r.kind WHERE r.status IS NOT NULL
GROUP BY r.id HAVING r.known_cost_pico_usd <> coalesce(sum(c.cost_pico_usd), 0)"""


def purge(connection: sqlite3.Connection) -> None:
    """Take the content of deleted runs out for good. Their money stays in `calls` and `daily_costs`."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        gone = "(SELECT id FROM runs WHERE deleted_unix_ns IS NOT NULL AND status IS NOT NULL)"
        for table in _CONTENT:
            connection.execute(f"DELETE FROM {table} WHERE run_id IN {gone}")
        connection.execute(
            "UPDATE calls SET system_text_id = NULL, prompt_text_id = NULL, answer_text_id = NULL, "
            f"thinking_text_id = NULL, error = '' WHERE run_id IN {gone}"
        )
        connection.execute(
            "UPDATE runs SET system = '', notation = '', reason = '', system_text_id = NULL, prompt_text_id = NULL, "
            f"answer_text_id = NULL, answer_key = NULL, target = NULL WHERE id IN {gone}"
        )
        used = f"SELECT id FROM ({' UNION '.join(_LINKS)}) WHERE id IS NOT NULL"
        connection.execute(f"DELETE FROM texts WHERE id NOT IN ({used})")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def vacuum(connection: sqlite3.Connection) -> tuple[int, int]:
    """Purge, then make the file as small as it can be. (bytes before, after)"""
    before = size(connection)
    purge(connection)
    connection.execute("INSERT INTO text_search(text_search) VALUES ('optimize')")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return before, size(connection)


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """The database as it is now into a file that does not exist yet, without a WAL beside it."""
    target = sqlite3.connect(path, isolation_level=None)
    try:
        connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        target.close()


def size(connection: sqlite3.Connection) -> int:
    """Bytes of the database's pages."""
    return int(
        connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    )


def stats(connection: sqlite3.Connection) -> dict[str, int]:
    """How much there is of what."""
    counts = "(SELECT count(*) FROM runs WHERE deleted_unix_ns IS NULL), (SELECT count(*) FROM runs), "
    counts += "(SELECT count(*) FROM calls), (SELECT count(*) FROM texts), "
    counts += "(SELECT coalesce(sum(length(data)), 0) FROM event_blobs)"
    runs, with_deleted, calls, texts_, events = connection.execute(f"SELECT {counts}").fetchone()
    return {
        "runs": runs,
        "deleted_runs": with_deleted - runs,
        "calls": calls,
        "texts": texts_,
        "events_bytes": events,
        "bytes": size(connection),
    }
