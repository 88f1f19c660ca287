"""The palette offers what the screen can do, and nothing that a dialog does under the same name."""

from __future__ import annotations

from tests.tui.piloting import app_of, bench
from tests.tui.test_editing import at, press
from workbench.tui.palette import Commands
from workbench.tui.screens.pick import Pick


async def test_over_a_dialog_there_are_only_the_commands_of_the_app() -> None:
    async with bench() as pilot:
        await at(pilot, "")
        assert "add node" in {title for title, _, _ in Commands(pilot.app.screen)._all()}
        await press(pilot, "w")
        assert isinstance(pilot.app.screen, Pick)
        titles = {title for title, _, _ in Commands(pilot.app.screen)._all()}
        assert {"bench", "next theme"} <= titles
        assert not {"mark", "add node", "run", "save"} & titles


async def test_no_screen_offers_the_tree_s_commands_but_the_bench() -> None:
    async with bench() as pilot:
        app_of(pilot).action_go("compare")
        await press(pilot)
        titles = {title for title, _, _ in Commands(pilot.app.screen)._all()}
        assert "take the Bench's system and prompt" in titles
        assert "add node" not in titles
