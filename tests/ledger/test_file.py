"""The file itself: made, migrated, refused when it is not ours, and read by any SQLite program."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from tests.ledger.streams import fired, record, short
from workbench.errors import LedgerError
from workbench.ledger import migrations, open_ledger, schema

Step = Callable[[Database], None]


def plain(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another program reads."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_file_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b c" / "l?d#%20ger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("run"))
        assert ledger.check() == []
        assert ledger.sql("SELECT count(*) FROM runs")[1] == [(1,)]
    assert plain(path, "PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert plain(path, "PRAGMA user_version") == [(schema.VERSION,)]
    with open_ledger(path, read_only=True) as ledger:
        assert [row.id for row in ledger.runs()] == ["run"]


def test_nothing_is_left_beside_it(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        record(ledger, short("run"))
    left = [str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()]
    assert left == ["ledger.db"]


def test_views_read_well_in_plain_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, fired("race(3*sim/small@0.8)"))
    runs = plain(path, "SELECT started_at, kind, notation, status, calls, prompt FROM run_costs")
    assert runs == [("2023-11-14T22:13:20Z", "simulated", "race(3*sim/small@0.8)", "done", 3, "What is 6 × 7?")]
    (usd, wall) = plain(path, "SELECT cost_usd, wall_s FROM run_costs")[0]
    assert isinstance(usd, float)
    assert isinstance(wall, float)
    calls = plain(path, "SELECT model, status, used, typeof(first_token_s), typeof(answer) FROM call_costs ORDER BY 3")
    assert [call[:3] for call in calls] == [("sim/small", "cancelled", 0)] * 2 + [("sim/small", "done", 1)]
    assert calls[-1][3:] == ("real", "text")
    days = plain(path, "SELECT day, kind, runs, calls, calls_of_unknown_cost FROM daily_costs")
    assert [day[1:4] for day in days] == [("simulated", 1, 3)]
    assert str(days[0][0]).startswith("2023-11-1")


def test_money_and_times_have_their_unit_in_the_name(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db"):
        pass
    query = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type IN ('table', 'view')"
    columns = [(str(table), str(column)) for table, column in plain(tmp_path / "ledger.db", query)]
    money = {f"{t}.{c}" for t, c in columns if {"cost", "waste", "price"} & set(c.split("_"))}
    bare = {name for name in money if not name.endswith("_usd")}
    assert bare == {"calls.price_source", "daily_costs.calls_of_unknown_cost"}
    stored = {c for t, c in columns if t in ("runs", "calls") and c.endswith("_usd")}
    assert all(column.endswith("_pico_usd") for column in stored)
    moments = {f"{t}.{c}" for t, c in columns if {"started", "finished", "queued", "wall", "made"} & set(c.split("_"))}
    assert {name for name in moments if not name.endswith(("_ns", "_s", "_at"))} == set()


# Versions


def _add_note(db: Database) -> None:
    db.execute("ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")


def _break(db: Database) -> None:
    db.execute("ALTER TABLE runs ADD COLUMN note TEXT")
    db.execute("SELECT * FROM nowhere")


def _next_version(monkeypatch: pytest.MonkeyPatch, step: Step) -> None:
    """As if the next release had one more step."""
    steps = Migrations("workbench")
    steps(name="m001_tables")(migrations.m001_tables)
    steps(name="m002_measures")(migrations.m002_measures)
    steps(name="m003_next")(step)
    monkeypatch.setattr(migrations, "migrations", steps)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)


def test_an_older_ledger_is_migrated_and_keeps_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.db"
    events = fired("judge[sim/judge](3*sim/small@0.7)")
    with open_ledger(path) as ledger:
        record(ledger, events)
        ledger.grade("run", "right")
        before = ledger.runs()
    older = schema.VERSION
    _next_version(monkeypatch, _add_note)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "migrate", _unwritable)
        with pytest.raises(LedgerError, match=f"has the older schema {older}"):
            open_ledger(path, read_only=True)
    with open_ledger(path, read_only=True) as ledger:
        assert ledger.runs() == before
    for _ in range(2):
        with open_ledger(path) as ledger:
            assert ledger.runs() == before
            assert list(ledger.events("run")) == events
            assert ledger.sql("SELECT note FROM runs") == (["note"], [("none",)])
            assert ledger.check() == []
    assert plain(path, "PRAGMA user_version") == [(older + 1,)]


def _unwritable(connection: sqlite3.Connection) -> None:
    raise sqlite3.OperationalError("attempt to write a readonly database")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("run"))
    with monkeypatch.context() as patch:
        _next_version(patch, _break)
        with pytest.raises(LedgerError, match="can't open the ledger"):
            open_ledger(path)
    assert plain(path, "PRAGMA user_version") == [(schema.VERSION,)]
    assert "note" not in {name for (name,) in plain(path, "SELECT name FROM pragma_table_info('runs')")}
    with open_ledger(path) as ledger:
        assert [row.id for row in ledger.runs()] == ["run"]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_ledger_is_refused_and_not_touched(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("run"))
    plain(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=rf"newer workbench \(schema 99; this one knows {schema.VERSION}\)") as caught:
        open_ledger(path, read_only=read_only)
    assert str(path) in str(caught.value)
    assert "Upgrade" in caught.value.hint
    assert path.read_bytes() == before


# Files of others


def _text(path: Path) -> None:
    path.write_text("dear diary, " * 1000, encoding="utf-8")


def _tiny(path: Path) -> None:
    path.write_bytes(b"x")


def _other_app(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id = 77")
        other.execute("CREATE TABLE runs (id)")
    other.close()


def _nameless_app(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (id)")
    other.close()


def _versioned_app(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 1")
    other.close()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_text, "damaged or no SQLite database"),
        (_tiny, "damaged or no SQLite database"),
        (_other_app, "a database of another program"),
        (_nameless_app, "a database of another program"),
        (_versioned_app, "a database of another program"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_and_not_touched(
    tmp_path: Path, make: Callable[[Path], None], said: str, read_only: bool
) -> None:
    path = tmp_path / "ledger.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=said) as caught:
        open_ledger(path, read_only=read_only)
    assert caught.value.exit_code == 4
    assert str(path) in str(caught.value)
    assert caught.value.hint
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.db"]


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    with pytest.raises(LedgerError, match="is empty"):
        open_ledger(path, read_only=True)
    with open_ledger(path) as ledger:
        record(ledger, short("run"))
        assert ledger.count() == 1


def test_a_ledger_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        for index in range(50):
            record(ledger, fired("race(3*sim/small@0.8)", run=f"run{index}", seed=index))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LedgerError, match="damaged"):
        _read_all(path)


def _read_all(path: Path) -> None:
    with open_ledger(path) as ledger:
        for row in ledger.runs():
            ledger.view(row.id)


# Open and shut


def test_a_closed_or_read_only_ledger_records_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("run"))
    with pytest.raises(LedgerError, match="is closed"):
        ledger.recorder()
    ledger.close()
    with open_ledger(path, read_only=True) as reader:
        with pytest.raises(LedgerError, match="opened read-only"):
            reader.recorder()
        with pytest.raises(LedgerError, match="can't be written"):
            reader.tag("run", "x")


def test_a_run_still_open_at_the_end_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = fired("race(3*sim/small@0.8)")
    with open_ledger(path) as ledger:
        recorder = ledger.recorder()
        for event in events[:-15]:
            recorder(event)
    with open_ledger(path, read_only=True) as ledger:
        view = ledger.view("last")
        assert view.status == "interrupted"
        assert "closed before the run had ended" in view.reason
        assert all(call.state == "ended" for call in view.calls.values())
        assert list(ledger.events("last"))[: len(events) - 15] == events[:-15]


def test_a_writer_that_lives_keeps_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = fired("race(3*sim/small@0.8)")
    with open_ledger(path) as first:
        recorder = first.recorder()
        for event in events[:-15]:
            recorder(event)
        first.flush()
        with open_ledger(path) as second:
            assert second.runs()[0].status is None
        for event in events[-15:]:
            recorder(event)
    with open_ledger(path, read_only=True) as reader:
        assert list(reader.events("run")) == events


def test_old_locks_of_nobody_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = fired("race(3*sim/small@0.8)")
    with open_ledger(path) as first:
        recorder = first.recorder()
        for event in events[:-15]:
            recorder(event)
        first.flush()
        folder = tmp_path / "ledger.db.writers"
        (living,) = folder.iterdir()
        dead, new = folder / "dead.lock", folder / "new.lock"
        for file in (dead, new):
            file.touch()
        for file in (living, dead):
            os.utime(file, (time.time() - 86_400,) * 2)
        with open_ledger(path):
            pass
        assert sorted(folder.iterdir()) == sorted([living, new])
        for event in events[-15:]:
            recorder(event)
    with open_ledger(path, read_only=True) as reader:
        assert list(reader.events("run")) == events
