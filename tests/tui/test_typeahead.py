"""Keys that come all at once do what they do one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.tui.piloting import Bench, app_of, bench, settle
from tests.tui.scripted import Puppet
from tests.tui.test_editing import at, press, system_of
from workbench.tui import typeahead
from workbench.tui.screens.pick import Pick
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
