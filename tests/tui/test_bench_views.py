"""The Bench under a pilot: lanes, detail, replay, the first run, help and sizes."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs
from textual.widgets import Markdown, Static

from tests.tui.piloting import WIDE, app_of, bench, choose, fire, said, seen, settle
from tests.tui.scripted import (
    PROMPT,
    FakeClock,
    FakeEmbedded,
    FakeModels,
    FakeStore,
    Puppet,
    long_run,
    services,
    until,
)
from workbench.config import Config
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import ModelInfo
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.screens.help import Help
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.focus import Detail, DetailTabs
from workbench.tui.widgets.header import HeaderBar
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.outlook import Outlook
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.run_bar import RunBar
from workbench.tui.widgets.system_tree import SystemTree

# Lanes and detail


async def test_moving_in_the_lanes_and_opening_one() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "g", "j", "down")
        await settle(pilot)
        assert "3 of 10 · " in seen(pilot, DetailTabs)
        lanes = pilot.app.screen.query_one(Lanes)
        page = lanes.size.height - 2
        assert 1 < page < 8
        for key, at in (("pagedown", 3 + page), ("ctrl+u", 3), ("ctrl+d", 3 + page), ("pageup", 3)):
            await pilot.press(key)
            await settle(pilot)
            assert f"{at} of 10 · " in seen(pilot, DetailTabs), key
        await pilot.press("k", "enter")
        await settle(pilot)
        assert pilot.app.focused is pilot.app.screen.query_one(Detail)
        assert "2 of 10 · " in seen(pilot, DetailTabs)
        await pilot.press("n", "n", "p")
        await settle(pilot)
        assert "3 of 10 · " in seen(pilot, DetailTabs)


async def test_a_click_chooses_a_lane() -> None:
    async with bench(Puppet(long_run()), size=WIDE) as pilot:
        await fire(pilot)
        await pilot.click(Lanes, offset=(10, 5))
        await settle(pilot)
        assert "replica 4 of 10 · ✕ cancelled" in seen(pilot, DetailTabs)


async def test_the_detail_s_tabs() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "g", "enter", "2")
        await settle(pilot)
        detail = pilot.app.screen.query_one(Detail)
        assert "step 0 step 1" in detail.text
        for key, top in (("j", 1), ("down", 2), ("k", 1), ("up", 0)):
            await pilot.press(key)
            await settle(pilot)
            assert detail.scroll_offset.y == top, key
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
        await pilot.press("right", "right")
        await settle(pilot)
        assert pilot.app.screen.query_one(Markdown).display
        for key, words in (("h", "the first three to finish"), ("left", "of it waste"), ("1", "Six groups of seven")):
            await pilot.press(key)
            await settle(pilot)
            assert words in detail.text, key


async def test_the_answer_is_plain_while_it_streams_and_markdown_at_its_end() -> None:
    puppet = Puppet(until(long_run(), 6030), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        assert not pilot.app.screen.query(Markdown)
        assert "Final answer: **42**" in pilot.app.screen.query_one(Detail).text
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        assert pilot.app.screen.query_one(Markdown).display


async def test_sorting_goes_round() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "s")
        assert pilot.app.screen.query_one(Lanes).sort == "finish"
        await pilot.press("s", "s", "s", "s", "s")
        assert pilot.app.screen.query_one(Lanes).sort == "replica"


async def test_the_lanes_turn_the_detail_s_tabs_and_keep_the_focus() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "g")
        for key, tab in (("l", "thinking"), ("right", "request"), ("left", "thinking"), ("h", "answer"), ("h", "why")):
            await pilot.press(key)
            await settle(pilot)
            assert pilot.app.screen.query_one(DetailTabs).tab == tab
        assert "the first three to finish" in pilot.app.screen.query_one(Detail).text
        assert pilot.app.screen.query_one(Lanes).has_focus


async def test_one_lane_is_stopped_and_the_run_goes_on() -> None:
    puppet = Puppet(until(long_run(), 5900), ends=False)
    async with bench(puppet) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "g", "j", "x")
        await settle(pilot)
        assert puppet.stopped_calls == ["c2"]
        assert app_of(pilot).session.running


async def test_copy_takes_the_tab_s_text() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "g", "enter", "y")
        assert "Six groups of seven" in pilot.app.clipboard


@pytest.mark.parametrize("key", ["f2", "alt+l", "alt+t", "f5", "tab"])
async def test_a_pane_alone_fills_the_screen_and_the_way_back_is_told(key: str) -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        if key == "tab":
            pilot.app.screen.query_one(Detail).focus()
        else:
            await pilot.press(key)
        await pilot.press("f10")
        await settle(pilot)
        alone = pilot.app.screen.maximized
        assert alone is not None
        assert alone is pilot.app.screen.focused
        assert alone.region.size == (110, 31)
        assert alone.region.offset == (0, 0)
        assert "F10 all panes" in seen(pilot, KeyBar)
        await pilot.press("f10")
        await settle(pilot)
        assert alone.region.height < 31
        assert "all panes" not in seen(pilot, KeyBar)


async def test_going_to_another_pane_ends_the_one_that_stood_alone() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "f10", "f5")
        await settle(pilot)
        assert pilot.app.screen.maximized is None
        assert isinstance(pilot.app.screen.focused, NotationText)


async def test_maximise_and_back() -> None:
    async with bench(Puppet(long_run())) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "f10")
        assert pilot.app.screen.maximized is pilot.app.screen.query_one(Lanes)
        await pilot.press("f10")
        assert pilot.app.screen.maximized is None


# Replay


async def test_replay_of_a_given_run_ends_as_the_run_did_and_calls_nothing() -> None:
    clock, puppet = FakeClock(), Puppet()
    store = FakeStore({"7f3a": long_run()})
    async with bench(puppet, replay="7f3a", store=store, now=clock.now, sleep=clock.sleep, size=WIDE) as pilot:
        await app_of(pilot).session.wait()
        await settle(pilot)
        assert "✓ done" in seen(pilot, RunBar)
        assert "⚑ answered 1st 6.1 s" in seen(pilot, Lanes)
        assert puppet.fired == []
        assert store.recorded == []


async def test_replay_of_the_last_run_from_the_palette() -> None:
    clock = FakeClock()
    store = FakeStore({"last": long_run()})
    async with bench(store=store, now=clock.now, sleep=clock.sleep) as pilot:
        await choose(pilot, "replay last run")
        await app_of(pilot).session.wait()
        await settle(pilot)
        assert app_of(pilot).session.view.status == "done"


async def test_a_replay_says_that_it_is_one() -> None:
    async def never(_: float) -> None:
        await asyncio.Event().wait()

    async with bench(replay="last", store=FakeStore({"last": long_run()}), sleep=never) as pilot:
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
    async with bench(puppet, forecast=lambda system, allow_code: Forecast(4000, 4000, doubts)) as pilot:
        await settle(pilot)
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
        await pilot.press("alt+l", "question_mark")
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
        await pilot.press("alt+l")
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
        await pilot.press("alt+l", "enter", "6")
        await settle(pilot)
        assert "rejected" in pilot.app.screen.query_one(Detail).text
        await pilot.press("7")
        await settle(pilot)
        assert "entropy" in pilot.app.screen.query_one(Detail).text
        assert not pilot.app.screen.query_one(SystemTree).display
        await pilot.press("alt+t")
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
