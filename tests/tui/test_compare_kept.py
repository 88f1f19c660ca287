"""What a comparison leaves behind for the next time, and what it counts of the day's money."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tui.compare_scripted import Ledger as Remembering
from tests.tui.compare_scripted import Stage, app_of, comparing, screen_of
from tests.tui.scripted import race_and_judge, services
from tests.tui.test_resuming import app
from workbench.engine import events as e
from workbench.tui.comparing import Comparing
from workbench.tui.screens.compare import Compare
from workbench.tui.services import Past
from workbench.tui.widgets.prompt_box import PromptText


async def test_prompt_and_repeats_of_the_comparison_come_back(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        app_of(pilot).action_go("compare")
        await pilot.pause()
        await pilot.press("plus", "plus", "o")
        pilot.app.screen.query_one(PromptText).put("Which is larger?")
    for _ in range(2):  # once more without having gone there
        async with app(tmp_path) as pilot:
            app_of(pilot).action_go("bench")
    async with app(tmp_path) as pilot:
        app_of(pilot).action_go("compare")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Compare)
        made = app_of(pilot).comparing
        assert (made.repeats, made.together) == (3, False)
        assert pilot.app.screen.query_one(PromptText).text == "Which is larger?"
        assert app_of(pilot).bench.query_one(PromptText).text != "Which is larger?"


async def test_taking_the_benchs_prompt_can_be_undone() -> None:
    async with comparing() as pilot:
        box = screen_of(pilot).query_one(PromptText)
        box.put("My own words")
        screen_of(pilot).action_compare_take()
        await pilot.pause()
        assert box.text != "My own words"
        box.action_undo()
        assert box.text == "My own words"


@dataclass
class Counting(Remembering):
    """The day's money as the ledger sums it: all calls that ended, of runs under way too. Who asks second is told once
    the first one's run has ended calls."""

    asked: int = 0
    begun: threading.Event = field(default_factory=threading.Event)

    def today(self) -> Past:
        self.asked += 1
        if self.asked == 2:
            assert self.begun.wait(10)
        return Past(spent=self.spent())

    def spent(self) -> int:
        return sum(event.cost or 0 for event in self.recorded if isinstance(event, e.CallFinished))

    def recorder(self) -> Any:
        def take(event: e.AnyEvent) -> None:
            self.recorded.append(event)
            if isinstance(event, e.CallFinished):
                self.begun.set()

        return take


async def test_calls_of_a_lane_that_is_under_way_are_counted_once() -> None:
    store, stage = Counting(), Stage(hold=True, until_ms=7000)
    made = Comparing(services(stage, store=store))
    for _ in range(2):
        made.add(race_and_judge())
    assert made.fire("What now?")
    for _ in range(2000):
        if len(stage.fired) == 2:
            break
        await asyncio.sleep(0.001)
    first, second = (options["spent_today"] for _, options in stage.fired)
    made.stop()
    await made.wait()
    assert first == 0
    assert second * 2 == store.spent() > 0
