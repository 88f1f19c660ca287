"""The Bench under a pilot: what a user does with keys and mouse, and what is to be seen then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import Input, Markdown, OptionList, Static

from tests.tui.scripted import (
    PROMPT,
    FakeClock,
    FakeEmbedded,
    FakeModels,
    FakeStore,
    Puppet,
    long_run,
    race_and_judge,
    services,
    until,
)
from workbench.config import Config
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import ModelInfo
from workbench.systems.nodes import Judge, Model, Race
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.screens.help import Help
from workbench.tui.screens.open import Open
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.agreement import AgreementPane
from workbench.tui.widgets.focus import Detail, DetailTabs
from workbench.tui.widgets.header import HeaderBar
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.notation_line import NotationLine, NotationText
from workbench.tui.widgets.outlook import Outlook
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.run_bar import RunBar
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.verdict import VerdictPane

Bench = Pilot[int]
WIDE = (150, 45)


@asynccontextmanager
async def bench(
    execute: Any = None, *, size: tuple[int, int] = (110, 32), replay: str | None = None, **changes: Any
) -> AsyncIterator[Bench]:
    app = WorkbenchApp(services(execute, **changes), system="laconic-then-judge", prompt=PROMPT, replay=replay)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot
        if app.session.live:
            app.session.stop()
            await app.session.wait()


def app_of(pilot: Bench) -> WorkbenchApp:
    assert isinstance(pilot.app, WorkbenchApp)
    return pilot.app


def seen(pilot: Bench, widget: type[Any]) -> str:
    """What a widget shows, as text."""
    found = pilot.app.screen.query_one(widget)
    return "\n".join("".join(segment.text for segment in found.render_line(y)) for y in range(found.size.height))


async def settle(pilot: Bench) -> None:
    """Until the bench shows how things stand."""
    for _ in range(4):
        await pilot.pause()
    app_of(pilot).bench.tick()
    await pilot.pause()


async def fire(pilot: Bench) -> None:
    await pilot.press("ctrl+r")
    await settle(pilot)


def said(pilot: Bench) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)


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
        assert "today $0.0142 · 18 runs · real" in seen(pilot, HeaderBar)
        assert "the third slips" in pilot.app.screen.query_one(Detail).text


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
        await pilot.press("f4", "down", "down", "down", "plus", "plus", "minus")
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
        await pilot.press("f4", "end", "down", "down", "down", "plus")
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
        app_of(pilot).bench.action_simulate()
        await settle(pilot)
        root = app_of(pilot).session.system.root
        assert isinstance(root, Judge)
        assert root.judge == Model(model="sim/small")
        assert "sim/small" in pilot.app.screen.query_one(NotationLine).text


# Lanes and detail


async def test_moving_in_the_lanes_and_opening_one() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("f3", "g", "j", "down")
        await settle(pilot)
        assert "replica 3 of 10" in seen(pilot, DetailTabs)
        await pilot.press("k", "enter")
        await settle(pilot)
        assert pilot.app.focused is pilot.app.screen.query_one(Detail)
        assert "replica 2 of 10" in seen(pilot, DetailTabs)
        await pilot.press("n", "n", "p")
        await settle(pilot)
        assert "replica 3 of 10" in seen(pilot, DetailTabs)


async def test_a_click_chooses_a_lane() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.click(Lanes, offset=(10, 5))
        await settle(pilot)
        assert "replica 4 of 10 · ✕ cancelled" in seen(pilot, DetailTabs)


async def test_the_detail_s_tabs() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("f3", "g", "enter", "2")
        await settle(pilot)
        detail = pilot.app.screen.query_one(Detail)
        assert "step 0 step 1" in detail.text
        await pilot.press("3")
        await settle(pilot)
        assert "deepseek/deepseek-reasoner" in detail.text
        assert PROMPT in detail.text
        assert "temperature" in detail.text
        await pilot.press("l")
        await settle(pilot)
        assert "× $2.19 a million" in detail.text
        assert "of it waste" in detail.text
        assert "catalogue 2026-11" in detail.text
        await pilot.press("right")
        await settle(pilot)
        assert pilot.app.screen.query_one(Markdown).display


async def test_the_answer_is_plain_while_it_streams_and_markdown_at_its_end() -> None:
    puppet = Puppet(until(long_run(), 6030), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        assert not pilot.app.screen.query_one(Markdown).display
        assert "Final answer: **42**" in pilot.app.screen.query_one(Detail).text
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        assert pilot.app.screen.query_one(Markdown).display


async def test_sorting_goes_round() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("f3", "s")
        assert pilot.app.screen.query_one(Lanes).sort == "finish"
        await pilot.press("s", "s", "s", "s")
        assert pilot.app.screen.query_one(Lanes).sort == "replica"


async def test_copy_takes_the_tab_s_text() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("f3", "g", "enter", "y")
        assert "Six groups of seven" in pilot.app.clipboard


async def test_maximise_and_back() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("f3", "f10")
        assert pilot.app.screen.maximized is pilot.app.screen.query_one(Lanes)
        await pilot.press("f10")
        assert pilot.app.screen.maximized is None


# Replay


async def test_replay_of_a_given_run_ends_as_the_run_did_and_calls_nothing() -> None:
    clock, puppet = FakeClock(), Puppet()
    store = FakeStore(kept={"7f3a": long_run()})
    async with bench(puppet, replay="7f3a", store=store, now=clock.now, sleep=clock.sleep, size=WIDE) as pilot:
        await app_of(pilot).session.wait()
        await settle(pilot)
        assert "✓ done" in seen(pilot, RunBar)
        assert "⚑ answered 1st 6.1 s" in seen(pilot, Lanes)
        assert puppet.fired == []
        assert store.recorded == []


async def test_replay_of_the_last_run_from_the_palette() -> None:
    clock = FakeClock()
    store = FakeStore(kept={"last": long_run()})
    async with bench(store=store, now=clock.now, sleep=clock.sleep) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        await pilot.press(*"replay last")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.1)
        await app_of(pilot).session.wait()
        await settle(pilot)
        assert app_of(pilot).session.view.status == "done"


async def test_a_replay_says_that_it_is_one() -> None:
    async def never(_: float) -> None:
        await asyncio.Event().wait()

    async with bench(replay="last", store=FakeStore(kept={"last": long_run()}), sleep=never) as pilot:
        await settle(pilot)
        assert "replay" in seen(pilot, RunBar)
        await pilot.press("escape")
        await settle(pilot)
        assert "✓ done" in seen(pilot, RunBar)


async def test_without_a_ledger_the_bench_works_and_says_so() -> None:
    async with bench(Puppet(long_run()), store=None, store_problem="ledger.db is read-only") as pilot:
        await fire(pilot)
        assert "no ledger" in seen(pilot, HeaderBar)
        assert "read-only" in said(pilot)
        app_of(pilot).bench.action_replay_last()
        await settle(pilot)
        assert "no ledger to replay from" in said(pilot)


# First run


async def test_a_missing_embedded_model_is_fetched_with_its_size_and_then_runs() -> None:
    embedded, puppet = FakeEmbedded({"anthropic/claude-sonnet-4-5"}), Puppet(long_run())
    async with bench(puppet, embedded=embedded) as pilot:
        await fire(pilot)
        assert isinstance(pilot.app.screen, FetchModel)
        assert "41 of 93 MB" in str(pilot.app.screen.query_one("#fetched", Static).render())
        assert puppet.fired == []
        embedded.done.set()
        await settle(pilot)
        assert len(puppet.fired) == 1


async def test_a_fetch_can_be_cancelled() -> None:
    embedded, puppet = FakeEmbedded({"anthropic/claude-sonnet-4-5"}), Puppet(long_run())
    async with bench(puppet, embedded=embedded) as pilot:
        await fire(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert embedded.cancelled
        assert puppet.fired == []


async def test_simulated_models_instead_of_a_fetch() -> None:
    embedded, puppet = FakeEmbedded({"anthropic/claude-sonnet-4-5"}), Puppet(long_run())
    async with bench(puppet, embedded=embedded) as pilot:
        await fire(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert embedded.cancelled
        assert "sim/small" in str(puppet.fired[0])


async def test_a_failed_fetch_says_why_and_can_be_tried_again() -> None:
    error = ModelError(ErrorKind.UNAVAILABLE, "the index does not answer", hint="Try again later.")
    embedded = FakeEmbedded({"anthropic/claude-sonnet-4-5"}, error=error)
    async with bench(embedded=embedded) as pilot:
        await fire(pilot)
        assert "the index does not answer" in str(pilot.app.screen.query_one("#fetched", Static).render())
        embedded.error = None
        embedded.done.set()
        await pilot.press("r")
        await settle(pilot)
        assert not isinstance(pilot.app.screen, FetchModel)


async def test_a_system_that_is_to_be_confirmed_asks_first() -> None:
    puppet = Puppet(long_run())
    doubts = (Doubt("ask", "This makes up to 4 000 calls."), Doubt("warning", "Copies at temperature 0."))
    async with bench(puppet, forecast=lambda system: Forecast(4000, 4000, doubts)) as pilot:
        assert "? This makes up to 4 000 calls." in seen(pilot, Outlook)
        assert "! Copies at temperature 0." in seen(pilot, Outlook)
        await fire(pilot)
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("n")
        await settle(pilot)
        assert puppet.fired == []
        await fire(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert len(puppet.fired) == 1


async def test_models_that_can_t_be_called_are_told_before_anything_is_sent() -> None:
    class Keyless(FakeModels):
        def info(self, model: str) -> ModelInfo:
            return structs.replace(super().info(model), available=False, problem="no key in ANTHROPIC_API_KEY")

    puppet = Puppet(long_run())
    async with bench(puppet, models=Keyless()) as pilot:
        await fire(pilot)
        assert puppet.fired == []
        assert "no key in ANTHROPIC_API_KEY" in said(pilot)


# Help, keys, sizes


async def test_help_is_about_the_focused_pane() -> None:
    async with bench() as pilot:
        await pilot.press("f3", "question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        told = "\n".join(str(part.render()) for part in pilot.app.screen.query(Static))
        assert "One line a call" in told
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, Help)


async def test_the_key_bar_follows_the_focus_and_can_be_clicked() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet) as pilot:
        assert "Alt+Enter new line" in seen(pilot, KeyBar)
        await pilot.press("f3")
        await pilot.pause()
        assert "s sort" in seen(pilot, KeyBar)
        await pilot.click(KeyBar, offset=(4, 0))
        await settle(pilot)
        assert len(puppet.fired) == 1


async def test_keys_can_be_remapped() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet, config=Config(keys={"run": "f9"})) as pilot:
        assert "F9 run" in seen(pilot, KeyBar)
        await pilot.press("f9")
        await settle(pilot)
        assert len(puppet.fired) == 1


async def test_tab_goes_round_all_panes() -> None:
    async with bench() as pilot:
        visited = []
        for _ in range(5):
            visited.append(type(pilot.app.focused))
            await pilot.press("tab")
        assert set(visited) == {PromptText, SystemTree, NotationText, Lanes, Detail}


async def test_small_windows_fold_verdict_and_agreement_into_tabs() -> None:
    async with bench(Puppet(long_run()), size=(80, 24)) as pilot:
        await fire(pilot)
        assert "verdict" in seen(pilot, DetailTabs)
        await pilot.press("f3", "enter", "5")
        await settle(pilot)
        assert "rejected" in pilot.app.screen.query_one(Detail).text
        await pilot.press("6")
        await settle(pilot)
        assert "entropy" in pilot.app.screen.query_one(Detail).text
        assert not pilot.app.screen.query_one(SystemTree).display
        await pilot.press("f4")
        await settle(pilot)
        assert pilot.app.screen.query_one(SystemTree).display
        await pilot.resize_terminal(140, 44)
        await settle(pilot)
        assert "verdict" not in seen(pilot, DetailTabs)


async def test_no_color_leaves_every_word() -> None:
    import os

    os.environ["NO_COLOR"] = "1"
    async with bench(Puppet(long_run()), size=WIDE) as pilot:
        assert pilot.app.no_color
        await fire(pilot)
        assert "⚑ answered 1st" in seen(pilot, Lanes)
        assert "✕ cancelled" in seen(pilot, Lanes)


async def test_nothing_is_animated() -> None:
    async with bench() as pilot:
        assert pilot.app.animation_level == "none"
        assert not pilot.app.screen.query_one(PromptText).cursor_blink


async def test_a_system_that_can_t_be_read_is_told_and_replaced() -> None:
    app = WorkbenchApp(services(), system="race(")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.session.system.name == "single"
        assert app._notifications
