"""The Models screen in a test: open it, press keys, read what is to be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from tests.tui.catalogues import FakeCatalogue
from tests.tui.scripted import services
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.models import Models
from workbench.tui.widgets.models_table import ModelsTable
from workbench.tui.widgets.words_pane import WordsPane

Shown = Pilot[int]


def only_models(app: WorkbenchApp) -> WorkbenchApp:
    """The app begins at the Models screen; the Bench is not laid out, which is most of a test's time."""
    setattr(app, "get_default_screen", lambda: Models(app.session))  # noqa: B010
    return app


@asynccontextmanager
async def models(
    catalogue: FakeCatalogue | None = None, *, size: tuple[int, int] = (120, 40), whole: bool = False, **changes: Any
) -> AsyncIterator[Shown]:
    given = services(catalogue=catalogue or FakeCatalogue(), **changes)
    app = WorkbenchApp(given, system="laconic-then-judge")
    async with (app if whole else only_models(app)).run_test(size=size) as pilot:
        await pilot.pause()
        if whole:
            app.action_go("models")
        await settle(pilot)
        yield pilot


def screen(pilot: Shown) -> Models:
    return next(each for each in pilot.app.screen_stack if isinstance(each, Models))


async def settle(pilot: Shown) -> None:
    """Until the workers are done and what they changed is drawn."""
    for _ in range(3):
        await pilot.pause()
        if isinstance(pilot.app.screen, Models):
            await pilot.app.workers.wait_for_complete(list(pilot.app.workers))
    await pilot.pause()


async def press(pilot: Shown, *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def told(pilot: Shown) -> str:
    """The panes below, as text."""
    panes = screen(pilot).query(WordsPane)
    return "\n".join(pane.at(pane.content_size.width).plain for pane in panes)


def table(pilot: Shown) -> list[str]:
    found = screen(pilot).query_one(ModelsTable)
    lines = ["".join(part.text for part in found.render_line(y)).rstrip() for y in range(found.size.height)]
    return [line for line in lines[1:] if line]


def chosen(pilot: Shown) -> str:
    row = screen(pilot).chosen
    return row.info.name if row is not None else ""


async def choose(pilot: Shown, name: str) -> None:
    screen(pilot)._model = name
    screen(pilot).draw()
    assert chosen(pilot) == name
    await pilot.pause()


def said(pilot: Shown) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)


def app_of(pilot: Shown) -> WorkbenchApp:
    assert isinstance(pilot.app, WorkbenchApp)
    return pilot.app
