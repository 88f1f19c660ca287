"""The tabs come back as they were left, and each run is read once somebody looks at it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from tests.tui.idling import MOMENT
from tests.tui.piloting import Bench, app_of, said, seen, settle
from tests.tui.scripted import FakeStore, long_run, race_and_judge
from tests.tui.test_resuming import DEFAULTS, app, left
from workbench.engine import events as e
from workbench.tui.memory import Left, Memory
from workbench.tui.one_run import Resting
from workbench.tui.screens.tabbing import Gaze
from workbench.tui.tabs import MOST
from workbench.tui.widgets.run_tabs import RunTabs


class Opened(FakeStore):
    """Remembers whose events were asked for."""

    def __init__(self, *runs: str) -> None:
        super().__init__(kept={run: renamed(run) for run in runs})
        self.read: list[str] = []

    def events(self, ref: str) -> list[e.AnyEvent]:
        self.read.append(ref)
        return super().events(ref)


def renamed(run: str) -> list[e.AnyEvent]:
    return [
        structs.replace(event, run=run) if isinstance(event, e.RunStarted) else event
        for event in long_run(race_and_judge())
    ]


def remember(folder: Path, *tabs: str, tab: int) -> None:
    """The app was left with these."""
    defaults = DEFAULTS.system, DEFAULTS.prompt, DEFAULTS.theme
    Memory(folder / "data" / "session.json").write(Left(tabs=tabs, tab=tab, defaults=defaults))


async def ended(pilot: Bench) -> str:
    """The shown run's id, once it is read."""
    session = app_of(pilot).session
    for _ in range(100):
        await pilot.pause(MOMENT)
        if session.view.finished:
            break
    await settle(pilot)
    return session.view.id


async def test_every_tab_comes_back_and_is_read_when_it_is_looked_at(tmp_path: Path) -> None:
    async with app(tmp_path, store=Opened("a1", "b2", "c3")) as pilot:
        for run in ("a1", "", "b2", "c3"):
            if run:
                app_of(pilot).bench.show(run)
                assert await ended(pilot) == run
            await pilot.press(*(() if run == "c3" else ("ctrl+t",)))
        await pilot.press("alt+l", "s", "alt+3")
        await settle(pilot)
    assert (left(tmp_path).tabs, left(tmp_path).tab) == (("a1", "", "b2", "c3"), 2)
    store = Opened("a1", "b2", "c3")
    async with app(tmp_path, store=store) as pilot:
        session = app_of(pilot).session
        assert await ended(pilot) == "b2"
        assert store.read == ["b2"]
        for words in ("1  laconic-t… ✓", "2  · ", "4  laconic-t… ✓"):
            assert words in seen(pilot, RunTabs)
        await app_of(pilot).resuming.keep(app_of(pilot))
        assert left(tmp_path).tabs == ("a1", "", "b2", "c3"), "what is not read yet is kept"
        await pilot.press("alt+4")
        assert await ended(pilot) == "c3"
        await pilot.press("alt+2")
        assert not session.view.id
        await pilot.press("alt+w", "alt+w", "alt+w")
        assert await ended(pilot) == "a1"
        assert store.read == ["b2", "c3", "a1"]


async def test_a_tab_whose_run_was_deleted_is_left_out(tmp_path: Path) -> None:
    remember(tmp_path, "gone", "a1", "gone", "b2", tab=3)
    store = Opened("a1", "b2")
    async with app(tmp_path, store=store) as pilot:
        assert await ended(pilot) == "b2"
        assert [one.id for one in app_of(pilot).session.tabs.items] == ["a1", "b2"]
        assert not said(pilot)
        del store.kept["a1"]
        await pilot.press("alt+1")
        await settle(pilot)
        assert "there is no run 'a1'" in said(pilot)
        assert "1  · empty" in seen(pilot, RunTabs)


@pytest.mark.parametrize("tab", [-7, 99])
async def test_more_tabs_than_there_are_and_a_run_that_came_first(tmp_path: Path, tab: int) -> None:
    runs = [f"r{number}" for number in range(12)]
    remember(tmp_path, *runs, tab=tab)
    async with app(tmp_path, store=Opened(*runs)) as pilot:
        assert await ended(pilot) == ("r0" if tab < 0 else "r8")
        session = app_of(pilot).session
        assert len(session.tabs.items) == MOST
        for _ in range(MOST - 1):
            session.close_tab()
        own = session.shown
        app_of(pilot).bench.bring_back([Resting(run, "own", "done") for run in runs], 0, Gaze())
        assert session.shown is own
        assert [one.id for one in session.tabs.items] == [*runs[: MOST - 1], own.id]
