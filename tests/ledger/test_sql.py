"""A user's own SQL reads everything and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.streams import fired, record, short
from workbench.errors import InputError
from workbench.ledger import Ledger

WRITING = (
    "DELETE FROM runs",
    "UPDATE runs SET system = 'x'",
    "INSERT INTO tags VALUES ('run', 'x')",
    "REPLACE INTO tags VALUES ('run', 'x')",
    "WITH x AS (SELECT 1) DELETE FROM runs",
    "DELETE FROM runs RETURNING id",
    "DROP TABLE runs",
    "DROP VIEW run_costs",
    "CREATE TABLE x (y)",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE TRIGGER x AFTER INSERT ON runs BEGIN SELECT 1; END",
    "ALTER TABLE runs ADD COLUMN x",
    "DELETE FROM run_costs",
    "UPDATE call_costs SET model = 'x'",
    "INSERT INTO daily_costs (day) VALUES ('x')",
    "INSERT INTO text_search(text_search) VALUES ('delete-all')",
    "UPDATE sqlite_master SET sql = ''",
    "DELETE FROM sqlite_master",
    "ATTACH 'other.db' AS other",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN IMMEDIATE",
    "SAVEPOINT x",
    "PRAGMA query_only = OFF",
    "PRAGMA user_version = 9",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA writable_schema = ON",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA table_info(runs) = 1",
    "SELECT 1; DELETE FROM runs",
    "SELECT 1; SELECT 2",
    "SELECT load_extension('x')",
    "SELECT writefile('x', 'y')",
    "EXPLAIN DELETE FROM runs",
)


@pytest.mark.parametrize("statement", WRITING)
def test_what_writes_is_refused(
    ledger: Ledger, statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record(ledger, short("run"))
    before = ledger.sql("SELECT * FROM runs")
    files = sorted(tmp_path.iterdir())
    with pytest.raises(InputError) as caught:
        ledger.sql(statement)
    assert caught.value.exit_code == 2
    assert ledger.sql("SELECT * FROM runs") == before
    assert sorted(tmp_path.iterdir()) == files
    assert ledger.check() == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM runs",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT max(i) FROM n",
        "SELECT value FROM json_each('[1]')",
        "SELECT key FROM json_tree('{\"a\": 1}')",
        "SELECT rowid FROM text_search WHERE text_search MATCH 'times'",
        "SELECT name FROM pragma_table_info('runs')",
        "PRAGMA table_info(runs)",
        "SELECT upper(system) AS s, count(*) OVER () FROM runs GROUP BY s;",
        "SELECT name FROM sqlite_master",
        "VALUES (1)",
        "SELECT 1 -- no comment",
    ],
)
def test_what_reads_is_answered(ledger: Ledger, statement: str) -> None:
    record(ledger, fired("sim/small", prompt="how many times"))
    names, rows = ledger.sql(statement)
    assert rows
    assert all(len(row) == len(names) for row in rows)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT nonsense FROM runs", "no such column: nonsense"),
        ("SELECT '\ud800", "unrecognized token"),
        ("DELETE FROM runs", "only SELECT is allowed"),
    ],
)
def test_wrong_sql_says_what_is_wrong(ledger: Ledger, statement: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        ledger.sql(statement)
    assert "docs/ledger.md" in caught.value.hint


@pytest.mark.parametrize("statement", ["", ";", "-- nothing", "SELECT '\x00'"])
def test_empty_and_odd_statements_do_not_crash(ledger: Ledger, statement: str) -> None:
    try:
        names, rows = ledger.sql(statement)
    except InputError:
        return
    assert (names, rows) == ([], []) or rows
