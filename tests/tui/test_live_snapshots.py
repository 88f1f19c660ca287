"""How the live run looks where it is watched otherwise: columns, why, a filter, and the prompt's dialogs, at three
sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.scripted import PROMPT, Puppet, long_run, services, until
from workbench.tui.app import WorkbenchApp
from workbench.tui.widgets.prompt_box import PromptText

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]
VIEWS: dict[str, tuple[int, Sequence[str]]] = {
    "columns": (5900, ("alt+l", "home", "c", "right")),
    "why": (9000, ("alt+l", "home", "enter", "5")),
    "filter": (9000, ("alt+l", "f")),
    "filtered": (9000, ("alt+l", "f", *"canc", "enter")),
    "names": (9000, ("ctrl+r",)),
    "system": (9000, ("f7",)),
}


def the_bench(view: str) -> tuple[WorkbenchApp, Callable[[Pilot[Any]], Any]]:
    ms, keys = VIEWS[view]
    app = WorkbenchApp(services(Puppet(until(long_run(), ms))), system="laconic-then-judge", prompt=PROMPT)

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        app.session.wording.instruction = "Be terse and check the sum."
        await pilot.press("ctrl+r")
        await settle(pilot)
        app.screen.query_one(PromptText).load_text("Greet {who} in {language}, then what is 6 × 7?")
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    async def settle(pilot: Pilot[Any]) -> None:
        for _ in range(4):
            await pilot.pause()
        app.bench.tick()
        await pilot.pause()

    return app, act


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", VIEWS)
def test_the_live_run(view: str, size: tuple[int, int], snap_compare: Compare) -> None:
    app, act = the_bench(view)
    assert snap_compare(app, run_before=act, terminal_size=size)
