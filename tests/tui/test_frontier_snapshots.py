"""How the Frontier screen looks, at three sizes. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.scripted import PROMPT, STARTED, FakeStore, services
from tests.tui.studies import study
from workbench.ledger import Ledger
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.screens.frontier import FrontierScreen

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    ledger = study(tmp_path_factory.mktemp("frontier") / "ledger.db")
    yield ledger
    ledger.close()


class Steady(LedgerStore):
    """The day's sum depends on the day; here it is none."""

    def today(self) -> Any:
        return FakeStore().today()


def app_on(ledger: Ledger, theme: str = "workbench-dark") -> WorkbenchApp:
    app = WorkbenchApp(services(store=Steady(lambda: ledger), now=lambda: STARTED), system="single", prompt=PROMPT)
    app.theme = theme
    return app


def on_frontier(*keys: str) -> Callable[[Pilot[Any]], Any]:
    """To the screen, press keys, wait until all that is asked for is drawn."""

    async def go(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        app.action_go("frontier")
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            for _ in range(3):
                await pilot.pause()
                await app.workers.wait_for_complete()
                await pilot.pause()
        found = next(each for each in app.screen_stack if isinstance(each, FrontierScreen))
        assert found.answer is not None

    return go


@by_size
def test_frontier(snap_compare: Compare, kept: Ledger, size: tuple[int, int]) -> None:
    assert snap_compare(app_on(kept), terminal_size=size, run_before=on_frontier("j", "j"))


def test_frontier_light_with_a_hull(snap_compare: Compare, kept: Ledger) -> None:
    app = app_on(kept, "workbench-light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=on_frontier("h", "x", "G"))


@pytest.mark.parametrize("key", ["a", "f", "e"])
def test_dialogs(snap_compare: Compare, kept: Ledger, key: str) -> None:
    assert snap_compare(app_on(kept), terminal_size=(120, 40), run_before=on_frontier(key))


def test_nothing_graded(snap_compare: Compare, kept: Ledger) -> None:
    assert snap_compare(app_on(kept), terminal_size=(80, 24), run_before=on_frontier("r"))
