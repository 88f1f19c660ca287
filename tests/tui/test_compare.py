"""The Compare screen under a pilot: choosing systems, firing, stopping."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.widgets import Input, OptionList

from tests.tui.compare_scripted import (
    SIMULATED,
    SINGLE,
    Ledger,
    Stage,
    app_of,
    begin,
    comparing,
    fire,
    said,
    screen_of,
    seen,
    settle,
)
from tests.tui.idling import MOMENT
from tests.tui.scripted import PROMPT, FakeEmbedded, FakeModels, FakeSystems, race_and_judge
from workbench.config import BudgetConfig, Config
from workbench.errors import InputError, LedgerError
from workbench.ledger.past_calls import PastCalls
from workbench.models.base import ModelInfo
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.compare_choose import Choose
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.compare_answers import CompareAnswers
from workbench.tui.widgets.compare_bar import CompareBar
from workbench.tui.widgets.compare_lanes import CompareLanes
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.prompt_box import PromptText


def names(pilot: Any) -> list[str]:
    return [lane.system.name for lane in app_of(pilot).comparing.lanes]


# Which systems


async def test_the_benchs_system_and_prompt_stand_there_at_first_with_a_single_call_beside() -> None:
    async with comparing() as pilot:
        assert names(pilot) == ["laconic-then-judge", "single"]
        assert screen_of(pilot).query_one(PromptText).text == PROMPT
        assert "not compared yet" in seen(pilot, CompareBar)
        assert "11 calls" in seen(pilot, CompareLanes)


async def test_before_firing_cost_and_time_are_estimated_from_past_calls() -> None:
    past = PastCalls(tokens=(100, 120, 140), ns=(2 * 10**9, 3 * 10**9, 4 * 10**9))
    async with comparing(past_calls=lambda names: dict.fromkeys(names, past)) as pilot:
        for _ in range(100):
            await pilot.pause(MOMENT)
            if "~$" in seen(pilot, CompareLanes):
                break
        assert "~$" in seen(pilot, CompareLanes)


async def test_a_number_key_leads_here_and_back() -> None:
    async with comparing() as pilot:
        await pilot.press("1")
        assert not isinstance(pilot.app.screen, Compare)
        app_of(pilot).bench.set_focus(None)
        await pilot.press("2")
        assert isinstance(pilot.app.screen, Compare)


async def test_the_system_that_is_pointed_at_looks_otherwise() -> None:
    async with comparing() as pilot:
        screen_of(pilot).query_one(CompareLanes).focus()
        await pilot.pause()
        assert "▸ 1 laconic-then-judge" in seen(pilot, CompareLanes)
        await pilot.press("right")
        await pilot.pause()
        assert "▸ 2 single" in seen(pilot, CompareLanes)


async def test_what_has_changed_while_another_screen_was_shown_stands_there() -> None:
    async with comparing() as pilot:
        await pilot.press("1")
        app_of(pilot).comparing.add(SINGLE)
        app_of(pilot).bench.set_focus(None)
        await pilot.press("2")
        await pilot.pause()
        assert seen(pilot, CompareLanes).count("single") == 2


async def test_add_change_and_remove() -> None:
    async with comparing() as pilot:
        await pilot.press("a", *"pret", "enter")
        await pilot.pause()
        assert names(pilot) == ["laconic-then-judge", "single", "pretend"]
        await pilot.press("left", "c", *"laconic", "enter")
        await pilot.pause()
        assert names(pilot) == ["laconic-then-judge", "laconic-then-judge", "pretend"]
        await pilot.press("x")
        assert names(pilot) == ["laconic-then-judge", "pretend"]
        await pilot.click(CompareLanes, offset=(30, 1))
        assert screen_of(pilot).cursor == 0


async def test_four_systems_at_most() -> None:
    async with comparing() as pilot:
        for _ in range(2):
            await pilot.press("a", "enter")
            await pilot.pause()
        await pilot.press("a")
        assert len(names(pilot)) == 4
        assert not isinstance(pilot.app.screen, Choose)
        assert "4 systems" in said(pilot)


async def test_a_line_of_notation_is_a_system() -> None:
    async with comparing() as pilot:
        await pilot.press("a")
        pilot.app.screen.query_one(Input).value = "3*sim/small@0.8"
        await pilot.pause()
        assert pilot.app.screen.query_one(OptionList).get_option_at_index(0).id == " notation"
        await pilot.press("enter")
        await pilot.pause()
        assert "3*sim/small" in seen(pilot, CompareLanes)


async def test_what_is_no_system_is_told_and_the_dialog_stays() -> None:
    class Picky(FakeSystems):
        def find(self, text: str) -> Any:
            raise InputError(f"there is no system {text!r}")

    async with comparing(systems=Picky(race_and_judge(), SINGLE)) as pilot:
        await pilot.press("a")
        pilot.app.screen.query_one(Input).value = "zzzqqq"
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Choose)
        assert "there is no system" in said(pilot)
        await pilot.press("escape")
        assert len(names(pilot)) == 2


async def test_the_bench_is_taken_over_again() -> None:
    async with comparing() as pilot:
        screen_of(pilot).query_one(PromptText).text = "other"
        app_of(pilot).session.open(SIMULATED)
        await pilot.press("right", "t")
        assert names(pilot) == ["laconic-then-judge", "pretend"]
        assert screen_of(pilot).query_one(PromptText).text == PROMPT


# Runs


async def test_together_or_one_after_the_other() -> None:
    stage = Stage(meet=2)
    async with comparing(stage) as pilot:
        await pilot.press("plus")
        await fire(pilot)
        assert [name for name, _ in stage.fired] == ["laconic-then-judge", "single"] * 2
        assert stage.most_at_once == 2
        assert "4 of 4 runs" in seen(pilot, CompareBar)
        seeds = [options["seed"] for _, options in stage.fired]
        assert seeds == [7, 7, 8, 8]
        assert {options["tags"] for _, options in stage.fired} == {("compare:00000007",)}
        assert len({id(options["limits"]) for _, options in stage.fired}) == 1
        stage.most_at_once = 0
        await pilot.press("o", "minus")
        assert "1 run each, one after the other" in seen(pilot, CompareBar)
        await fire(pilot)
        assert (len(stage.fired), stage.most_at_once) == (6, 1)


async def test_enter_in_the_prompt_fires_what_stands_there() -> None:
    stage = Stage()
    async with comparing(stage) as pilot:
        await pilot.press("f2", "!", "enter")
        await app_of(pilot).comparing.wait()
        await settle(pilot)
        assert app_of(pilot).comparing.prompt == PROMPT + "!"
        assert "★" in seen(pilot, CompareTable)


async def test_the_table_marks_the_best_and_the_answers_stand_under_it() -> None:
    async with comparing(size=(120, 44)) as pilot:
        await pilot.press("plus", "plus")
        await fire(pilot)
        table = seen(pilot, CompareTable)
        assert "2.3 s ★  2.1 s to 2.4 s" in table
        assert "0.58    entropy" in table
        assert "run 3 of 3" in seen(pilot, CompareAnswers)
        assert "✓ done" in seen(pilot, CompareLanes)
        assert "⚑ wrote it from three candidates" in seen(pilot, CompareLanes)


async def test_in_mid_run_lanes_and_answers_grow_and_escape_stops_all() -> None:
    stage = Stage(hold=True, until_ms=1900)
    async with comparing(stage, now_ms=1900) as pilot:
        await pilot.press("plus", "plus")
        await begin(pilot, stage, 2)
        lanes = seen(pilot, CompareLanes)
        assert lanes.count("● streaming") == 2
        assert "1.9 s" in lanes
        assert "~$" in lanes
        assert "● writing" in seen(pilot, CompareAnswers)
        await pilot.press("a")
        assert "Runs are under way" in said(pilot)
        await pilot.press("escape")
        await app_of(pilot).comparing.wait()
        await settle(pilot)
        assert seen(pilot, CompareLanes).count("✕ cancelled") == 2
        assert "■ stopped   2 of 6 runs" in seen(pilot, CompareBar)
        assert len(stage.fired) == 2
        assert "1 stopped" in seen(pilot, CompareTable)


async def test_a_second_escape_waits_no_longer() -> None:
    class Deaf(Stage):
        async def __call__(self, *args: Any, **options: Any) -> Any:
            self.under_way += 1
            await asyncio.Event().wait()

    stage = Deaf()
    async with comparing(stage) as pilot:
        await begin(pilot, stage, 2)
        await pilot.press("escape", "escape")
        await app_of(pilot).comparing.wait()
        assert not app_of(pilot).comparing.live


async def test_a_run_that_cannot_begin_is_told_and_the_other_goes_on() -> None:
    class Half(Stage):
        async def __call__(self, system: Any, *args: Any, **options: Any) -> Any:
            if system.name == "single":
                raise InputError("has no model")
            return await super().__call__(system, *args, **options)

    async with comparing(Half()) as pilot:
        await fire(pilot)
        assert "has no model" in said(pilot)
        assert "✗" in seen(pilot, CompareLanes)
        assert "✓ done" in seen(pilot, CompareLanes)


async def test_an_internal_error_is_told_without_a_traceback() -> None:
    async with comparing(Stage(error=ZeroDivisionError("oops"))) as pilot:
        await fire(pilot)
        assert "internal error: oops" in said(pilot)


async def test_real_and_simulated_are_not_ranked_together() -> None:
    async with comparing() as pilot:
        await pilot.press("right", "c", *"pret", "enter")
        await pilot.pause()
        await fire(pilot)
        table = seen(pilot, CompareTable)
        assert "not ranked: real and simulated" in table
        assert "★" not in table
        assert "simulated sim/small" in seen(pilot, CompareLanes)


async def test_a_model_that_cannot_be_called_is_told_before_anything_is_spent() -> None:
    class Absent(FakeModels):
        def info(self, model: str) -> ModelInfo:
            return ModelInfo(name=model, provider="x", endpoint="x", kind="real", available=False, problem="no key")

    stage = Stage()
    async with comparing(stage, models=Absent()) as pilot:
        await pilot.press("ctrl+r")
        assert "no key" in said(pilot)
        assert not stage.fired


async def test_what_is_missing_is_told() -> None:
    stage = Stage()
    async with comparing(stage) as pilot:
        screen_of(pilot).query_one(PromptText).text = " "
        await pilot.press("ctrl+r")
        assert "Write a prompt" in said(pilot)
        await pilot.press("x", "ctrl+r")
        assert "Two systems at least" in said(pilot)
        assert not stage.fired


async def test_the_prompt_is_sent_as_from_the_bench(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("seven")
    stage = Stage()
    async with comparing(stage) as pilot:
        app_of(pilot).session.wording.instruction = "Be brief."
        screen_of(pilot).query_one(PromptText).text = f"Six times {{what}}? @{file}"
        await pilot.press("ctrl+r")
        await pilot.pause()
        await pilot.press("7", "enter")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if len(stage.fired) == 2:
                break
        assert "seven" in app_of(pilot).comparing.prompt
        await settle(pilot)
        assert "with the system prompt" in seen(pilot, CompareBar)
        assert [message.role for message in stage.tasks[0].messages] == ["system", "user"]
        assert stage.tasks[0].messages[1].content.startswith("Six times 7?")
        await app_of(pilot).comparing.wait()
        box = screen_of(pilot).query_one(PromptText)
        box.text = f"@{str(file)[:-4]}"
        box.move_cursor(box.document.end)
        await pilot.press("f2", "tab")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if "notes.txt" in box.text:
                break
        assert "notes.txt" in box.text
        await pilot.press("up")
        assert box.text.startswith("Six times {what}?")
        box.text = "@/no/such/file"
        await pilot.press("ctrl+r")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if said(pilot):
                break
        assert "/no/such/file" in said(pilot)
        assert len(stage.fired) == 2


async def test_what_is_doubtful_asks_first() -> None:
    stage = Stage()
    doubts = Forecast(11, 2000, (Doubt("ask", "2000 calls"),))
    async with comparing(stage, forecast=lambda system, allow_code: doubts) as pilot:
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        assert not stage.fired
        await pilot.press("n")
        assert not app_of(pilot).comparing.live
        await pilot.press("ctrl+r")
        await pilot.pause()
        await pilot.press("y")
        await app_of(pilot).comparing.wait()
        assert len(stage.fired) == 2


async def test_a_missing_embedded_model_is_fetched_first() -> None:
    embedded = FakeEmbedded({SINGLE.root.model})  # type: ignore[union-attr]
    stage = Stage()
    async with comparing(stage, embedded=embedded) as pilot:
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, FetchModel)
        embedded.done.set()
        for _ in range(5):
            await pilot.pause()
        await app_of(pilot).comparing.wait()
        assert len(stage.fired) == 2


async def test_leaving_in_mid_run_asks_and_stops() -> None:
    stage = Stage(hold=True, until_ms=1900)
    async with comparing(stage) as pilot:
        await begin(pilot, stage, 2)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("y")
        await app_of(pilot).comparing.wait()
        assert stage.under_way == 0


async def test_the_days_limit_counts_what_runs_beside() -> None:
    stage = Stage()
    config = Config(budget=BudgetConfig(max_usd_per_day=5.0))
    async with comparing(stage, config=config) as pilot:
        await pilot.press("plus")
        await fire(pilot)
        assert all(options["spent_today"] >= 14_200_000_000 for _, options in stage.fired)
        assert all(options["max_usd_per_day"] == 5.0 for _, options in stage.fired)


async def test_without_a_ledger_it_compares_and_says_that_nothing_opens() -> None:
    app_store: Any = None
    async with comparing() as pilot:
        app = app_of(pilot)
        services = replace(app.services, store=app_store)
        app.comparing.services = app.session.services = services
        await fire(pilot)
        assert "✓ done" in seen(pilot, CompareLanes)
        await pilot.press("enter")
        assert "no ledger" in said(pilot)


async def test_a_ledger_that_fails_is_told_once() -> None:
    class Broken(Ledger):
        def recorder(self) -> Any:
            raise LedgerError("disk full")

    async with comparing(store=Broken()) as pilot:
        await pilot.press("plus")
        await fire(pilot)
        assert said(pilot).count("not kept: disk full") == 1
