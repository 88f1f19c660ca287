"""From screen to screen: by number, and round all of them by F6."""

from __future__ import annotations

from tests.tui.catalogues import FakeCatalogue
from tests.tui.piloting import app_of, bench, settle
from workbench.tui.commands.base import ROOMS


async def test_a_number_goes_to_its_screen_and_f6_to_the_next_even_from_a_prompt() -> None:
    async with bench(catalogue=FakeCatalogue(), size=(120, 40)) as pilot:
        app, rooms = app_of(pilot), {number: room for number, (room, _) in ROOMS.items()}
        there = {}
        for room in [*list(rooms.values())[1:], "bench"]:
            await pilot.press("f6")
            await settle(pilot)
            assert app.current_mode == room
            there[room] = app.screen
        assert len(set(there.values())) == len(rooms)
        await pilot.press("alt+l")
        for number in ("5", "2", "3", "4", "7", "1"):
            await pilot.press(number)
            await settle(pilot)
            assert app.screen is there[rooms[number]], number
