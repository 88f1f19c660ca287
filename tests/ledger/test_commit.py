"""When what was recorded is in the file: ends at once, text by the clock, without anybody asking."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.streams import short
from workbench.engine import events as e
from workbench.ledger import open_ledger, recorder

PATIENCE_S = 20.0


def seen(path: Path, query: str) -> bool:
    """Whether another program comes to see a row, sooner or later."""
    other = sqlite3.connect(path)
    try:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if other.execute(query).fetchone():
                return True
            time.sleep(0.002)
        return False
    finally:
        other.close()


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer wakes only when it is woken."""
    monkeypatch.setattr(recorder, "INTERVAL_S", 1e6)


@pytest.mark.usefixtures("no_clock")
def test_starts_and_ends_are_committed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = short("run", cost=5)
    with open_ledger(path) as ledger:
        sink = ledger.recorder()
        sink(events[0])
        assert seen(path, "SELECT 1 FROM runs WHERE id = 'run'")
        for event in events[1:6]:
            sink(event)
        assert isinstance(events[5], e.CallFinished)
        assert seen(path, "SELECT 1 FROM calls WHERE id = 'c1' AND status = 'done' AND cost_pico_usd = 5")
        assert seen(path, "SELECT 1 FROM runs WHERE known_cost_pico_usd = 5 AND status IS NULL")
        for event in events[6:]:
            sink(event)
        assert seen(path, "SELECT 1 FROM runs WHERE status = 'done'")


def test_text_is_committed_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = short("run")
    with open_ledger(path) as ledger:
        sink = ledger.recorder()
        for event in events[:5]:
            sink(event)
        assert isinstance(events[4], e.TextDelta)
        assert seen(path, "SELECT 1 FROM event_blobs WHERE call_id = 'c1'")
        for event in events[5:]:
            sink(event)


def test_the_clock_is_a_quarter_second() -> None:
    assert recorder.INTERVAL_S == 0.25


@pytest.mark.usefixtures("no_clock")
@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.runs(),
        lambda ledger: list(ledger.events("run")),
        lambda ledger: ledger.sql("SELECT 1"),
        lambda ledger: ledger.spent_today(),
        lambda ledger: ledger.flush(),
    ],
    ids=["runs", "events", "sql", "spent_today", "flush"],
)
def test_who_asks_sees_everything(tmp_path: Path, ask: Callable[[object], object]) -> None:
    path = tmp_path / "ledger.db"
    events = short("run")
    with open_ledger(path) as ledger:
        sink = ledger.recorder()
        for event in events[:5]:
            sink(event)
        ask(ledger)
        other = sqlite3.connect(path)
        assert other.execute("SELECT count(*) FROM event_blobs WHERE call_id = 'c1'").fetchone() == (1,)
        other.close()
        for event in events[5:]:
            sink(event)
