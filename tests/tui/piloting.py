"""The Bench under a pilot: opened around a script, looked at, and left cleanly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.command import CommandList
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.idling import MOMENT
from tests.tui.scripted import (
    PROMPT,
    services,
)
from workbench.tui.app import WorkbenchApp
from workbench.tui.palette import Palette

Bench = Pilot[int]
WIDE = (150, 45)


@asynccontextmanager
async def bench(
    execute: Any = None, *, size: tuple[int, int] = (110, 32), replay: str | None = None, **changes: Any
) -> AsyncIterator[Bench]:
    app = WorkbenchApp(services(execute, **changes), system="laconic-then-judge", prompt=PROMPT, replay=replay)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot
        app.session.stop_all()
        await app.session.wait()


def app_of(pilot: Bench) -> WorkbenchApp:
    assert isinstance(pilot.app, WorkbenchApp)
    return pilot.app


def seen(pilot: Bench, widget: type[Any]) -> str:
    """What a widget shows, as text."""
    found = pilot.app.screen.query_one(widget)
    return "\n".join("".join(segment.text for segment in found.render_line(y)) for y in range(found.size.height))


async def settle(pilot: Bench) -> None:
    """Until the bench shows how things stand."""
    for _ in range(4):
        await pilot.pause()
    app_of(pilot).bench.tick()
    await pilot.pause()


async def choose(pilot: Bench, title: str) -> None:
    """The command of this name, from the palette."""
    await pilot.press("ctrl+p")
    palette = pilot.app.screen
    assert isinstance(palette, Palette)
    palette.query_one(Input).value = title
    found = palette.query_one(CommandList)
    for _ in range(200):
        await pilot.pause(MOMENT)
        if str(found.highlighted_option and found.highlighted_option.prompt).partition("\n")[0] == title:
            break
    else:
        raise AssertionError(f"the palette does not offer {title!r}")
    await pilot.press("enter")
    await settle(pilot)
    assert pilot.app.screen is not palette


async def fire(pilot: Bench) -> None:
    await pilot.press("ctrl+r")
    await settle(pilot)


def said(pilot: Bench) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)
