"""The app on the real ledger, library and models."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from msgspec import structs

from tests.tui.piloting import said, seen, settle
from tests.tui.scripted import MS, STARTED, long_run
from workbench import paths
from workbench.engine.events import AnyEvent, CallFinished, RunStarted
from workbench.errors import InputError
from workbench.ledger import open_ledger
from workbench.systems import notation
from workbench.systems.nodes import System
from workbench.tui import wiring
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.services import Past
from workbench.tui.session import Session
from workbench.tui.widgets.header import HeaderBar


def run_of(started_at: int) -> list[AnyEvent]:
    events = long_run()
    return [structs.replace(events[0], started_at=started_at), *events[1:]]


async def test_a_recorded_run_is_counted_today_and_comes_back_event_by_event() -> None:
    store = wiring.services().store
    assert store is not None
    before, events = store.today(), run_of(time.time_ns())
    sink = store.recorder()
    for event in events:
        sink(event)
    await store.settle()
    today = store.today()
    assert (before.runs, today.runs, today.unknown) == (0, 1, 0)
    assert today.spent > 0
    assert list(store.events("last")) == events
    store.close()


async def test_today_counts_real_runs_and_tells_of_unknown_cost() -> None:
    store = wiring.services().store
    assert store is not None
    costless = [structs.replace(x, cost=None) if isinstance(x, CallFinished) else x for x in run_of(time.time_ns())]
    first = costless[0]
    assert isinstance(first, RunStarted)
    for run, kind in (("a", "real"), ("b", "simulated")):
        sink = store.recorder()
        for event in [structs.replace(first, run=run, kind=kind), *costless[1:]]:
            sink(event)
    await store.settle()
    assert store.today() == Past(spent=0, runs=1, unknown=1)
    store.close()


async def test_a_run_of_another_day_is_not_counted_today() -> None:
    store = wiring.services().store
    assert store is not None
    sink = store.recorder()
    for event in run_of(STARTED - 400 * 86_400_000 * MS):
        sink(event)
    await store.settle()
    assert store.today().runs == 0
    store.close()


async def test_which_day_it_is_the_given_clock_says(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "l.db") as ledger:
        sink = ledger.recorder()
        for event in run_of(STARTED):
            sink(event)
        ledger.flush()
        then = LedgerStore(lambda: ledger, lambda: STARTED + 1000 * MS).today()
        later = LedgerStore(lambda: ledger, lambda: STARTED + 2 * 86_400_000 * MS).today()
    assert (then.runs, later.runs, later.spent) == (1, 0, 0)
    assert then.spent > 0


async def test_a_simulated_run_is_kept_and_replayed_as_it_was() -> None:
    services = wiring.services()
    root = notation.parse("race(3*sim/instant)")
    session = Session(services, System(name="three", root=root))
    session.run("6 × 7?")
    await session.wait()
    ran = session.view.to_json()
    assert (session.view.status, session.view.kind, session.problem) == ("done", "simulated", "")
    session.replay("last", speed=1000)
    await session.wait()
    assert session.view.to_json() == ran
    await services.models.aclose()
    assert services.store is not None
    services.store.close()


def test_no_such_run_is_said() -> None:
    store = wiring.services().store
    assert store is not None
    with pytest.raises(InputError):
        store.events("last")
    store.close()


async def test_a_ledger_that_can_t_be_opened_leaves_the_app_without_one(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    app = WorkbenchApp(wiring.services())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert app.services.store is None
        assert "no ledger" in seen(pilot, HeaderBar)
        assert "Runs are not kept" in said(pilot)


def test_the_ledger_is_opened_when_it_is_first_asked_for() -> None:
    store = wiring.services().store
    assert store is not None
    assert not paths.ledger_file().exists()
    assert store.today().runs == 0
    assert paths.ledger_file().exists()
    store.close()


def test_a_broken_config_is_said_and_defaults_are_used(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("nonsense = 1", encoding="utf-8")
    services = wiring.services()
    assert "Defaults are used" in services.store_problem
    assert services.store is not None
    services.store.close()
