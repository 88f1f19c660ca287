"""What must be settled before a system is fired: its notation parses, its checks may run code, its files are found."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Static

from tests.tui.piloting import WIDE, Bench, app_of, bench, fire, said, seen, settle
from tests.tui.scripted import FakeSystems, Puppet, long_run
from workbench.config import Config
from workbench.systems import files, notation
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui.screens.allow_code import AllowCode
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.outlook import Outlook

CODE = System(name="laconic-then-judge", root=notation.parse("verify[python-tests](2*sim/small)"))


def coding(puppet: Puppet, **changes: object) -> dict[str, object]:
    def forecast(system: System, allow_code: bool) -> Forecast:
        return Forecast(2, 2, () if allow_code else (Doubt("warning", "it will abstain"),))

    return {"execute": puppet, "systems": FakeSystems(CODE), "forecast": forecast, "size": WIDE, **changes}


async def answer(pilot: Bench, key: str) -> None:
    await fire(pilot)
    assert isinstance(pilot.app.screen, AllowCode)
    await pilot.press(key)
    await settle(pilot)


async def test_code_is_allowed_once_and_holds_until_the_app_is_left() -> None:
    puppet = Puppet(long_run())
    async with bench(**coding(puppet)) as pilot:  # type: ignore[arg-type]
        await settle(pilot)
        assert "it will abstain" in seen(pilot, Outlook)
        await answer(pilot, "n")
        assert puppet.fired == []
        await answer(pilot, "w")
        assert puppet.options.get("allow_code") is False
        await answer(pilot, "y")
        assert puppet.options["allow_code"] is True
        assert "nothing to mend" in seen(pilot, Outlook)
        await fire(pilot)
        assert not isinstance(pilot.app.screen, AllowCode)
        assert len(puppet.fired) == 3


async def test_where_config_allows_code_nothing_is_asked() -> None:
    puppet = Puppet(long_run())
    async with bench(**coding(puppet, config=Config(allow_code=True))) as pilot:  # type: ignore[arg-type]
        await fire(pilot)
        assert puppet.options["allow_code"] is True


async def test_a_notation_that_does_not_parse_is_not_fired() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet, size=WIDE) as pilot:
        await settle(pilot)
        assert "nothing to mend" in seen(pilot, Outlook)
        area = pilot.app.screen.query_one(NotationText)
        good, area.text = area.text, "race(3*sim/small"
        await settle(pilot)
        assert "nothing to mend" not in seen(pilot, Outlook)
        assert "must parse" in seen(pilot, Outlook)
        await fire(pilot)
        assert puppet.fired == []
        assert "does not parse" in said(pilot)
        area.text = good
        await settle(pilot)
        assert "nothing to mend" in seen(pilot, Outlook)
        await fire(pilot)
        assert len(puppet.fired) == 1


async def test_ctrl_a_takes_all_lines_of_the_notation() -> None:
    async with bench() as pilot:
        await pilot.press("f5")
        area = pilot.app.screen.query_one(NotationText)
        assert "\n" in area.text
        assert "select all" in str(pilot.app.screen.query_one("KeyBar").render())
        await pilot.press("ctrl+a", *"sim")
        assert area.text == "sim"


async def test_files_beside_a_system_are_found_from_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    files.save(System(name="part", root=notation.parse("3*sim/small")), folder / "part.yaml")
    files.save(System(name="whole", root=notation.parse("vote($./part.yaml)")), folder / "whole.yaml")
    puppet = Puppet(long_run())
    async with bench(puppet, systems=Library([folder])) as pilot:
        app_of(pilot).session.open(Library([folder]).get("whole"))
        app_of(pilot).bench.draw_system()
        await fire(pilot)
        assert app_of(pilot).session.problem == ""
        assert "sim/small" in notation.print_node(puppet.fired[0].root)
        problem = pilot.app.screen.query_one("#notation-problem", Static)
        assert not problem.display
