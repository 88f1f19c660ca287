"""How the file came to its present shape, step by step. A step that has been released is never changed."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from workbench.analysis.clusters import same
from workbench.ledger import schema

migrations = Migrations("workbench")


@migrations()
def m001_tables(db: Database) -> None:
    """Tables, search and views as first released."""
    for statement in (*schema.TABLES, *schema.SEARCH, *schema.VIEWS.values()):
        db.execute(statement)


@migrations()
def m002_measures(db: Database) -> None:
    """A run's newest grade and whether its answer meets the target stand in its row, beside what it cost."""
    for statement in schema.MEASURES:
        db.execute(statement)
    given = "SELECT answer_key, target, id FROM runs WHERE target IS NOT NULL AND status IS NOT NULL"
    met = [(same(key, target), run) for key, target, run in db.execute(given).fetchall()]
    db.conn.executemany("UPDATE runs SET meets_target = ? WHERE id = ?", met)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a ledger, or an empty file, to this version's schema; all or nothing, one process at a time.

    Raises `sqlite3.Error`.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
