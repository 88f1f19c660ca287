"""A thousand replicas: one widget, only visible lines drawn, nothing that grows with what is out of sight."""

from __future__ import annotations

from tests.tui.scripted import REASONER, Puppet, Script, services
from workbench.systems.nodes import Model, Race, System
from workbench.tui import lane_table
from workbench.tui.app import WorkbenchApp
from workbench.tui.widgets.lanes import Lanes

REPLICAS = 1000


def thousand() -> Script:
    system = System(name="crowd", root=Race(of=(Model(model=REASONER, replicas=REPLICAS),), losers="finish"))
    script = Script(system)
    script.start()
    script.node(0, "", "race")
    for n in range(1, REPLICAS + 1):
        script.call(1, f"c{n}", "of.0", n, REASONER)
    for n in range(1, REPLICAS + 1):
        script.say(500 + n, f"c{n}", "word " * 5)
    return script


async def test_a_thousand_lanes_are_one_widget_that_draws_what_is_in_sight(monkeypatch: object) -> None:
    script = thousand()
    drawn: list[str] = []
    original = lane_table.lane

    def counting(frame: object, call: object, *rest: object) -> object:
        drawn.append(call.id)  # type: ignore[attr-defined]
        return original(frame, call, *rest)  # type: ignore[arg-type]

    lane_table.lane = counting  # type: ignore[assignment]
    try:
        app = WorkbenchApp(services(Puppet(script.events, ends=False)), system=script.system, prompt="?")
        async with app.run_test(size=(140, 44)) as pilot:
            await pilot.press("ctrl+r")
            for _ in range(4):
                await pilot.pause()
            app.bench.tick()
            await pilot.pause()
            lanes = app.screen.query_one(Lanes)
            assert len(app.screen.query(Lanes)) == 1
            assert lanes.virtual_size.height == REPLICAS + 1
            assert len(set(drawn)) < 60
            drawn.clear()
            app.bench.draw()
            await pilot.pause()
            assert drawn == []
            await pilot.press("alt+l", "G")
            await pilot.pause()
            assert "c1000" in drawn
            assert len(set(drawn)) < 60
            app.session.stop()
            await app.session.wait()
    finally:
        lane_table.lane = original
