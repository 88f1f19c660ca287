"""Ctrl+Q in a dialog that text was typed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import Input, TextArea

from tests.tui.piloting import Bench, app_of, bench
from tests.tui.test_editing import at, press
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.form import Form
from workbench.tui.screens.wording import Fill, Instruction


async def open_dialog(pilot: Bench, dialog: str) -> None:
    match dialog:
        case "instruction":
            await press(pilot, "f7")
        case "values":
            app_of(pilot).bench.set_prompt("Where is {city}?")
            app_of(pilot).bench.action_values()
        case "form":
            await at(pilot, "")
            await press(pilot, "enter")
        case "ask":
            pilot.app.push_screen(Ask("Tags", "", lambda text: (True, "")))
    await press(pilot)


@pytest.mark.parametrize(
    ("dialog", "kind"), [("instruction", Instruction), ("values", Fill), ("form", Form), ("ask", Ask)]
)
async def test_text_in_a_dialog_is_not_lost_without_a_question(dialog: str, kind: type) -> None:
    async with bench() as pilot:
        await open_dialog(pilot, dialog)
        assert isinstance(pilot.app.screen, kind)
        await press(pilot, *"ab", "ctrl+q")
        assert isinstance(pilot.app.screen, Confirm)
        assert not pilot.app._exit
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, kind)
        typed = [box.value for box in pilot.app.screen.query(Input)]
        typed += [box.text for box in pilot.app.screen.query(TextArea)]
        assert any("ab" in text for text in typed)
        await press(pilot, "ctrl+q", "ctrl+q")
        assert pilot.app._exit


@pytest.mark.parametrize("dialog", ["instruction", "values", "form", "ask"])
async def test_a_dialog_that_nothing_was_typed_in_lets_go_at_once(dialog: str) -> None:
    async with bench() as pilot:
        await open_dialog(pilot, dialog)
        await press(pilot, "ctrl+q")
        assert pilot.app._exit


async def test_what_waits_to_be_drawn_is_let_go_where_the_panes_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Callable[[], None]] = []
    done: list[str] = []
    async with bench() as pilot:
        shown = app_of(pilot).bench
        monkeypatch.setattr(shown, "call_after_refresh", waiting.append)
        shown.once_drawn(lambda: done.append("drawn"))
        waiting[0]()
        shown.action_columns()
        monkeypatch.setattr(shown, "query", lambda *_: [])
        for each in waiting:
            each()
        monkeypatch.undo()
        assert done == ["drawn"]
