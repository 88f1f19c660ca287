"""Keys that come all at once do what they do one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.tui.piloting import Bench, app_of, bench, fire, settle
from tests.tui.scripted import Puppet, long_run, until
from tests.tui.test_editing import at, press, system_of
from workbench.tui import typeahead
from workbench.tui.commands import COMMANDS
from workbench.tui.screens.pick import Pick
from workbench.tui.widgets.columns import LaneColumns
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.prompt_box import PromptText


async def at_once(pilot: Bench, *keys: str) -> None:
    """All of them are there before the app has done what the first one asks."""
    for key in keys:
        character = len(key) == 1
        pilot.app.post_message(events.Key(_character_to_key(key) if character else key, key if character else None))
    await settle(pilot)
    await settle(pilot)


async def test_text_and_the_keys_that_edit_it_keep_their_order() -> None:
    async with bench() as pilot:
        box = app_of(pilot).bench.query_one(PromptText)
        box.text = ""
        await at_once(pilot, *"abc", "backspace", *"d", "home", "x", "end", "left", "y")
        assert box.text == "xabyd"


async def test_what_is_a_command_elsewhere_is_text_in_the_prompt() -> None:
    bound = sorted({key for command in COMMANDS for key in command.keys.split(",") if len(key) == 1})
    assert {"1", "7", "j"} <= set(bound)
    puppet = Puppet()
    async with bench(puppet) as pilot:
        box = app_of(pilot).bench.query_one(PromptText)
        box.text = ""
        await at_once(pilot, *bound)
        assert box.text == "".join(bound)
        assert pilot.app.screen is app_of(pilot).bench
        assert not puppet.fired


async def test_a_cursor_goes_as_far_as_keys_say_however_fast_they_come() -> None:
    async with bench(Puppet(until(long_run(), 5000), ends=False), size=(150, 45)) as pilot:
        await fire(pilot)
        await at_once(pilot, "alt+l", *["j"] * 6)
        assert pilot.app.screen.query_one(Lanes).neighbour(0) == "c7"
        await at_once(pilot, "c", *["right"] * 2, "left")
        assert pilot.app.screen.query_one(LaneColumns).neighbour(0) == "c8"


async def test_text_replaces_what_was_selected_right_before() -> None:
    async with bench() as pilot:
        await at(pilot, "")
        await at_once(pilot, "f5", "ctrl+a", *"a/b", "enter", *"Why", "f5", "ctrl+a", *"c/d")
        assert system_of(pilot) == "c/d"
        assert app_of(pilot).bench.query_one(PromptText).text.endswith("Why")


async def test_letters_for_a_dialog_do_nothing_to_what_opens_it() -> None:
    puppet = Puppet()
    async with bench(puppet) as pilot:
        await at(pilot, "of.0")
        await at_once(pilot, "w", *"rdD")
        assert isinstance(pilot.app.screen, Pick)
        assert pilot.app.screen.query_one(Input).value == "rdD"
        await press(pilot, "escape")
        await at_once(pilot, "w", *"vote", "enter", "plus")
        assert "2*vote(race" in system_of(pilot)
        assert not puppet.fired


async def test_a_paste_waits_for_the_keys_before_it() -> None:
    async with bench() as pilot:
        box = app_of(pilot).bench.query_one(PromptText)
        await at(pilot, "")
        for event in (events.Key("f2", None), events.Key("ctrl+end", None), events.Paste("pasted")):
            pilot.app.post_message(event)
        await settle(pilot)
        assert box.text.endswith("pasted")


async def test_a_key_that_never_ends_does_not_hold_the_next_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeahead, "PATIENCE", 0.05)
    async with bench() as pilot:
        box = app_of(pilot).bench.query_one(PromptText)
        box.text, whole = "", box.call_later

        def lost(callback: Callable[..., Any], *args: Any, **named: Any) -> bool:
            return callback.__name__ == "_pass_on" or whole(callback, *args, **named)

        monkeypatch.setattr(box, "call_later", lost)
        for key in "ab":
            pilot.app.post_message(events.Key(key, key))
        for _ in range(200):
            if box.text == "ab":
                break
            await pilot.pause(0.01)
        assert box.text == "ab"
