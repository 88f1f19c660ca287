"""The Bench under a pilot: running, leaving, the system and its notation."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList, Static

from tests.tui.piloting import WIDE, app_of, bench, choose, fire, said, seen, settle
from tests.tui.scripted import (
    FakeModels,
    FakeStore,
    Puppet,
    long_run,
    race_and_judge,
    services,
    until,
)
from workbench.engine import events as e
from workbench.systems.nodes import Judge, Model, Race
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.open import Open
from workbench.tui.services import Past
from workbench.tui.widgets.agreement import AgreementPane
from workbench.tui.widgets.focus import Detail
from workbench.tui.widgets.header import HeaderBar
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.notation_line import NotationLine, NotationText
from workbench.tui.widgets.outlook import Outlook
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.run_bar import RunBar
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.verdict import VerdictPane

# A run


@pytest.mark.parametrize("key", ["enter", "ctrl+r"])
async def test_enter_in_the_prompt_and_ctrl_r_run(key: str) -> None:
    puppet = Puppet(long_run())
    async with bench(puppet) as pilot:
        await pilot.press(key)
        await settle(pilot)
        assert len(puppet.fired) == 1
        assert "✓ done" in seen(pilot, RunBar)


async def test_leaving_closes_the_models() -> None:
    models = FakeModels()
    async with bench(models=models):
        assert not models.closed
    assert models.closed


async def test_all_panes_tell_of_the_run() -> None:
    async with bench(Puppet(long_run()), size=WIDE) as pilot:
        await fire(pilot)
        assert "⚑ answered 1st 6.1 s" in seen(pilot, Lanes)
        assert "judge" in seen(pilot, VerdictPane)
        assert "✗ rejected" in seen(pilot, VerdictPane)
        assert "entropy, n = 3" in seen(pilot, AgreementPane)
        assert "too few to say" in seen(pilot, AgreementPane)
        assert "first = shortest  no" in seen(pilot, AgreementPane)
        assert "3 of 10" in seen(pilot, SystemTree)
        assert "of $0.05" in seen(pilot, RunBar)
        assert "today $0.0142 · 18 real runs · real" in seen(pilot, HeaderBar)
        assert "the third slips" in pilot.app.screen.query_one(Detail).text


async def test_a_day_with_unknown_cost_says_so() -> None:
    store = FakeStore(past=Past(spent=14_200_000_000, runs=1, unknown=1))
    async with bench(store=store, size=WIDE) as pilot:
        assert "today $0.0142 + ? · 1 real run · real" in seen(pilot, HeaderBar)


async def test_an_answer_that_no_node_chose_is_told() -> None:
    events = [x for x in long_run() if not isinstance(x, e.Selected | e.VerdictGiven)]
    async with bench(Puppet(events), size=WIDE) as pilot:
        await fire(pilot)
        assert "answer → 1  stands first; no node chooses" in seen(pilot, VerdictPane)


async def test_a_running_run_shows_live_figures_marked_as_estimates() -> None:
    async with bench(Puppet(until(long_run(), 5000), ends=False)) as pilot:
        await fire(pilot)
        assert "● streaming" in seen(pilot, RunBar)
        assert "~$" in seen(pilot, RunBar)
        assert "● thinking" in seen(pilot, Lanes)
        assert "8 live" in seen(pilot, SystemTree) or "9 live" in seen(pilot, SystemTree)


async def test_a_simulated_run_says_so() -> None:
    events = long_run(race_and_judge(kind_prefix="sim/"), "simulated")
    async with bench(Puppet(events)) as pilot:
        await fire(pilot)
        assert "simulated" in seen(pilot, RunBar)
        assert "simulated" in seen(pilot, HeaderBar)


async def test_escape_stops_and_keeps_what_came() -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert puppet.cancelled == 1
        assert "✕ cancelled" in seen(pilot, RunBar)
        assert not app_of(pilot).session.live


async def test_the_bench_sleeps_when_nothing_goes_on() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        timer = app_of(pilot).bench._timer
        assert timer is not None
        assert not timer._active.is_set()


async def test_a_second_run_waits_for_the_first() -> None:
    puppet = Puppet(until(long_run(), 1000), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        await fire(pilot)
        assert len(puppet.fired) == 1
        assert "Esc stops it" in said(pilot)


async def test_an_empty_prompt_does_not_run() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet) as pilot:
        pilot.app.screen.query_one(PromptText).text = "  "
        await fire(pilot)
        assert puppet.fired == []


async def test_new_lines_in_the_prompt() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet) as pilot:
        area = pilot.app.screen.query_one(PromptText)
        area.text = ""
        await pilot.press("a", "alt+enter", "b", "ctrl+j", "c", "shift+enter", "d")
        assert area.text == "a\nb\nc\nd"
        assert puppet.fired == []


# Leaving


async def test_ctrl_q_leaves_at_once_when_idle() -> None:
    async with bench() as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert pilot.app.return_value == 0


async def test_ctrl_q_in_mid_run_asks_once_then_cancels_cleanly() -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("n")
        await pilot.pause()
        assert app_of(pilot).session.live
        await pilot.press("ctrl+q", "y")
        await settle(pilot)
        assert puppet.cancelled == 1
        assert pilot.app.return_value == 0


async def test_the_app_may_end_in_mid_run_without_having_waited() -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        pilot.app.screen.query_one(NotationText).text = "race("
        pilot.app.exit(0)
        app_of(pilot).session.stop()
        await app_of(pilot).session.wait()
        for pane in (VerdictPane, Outlook):
            await pilot.app.screen.query_one(pane).remove()
        app_of(pilot).bench.tick()
        app_of(pilot).bench.on_notation_line_judged()
    assert puppet.cancelled == 1
    assert pilot.app.return_code == 0


# The system


async def test_the_notation_line_says_the_tree_and_the_tree_follows_it() -> None:
    async with bench() as pilot:
        await pilot.press("f5")
        area = pilot.app.screen.query_one(NotationText)
        assert "10*deepseek/deepseek-reasoner@0.8" in area.text
        area.text = "race(3*sim/small)"
        await settle(pilot)
        assert "race" in seen(pilot, SystemTree)
        assert "small ×3" in seen(pilot, SystemTree)
        assert area.text == "race(3*sim/small)"
        assert "simulated" in seen(pilot, HeaderBar)


async def test_a_notation_error_names_the_column_and_loses_nothing() -> None:
    async with bench() as pilot:
        await pilot.press("f5")
        area = pilot.app.screen.query_one(NotationText)
        area.text = "race(3*sim/small"
        await settle(pilot)
        told = pilot.app.screen.query_one("#notation-problem", Static)
        assert told.display
        assert "column 17" in str(told.render())
        assert area.text == "race(3*sim/small"
        assert "deepseek-reasoner ×10" in seen(pilot, SystemTree)
        await pilot.press("enter")
        assert area.text == "race(3*sim/small"
        area.text = "race(3*sim/small)"
        await settle(pilot)
        assert not told.display


async def test_typing_in_the_notation_is_never_rewritten_under_the_cursor() -> None:
    async with bench() as pilot:
        area = pilot.app.screen.query_one(NotationText)
        await pilot.press("f5")
        area.text = ""
        await pilot.press(*"race(2*sim/x)")
        await settle(pilot)
        assert area.text == "race(2*sim/x)"
        assert app_of(pilot).session.system.root == Race(of=(Model(model="sim/x", replicas=2),))


async def test_plus_and_minus_change_replicas_and_the_notation_follows() -> None:
    async with bench() as pilot:
        await pilot.press("alt+t", "down", "down", "down", "plus", "plus", "minus")
        await settle(pilot)
        assert "×11" in seen(pilot, SystemTree)
        assert "11*deepseek" in pilot.app.screen.query_one(NotationLine).text
        await pilot.press("u", "u", "u")
        await settle(pilot)
        assert "10*deepseek" in pilot.app.screen.query_one(NotationLine).text
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert "11*deepseek" in pilot.app.screen.query_one(NotationLine).text


async def test_a_changed_tree_no_longer_claims_the_old_run_s_states() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        assert "✓ done" in seen(pilot, SystemTree)
        await pilot.press("alt+t", "end", "down", "down", "down", "plus")
        await settle(pilot)
        assert "✓ done" not in seen(pilot, SystemTree)


async def test_open_finds_a_system_by_a_few_letters() -> None:
    async with bench() as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Open)
        await pilot.press(*"sngl")
        await pilot.pause()
        assert pilot.app.screen.query_one(OptionList).option_count == 1
        await pilot.press("enter")
        await settle(pilot)
        assert app_of(pilot).session.system.name == "single"
        assert "smollm2-135m" in seen(pilot, SystemTree)


async def test_open_says_so_where_nothing_fits_and_escape_closes() -> None:
    async with bench() as pilot:
        await pilot.press("ctrl+o", *"zzzz", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Open)
        assert pilot.app.screen.query_one(Input).value == "zzzz"
        await pilot.press("escape")
        await pilot.pause()
        assert app_of(pilot).session.system.name == "laconic-then-judge"


async def test_simulated_models_stand_in_for_all_others() -> None:
    async with bench() as pilot:
        await choose(pilot, "use simulated models")
        root = app_of(pilot).session.system.root
        assert isinstance(root, Judge)
        assert root.judge == Model(model="sim/small")
        assert "sim/small" in pilot.app.screen.query_one(NotationLine).text


async def test_a_key_typed_ahead_of_the_first_frame_fires_once_the_panes_stand() -> None:
    puppet = Puppet(long_run())
    app = WorkbenchApp(services(puppet), system=race_and_judge(), prompt="hi")
    async with app.run_test() as pilot:
        app.bench.query_one(AgreementPane).remove()
        app.bench.action_run()
        app.bench.draw()
        assert not puppet.fired
        app.bench.query_one("#bottom").mount(AgreementPane())
        await settle(pilot)
        assert len(puppet.fired) == 1
