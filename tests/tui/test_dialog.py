"""A dialog is left once, however fast the keys come, and never takes another screen with it."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.screen import Screen

from tests.tui.piloting import Bench, app_of, bench, settle
from tests.tui.test_editing import at, press, system_of
from workbench.tui.screens.bench import Bench as BenchScreen
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.form import Form
from workbench.tui.screens.help import Help


async def at_once(pilot: Bench, *keys: str) -> None:
    """All of them are there before the app has done what the first one asks."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await settle(pilot)


@pytest.mark.parametrize(
    ("opens", "leaves"),
    [
        ("ctrl+g", "a"),  # jump
        ("f1", "escape"),  # help
        ("f3", "escape"),  # the pager
        ("f7", "escape"),  # the system prompt
        ("f8", "escape"),  # YAML
        ("ctrl+o", "enter"),  # open
        ("ctrl+p", "escape"),  # the palette
        ("ctrl+p", "enter"),
    ],
)
async def test_keys_that_were_typed_ahead_leave_a_dialog_once(opens: str, leaves: str) -> None:
    async with bench() as pilot:
        await press(pilot, opens)
        assert not isinstance(pilot.app.screen, BenchScreen)
        await at_once(pilot, leaves, leaves, leaves)
        assert pilot.app._exception is None
        assert isinstance(pilot.app.screen_stack[0], BenchScreen)


async def test_the_second_enter_does_not_close_what_stands_below() -> None:
    answers: list[bool | None] = []
    async with bench() as pilot:
        await at(pilot, "")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Form)
        pilot.app.push_screen(Confirm("Sure?", "yes", "no"), answers.append)
        await settle(pilot)
        await at_once(pilot, "y", "y", "y")
        assert isinstance(pilot.app.screen, Form)
        assert answers == [True]


async def test_a_form_that_is_applied_twice_at_once_is_one_step() -> None:
    async with bench() as pilot:
        await at(pilot, "")
        before = system_of(pilot)
        await press(pilot, "enter")
        form = pilot.app.screen
        assert isinstance(form, Form)
        replicas = next(one for one in form._lines if one.entry.key == "replicas")
        replicas.put("4")
        await at_once(pilot, "ctrl+s", "ctrl+s", "ctrl+s")
        assert system_of(pilot) == f"4*{before}"
        app_of(pilot).session.history.undo()
        assert system_of(pilot) == before


def shown(pilot: Bench) -> type[Screen[Any]]:
    return type(pilot.app.screen)


async def test_a_dialog_that_ends_below_another_waits_for_it() -> None:
    answers: list[bool | None] = []
    async with bench() as pilot:
        pilot.app.push_screen(question := Confirm("Sure?", "yes", "no"), answers.append)
        await settle(pilot)
        await press(pilot, "f1")
        assert shown(pilot) is Help
        question.dismiss(True)
        await settle(pilot)
        assert shown(pilot) is Help
        assert not answers
        await press(pilot, "escape")
        await settle(pilot)
        assert shown(pilot) is BenchScreen
        assert answers == [True]
        assert not isinstance(pilot.app.screen, CommandPalette)


async def test_a_command_of_the_palette_is_done_once() -> None:
    async with bench() as pilot:
        theme = pilot.app.theme
        await press(pilot, "ctrl+p", *"next theme")
        await at_once(pilot, "down", "enter", "enter", "enter")
        once = pilot.app.theme
        assert once != theme
        pilot.app.theme = theme
        await pilot.app.run_action("next_theme")
        assert pilot.app.theme == once


async def test_the_palette_is_there_once_even_where_help_stands_above_it() -> None:
    async with bench() as pilot:
        await press(pilot, "ctrl+p", "f1", "ctrl+p")
        assert isinstance(pilot.app.screen, Help)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, CommandPalette)
