"""Several runs at once: each in a tab, one shown, none lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.tui.piloting import WIDE, Bench, app_of, bench, choose, fire, said, seen, settle
from tests.tui.scripted import PROMPT, FakeStore, Puppet, long_run, services, until
from workbench.config import BudgetConfig, Config
from workbench.engine import events as e
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import Confirm
from workbench.tui.services import Past
from workbench.tui.tabs import MOST, Tabs
from workbench.tui.widgets.focus import DetailTabs
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.prompt_box import PromptBox
from workbench.tui.widgets.run_bar import RunBar
from workbench.tui.widgets.run_tabs import RunTabs, labelled

MOVES = st.one_of(
    st.just(("open",)),
    st.just(("close",)),
    st.tuples(st.just("go"), st.integers(-3, 12)),
    st.tuples(st.just("turn"), st.integers(-12, 12)),
)


@given(st.lists(MOVES, max_size=40))
def test_tabs_hold_what_was_opened_and_not_closed_and_always_show_one(moves: list[tuple[Any, ...]]) -> None:
    tabs, made, there = Tabs((0,)), 0, {0}
    for move, *by in moves:
        match move:
            case "open" if tabs.full:
                with pytest.raises(ValueError):
                    tabs.opened(made + 1)
            case "open" if not tabs.full:
                made += 1
                tabs, there = tabs.opened(made), there | {made}
                assert tabs.shown == made
            case "close":
                there -= {tabs.shown}
                made += 1
                tabs = tabs.closed(made)
                there |= {made} if tabs.items == (made,) else set()
            case "go":
                tabs = tabs.gone(by[0])
            case _:
                before = tabs.at
                tabs = tabs.turned(by[0])
                assert tabs.turned(-by[0]).at == before
        assert 0 <= tabs.at < len(tabs.items) <= MOST
        assert set(tabs.items) == there
        assert len(set(tabs.items)) == len(tabs.items)


@dataclass
class Puppets:
    """A puppet for each run that is fired; each stays in mid-run until it is stopped."""

    ms: int = 5900
    runs: list[Puppet] = field(default_factory=list)

    async def __call__(self, *given: Any, **options: Any) -> Any:
        number = len(self.runs)
        events = [
            structs.replace(event, run=f"{number:08x}") if isinstance(event, e.RunStarted) else event
            for event in until(long_run(), self.ms + number * 100)
        ]
        self.runs.append(Puppet(events, ends=False))
        return await self.runs[-1](*given, **options)


def shown(pilot: Bench) -> str:
    return app_of(pilot).session.view.id


def picked(pilot: Bench) -> str | None:
    return app_of(pilot).bench.picked


async def press(pilot: Bench, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def test_two_runs_go_on_at_once_and_each_tab_is_as_it_was_left() -> None:
    puppets = Puppets()
    async with bench(puppets, size=WIDE) as pilot:
        app = app_of(pilot)
        assert not app.screen.query_one(RunTabs).display
        await fire(pilot)
        await press(pilot, "alt+l", "down", "s", "enter", "2")
        before = picked(pilot)
        assert before is not None
        await press(pilot, "ctrl+t")
        assert shown(pilot) == ""
        assert "no run yet" in seen(pilot, RunBar)
        await fire(pilot)
        assert [one.running for one in app.session.tabs.items] == [True, True]
        assert [puppet.cancelled for puppet in puppets.runs] == [0, 0]
        assert shown(pilot) == "00000001"
        assert picked(pilot) is None
        assert app.screen.query_one(DetailTabs).tab == "answer"
        assert "1  laconic-then-judge ● streaming" in seen(pilot, RunTabs)
        assert "2  laconic-then-judge ● streaming" in seen(pilot, RunTabs)
        await press(pilot, "alt+left")
        assert shown(pilot) == "00000000"
        assert picked(pilot) == before
        assert app.screen.query_one(DetailTabs).tab == "thinking"
        assert app.screen.query_one(Lanes).sort == "finish"
        await press(pilot, "f2", "alt+2")
        assert shown(pilot) == "00000001"
        await press(pilot, "alt+1", "alt+9")
        assert shown(pilot) == "00000000"
        assert picked(pilot) == before
        assert "There is no tab 9; ^T opens one." in said(pilot)
        assert app.screen.query_one(PromptBox).text == PROMPT
        await press(pilot, "alt+right", "alt+right", "escape")
        assert [puppet.cancelled for puppet in puppets.runs] == [1, 0]


async def test_what_was_running_in_a_tab_goes_on_while_a_past_run_is_shown_beside_it() -> None:
    puppets, store = Puppets(), FakeStore(kept={"last": long_run()})
    async with bench(puppets, size=WIDE, store=store) as pilot:
        await fire(pilot)
        app_of(pilot).show_run("last")
        await settle(pilot)
        await pilot.pause()
        assert shown(pilot) == "7f3a91c2"
        assert puppets.runs[0].cancelled == 0
        assert "2  laconic-then-judge ✓ done" in seen(pilot, RunTabs)
        await press(pilot, "alt+w")
        assert shown(pilot) == "00000000"
        assert not app_of(pilot).screen.query_one(RunTabs).display


async def test_a_run_that_ends_out_of_sight_says_so() -> None:
    puppets = Puppets()
    async with bench(puppets) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        puppets.runs[0].stop.set()
        await settle(pilot)
        assert "Tab 1, laconic-then-judge: ✕ cancelled, " in said(pilot)
        assert "✕ cancelled" in seen(pilot, RunTabs)


async def test_a_run_that_ends_in_sight_says_nothing() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        assert said(pilot) == ""


async def test_closing_a_tab_asks_where_a_run_is_under_way_in_it() -> None:
    puppets = Puppets()
    async with bench(puppets) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        await fire(pilot)
        await press(pilot, "alt+w")
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "n")
        assert len(app_of(pilot).session.tabs.items) == 2
        await press(pilot, "alt+w", "y")
        await settle(pilot)
        assert [puppet.cancelled for puppet in puppets.runs] == [0, 1]
        assert shown(pilot) == "00000000"


async def test_the_only_tab_is_emptied_and_then_stays() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await press(pilot, "alt+w")
        assert shown(pilot) == ""
        assert said(pilot) == ""
        await press(pilot, "alt+w")
        assert "only tab" in said(pilot)


async def test_there_is_a_limit() -> None:
    async with bench(Puppets()) as pilot:
        await press(pilot, *["ctrl+t"] * MOST)
        assert len(app_of(pilot).session.tabs.items) == MOST
        assert "There are 9 tabs; Alt+W closes one." in said(pilot)


async def test_each_of_nine_tabs_has_its_key() -> None:
    async with bench(Puppets()) as pilot:
        await press(pilot, *["ctrl+t"] * (MOST - 1))
        tabs = pilot.app.screen.query_one(RunTabs)
        for number in range(1, MOST + 1):
            await press(pilot, f"alt+{number}")
            assert app_of(pilot).session.tabs.at == number - 1
            marked = [part.text for part in tabs.render_line(0) if part.style is not None and part.style.bold]
            assert "".join(marked).split() == [str(number)]
        assert said(pilot) == ""


async def test_firing_where_a_run_is_under_way_points_at_tabs() -> None:
    puppets = Puppets()
    async with bench(puppets) as pilot:
        await fire(pilot)
        await fire(pilot)
        assert len(puppets.runs) == 1
        assert "^T opens a tab" in said(pilot)


async def test_leaving_counts_all_runs_and_ends_them() -> None:
    puppets = Puppets()
    async with bench(puppets) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        await fire(pilot)
        await press(pilot, "ctrl+t", "ctrl+q")
        assert "2 runs are under way. Leave and cancel them?" in str(pilot.app.screen.query("Static").first().render())
        await press(pilot, "y")
        assert [puppet.cancelled for puppet in puppets.runs] == [1, 1]


async def test_all_runs_can_be_stopped_at_once() -> None:
    puppets = Puppets()
    async with bench(puppets) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        await fire(pilot)
        await choose(pilot, "stop all runs")
        assert [puppet.cancelled for puppet in puppets.runs] == [1, 1]
        assert "2 runs stopped." in said(pilot)


async def test_the_day_s_budget_counts_what_other_tabs_have_spent() -> None:
    puppets = Puppets()

    class Day(FakeStore):
        def today(self) -> Past:
            ended = self.recorded[: self.settled]
            spent = sum(event.cost or 0 for event in ended if isinstance(event, e.CallFinished))
            return Past(spent=spent, runs=1)

    config = Config(budget=BudgetConfig(max_usd_per_day=1.0))
    async with bench(puppets, store=Day(), config=config) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        await fire(pilot)
        first = [event for event in until(long_run(), 5900) if isinstance(event, e.CallFinished)]
        assert puppets.runs[0].options["spent_today"] == 0
        assert puppets.runs[1].options["spent_today"] == sum(event.cost or 0 for event in first) > 0


async def test_a_click_goes_to_a_tab() -> None:
    async with bench(Puppets()) as pilot:
        await fire(pilot)
        await press(pilot, "ctrl+t")
        tabs = app_of(pilot).session.tabs
        _, starts = labelled(app_of(pilot).bench.labels(), tabs.at, 100)
        await pilot.click(RunTabs, offset=(starts[0] + 4, 0))
        await settle(pilot)
        assert app_of(pilot).session.tabs.at == 0
        await pilot.click(RunTabs, offset=(starts[1] + 3, 0))
        await settle(pilot)
        assert app_of(pilot).session.tabs.at == 1


@pytest.mark.parametrize("width", [24, 40, 80, 120, 200])
async def test_nine_tabs_fit_into_a_line(width: int) -> None:
    async with bench(Puppets()) as pilot:
        await fire(pilot)
        await press(pilot, *["ctrl+t"] * (MOST - 1))
        labels = [*app_of(pilot).bench.labels()[:1] * MOST]
        line, starts = labelled(labels, 3, width)
        assert line.cell_length <= max(width, MOST * 7)
        assert len(starts) == MOST
        assert all(f" {n} " in line.plain for n in range(1, MOST + 1))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_how_tabs_look(snap_compare: Any, size: tuple[int, int]) -> None:
    puppets = Puppets()
    app = WorkbenchApp(services(puppets), system="laconic-then-judge", prompt=PROMPT)

    async def act(pilot: Bench) -> None:
        await pilot.pause()
        await fire(pilot)
        await press(pilot, "escape", "ctrl+t")
        await fire(pilot)
        await press(pilot, "ctrl+t", "alt+left")

    assert snap_compare(app, terminal_size=size, run_before=act)
