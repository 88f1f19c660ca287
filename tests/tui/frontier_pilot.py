"""The Frontier screen in a test: open it, press keys, read what is to be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.scripted import STARTED, services
from workbench.ledger import Ledger
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.screens.frontier import FrontierScreen
from workbench.tui.screens.runs import Runs
from workbench.tui.widgets.scatter import Scatter
from workbench.tui.widgets.words_pane import WordsPane

Room = Pilot[int]


@asynccontextmanager
async def room(
    ledger: Ledger | None, *, size: tuple[int, int] = (120, 40), whole: bool = False, store: Any = None
) -> AsyncIterator[Room]:
    """The screen in the app; without `whole` the Bench is not laid out."""
    given = store
    if ledger is not None and store is None:
        opened = ledger
        given = LedgerStore(lambda: opened)
    app = WorkbenchApp(services(store=given, now=lambda: STARTED), system="single", prompt="?", lazily=whole)
    if not whole:
        setattr(app, "get_default_screen", lambda: FrontierScreen(app.session))  # noqa: B010
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if whole:
            app.action_go("frontier")
        await quiet(pilot)
        yield pilot


def screen(pilot: Room) -> FrontierScreen:
    return next(each for each in pilot.app.screen_stack if isinstance(each, FrontierScreen))


async def quiet(pilot: Room) -> None:
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def until(pilot: Room, true: Callable[[], bool]) -> None:
    for _ in range(400):
        await pilot.pause(0.005)
        if true():
            break
    assert true()


async def press(pilot: Room, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await quiet(pilot)


def seen(pilot: Room, widget: type[Any]) -> str:
    found = screen(pilot).query_one(widget)
    return "\n".join("".join(part.text for part in found.render_line(y)).rstrip() for y in range(found.size.height))


def card(pilot: Room) -> str:
    pane = screen(pilot).query_one(WordsPane)
    return pane.at(50).plain


def zoomed(pilot: Room) -> bool:
    return screen(pilot).query_one(Scatter).zoomed


def runs(pilot: Room) -> Runs:
    assert isinstance(pilot.app.screen, Runs)
    return pilot.app.screen


def nothing(pilot: Room) -> str:
    shown = screen(pilot).query_one("#frontier-nothing", Static)
    assert shown.display
    return str(shown.render())


def said(pilot: Room) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)
