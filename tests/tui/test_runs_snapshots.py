"""How the Runs screen and the transport bar look, at three sizes. `--snapshot-update` accepts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.many_runs import filled, judged
from tests.tui.scripted import MS, PROMPT, STARTED, FakeStore, long_run, services
from workbench.ledger import Ledger
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.screens.runs import Runs

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown in local time; here that is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    ledger = filled(tmp_path_factory.mktemp("runs") / "ledger.db", 300)
    judged(ledger)
    for run, grade in (("00299abc", "right"), ("00298abc", "wrong"), ("00296abc", "skip")):
        ledger.grade(run, grade)  # type: ignore[arg-type]
    ledger.tag("00299abc", "nightly", "hard")
    yield ledger
    ledger.close()


class Steady(LedgerStore):
    """The day's sum depends on the day; here it is none."""

    def today(self) -> Any:
        return FakeStore().today()


def runs_app(ledger: Ledger, theme: str = "workbench-dark") -> WorkbenchApp:
    app = WorkbenchApp(services(store=Steady(lambda: ledger), now=lambda: STARTED), system="single", prompt=PROMPT)
    app.theme = theme
    return app


async def quiet(pilot: Pilot[Any]) -> None:
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def until(pilot: Pilot[Any], true: Callable[[], bool]) -> None:
    for _ in range(600):
        await pilot.pause(0.005)
        if true():
            break
    assert true()


def on_runs(*keys: str, found: int = 301) -> Callable[[Pilot[Any]], Any]:
    """To the Runs screen, press keys, wait until all that is asked for is drawn."""

    async def go(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        app.action_go("runs")
        await until(pilot, lambda: isinstance(app.screen, Runs))
        screen = app.screen
        assert isinstance(screen, Runs)
        await until(pilot, lambda: screen.pages.total == 301)
        for key in keys:
            await pilot.press(key)
            await quiet(pilot)
        await until(pilot, lambda: screen.pages.total == found)
        await until(pilot, lambda: screen.current is None or screen.current.id in screen._calls)
        await quiet(pilot)

    return go


@by_size
def test_runs(snap_compare: Compare, kept: Ledger, size: tuple[int, int]) -> None:
    assert snap_compare(runs_app(kept), terminal_size=size, run_before=on_runs("j", "x", "k"))


def test_runs_light(snap_compare: Compare, kept: Ledger) -> None:
    app = runs_app(kept, "workbench-light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=on_runs())


@pytest.mark.parametrize("key", ["e", "t", "f"])
def test_dialogs(snap_compare: Compare, kept: Ledger, key: str) -> None:
    assert snap_compare(runs_app(kept), terminal_size=(120, 40), run_before=on_runs(key))


def test_nothing_fits(snap_compare: Compare, kept: Ledger) -> None:
    keys = ("slash", *"nosuchword", "enter")
    assert snap_compare(runs_app(kept), terminal_size=(120, 40), run_before=on_runs(*keys, found=0))


def paused(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def go(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        await until(pilot, lambda: app.session.player is not None)
        app.bench.tick()
        await pilot.pause()
        await pilot.press("space")
        assert app.session.player is not None
        app.session.player.seek(6200 * MS)
        for key in keys:
            await pilot.press(key)
        app.bench.wake()
        for _ in range(4):
            await pilot.pause()

    return go


@by_size
def test_replay(snap_compare: Compare, size: tuple[int, int]) -> None:
    store: Any = FakeStore(kept={"7f3a": long_run()})
    app = WorkbenchApp(
        services(store=store, now=lambda: STARTED), system="laconic-then-judge", prompt=PROMPT, replay="7f3a"
    )
    assert snap_compare(app, terminal_size=size, run_before=paused())
