"""The Compare screen under a pilot: reading answers, grading, judging blind."""

from __future__ import annotations

from typing import Any

from tests.tui.compare_scripted import (
    SIMULATED,
    SINGLE,
    Ledger,
    Stage,
    app_of,
    comparing,
    fire,
    one_call,
    said,
    screen_of,
    seen,
    settle,
    tell,
)
from tests.tui.idling import MOMENT
from workbench.engine import events as e
from workbench.errors import LedgerError
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.compare_blind import Blind
from workbench.tui.screens.help import Help
from workbench.tui.widgets.compare_answers import CompareAnswers
from workbench.tui.widgets.compare_lanes import CompareLanes
from workbench.tui.widgets.compare_table import CompareTable

# Reading


async def test_repeats_are_gone_through() -> None:
    async with comparing() as pilot:
        await pilot.press("plus", "plus")
        await fire(pilot)
        await pilot.press("up", "up")
        assert "run 1 of 3" in seen(pilot, CompareAnswers)
        await pilot.press("up")
        assert "run 1 of 3" in seen(pilot, CompareAnswers)
        await pilot.press("down")
        assert "run 2 of 3" in seen(pilot, CompareAnswers)


async def test_word_diff_of_two_answers() -> None:
    async with comparing() as pilot:
        app_of(pilot).comparing.add(SIMULATED)
        await fire(pilot)
        await pilot.press("d")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if "[-42-]{+43+}" in seen(pilot, CompareAnswers):
                break
        shown = seen(pilot, CompareAnswers)
        assert "[-42-]{+43+}" in shown
        assert "only in 1 laconic-then-judge" in shown
        await pilot.press("d")
        assert "[-" not in seen(pilot, CompareAnswers)
        await pilot.press("n")
        await settle(pilot)
        assert "only in 3 pretend" in seen(pilot, CompareAnswers)
        await pilot.press("n")
        await settle(pilot)
        assert "only in 2 single" in seen(pilot, CompareAnswers)


async def test_enter_opens_the_marked_run_in_the_bench() -> None:
    async with comparing() as pilot:
        await fire(pilot)
        await pilot.press("right", "enter")
        await pilot.pause()
        assert pilot.app.screen is app_of(pilot).bench
        assert app_of(pilot).session.view.id == "sing00000000"


async def test_copying_the_marked_answer() -> None:
    async with comparing() as pilot:
        await fire(pilot)
        await pilot.press("y")
        assert pilot.app.clipboard == "Final answer: **42**"


async def test_the_room_goes_to_table_or_answers() -> None:
    async with comparing(size=(80, 24)) as pilot:
        await fire(pilot)
        assert "waste" not in seen(pilot, CompareTable)
        await pilot.press("f10")
        await settle(pilot)
        assert "waste" in seen(pilot, CompareTable)
        assert not screen_of(pilot).query_one(CompareAnswers).display
        await pilot.press("f10", "alt+a", "f10")
        await settle(pilot)
        assert not screen_of(pilot).query_one("#compare-figures").display
        await pilot.press("alt+l", "f10", "f10")
        assert screen_of(pilot).query_one(CompareAnswers).display


async def test_help_tells_of_compare() -> None:
    async with comparing(size=(120, 60)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        assert "Two to four systems" in await whole_screen(pilot)


async def test_hostile_answers_and_names_do_not_break_the_screen() -> None:
    evil = "\x1b[31m[bold]red[/bold]\x1b]0;title\x07 \u202eright"

    def told(system: Any, turn: int) -> Any:
        return one_call(SINGLE, text=evil, key=evil) if system.name == "single" else tell(system, turn)

    async with comparing(Stage(tell=told)) as pilot:
        await fire(pilot)
        shown = seen(pilot, CompareAnswers) + seen(pilot, CompareTable) + seen(pilot, CompareLanes)
        assert "[bold]red[/bold]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


async def test_a_run_without_an_answer_says_why() -> None:
    def told(system: Any, turn: int) -> Any:
        if system.name != "single":
            return tell(system, turn)
        return [*one_call(SINGLE)[:4], e.RunFinished(t=10**9, status="failed", reason="no candidate survived")]

    async with comparing(Stage(tell=told)) as pilot:
        await fire(pilot)
        assert "✗ no answer" in seen(pilot, CompareAnswers)
        assert "no candidate survived" in seen(pilot, CompareAnswers)
        assert "not ranked: a run has no answer" in seen(pilot, CompareTable)


async def test_nothing_is_opened_graded_or_judged_before_there_are_answers_that_differ() -> None:
    stage = Stage(tell=lambda system, turn: one_call(replace_name(system)))
    async with comparing(stage) as pilot:
        await pilot.press("enter", "r", "b")
        for words in ("no run here", "no answer here", "needs answers of one kind"):
            assert words in said(pilot)
        await fire(pilot)
        await pilot.press("b")
        assert "nothing to judge" in said(pilot)


async def test_hundreds_of_repeats_keep_only_what_they_came_to() -> None:
    stage = Stage(tell=lambda system, turn: one_call(replace_name(system)))
    async with comparing(stage) as pilot:
        app_of(pilot).comparing.repeats = 60
        await pilot.press("ctrl+r")
        await pilot.pause()
        await pilot.press("y")
        await app_of(pilot).comparing.wait()
        await settle(pilot)
        assert "60 of 60" in seen(pilot, CompareTable)
        assert "run 60 of 60" in seen(pilot, CompareAnswers)


def replace_name(system: Any) -> Any:
    """A single call under the system's own name, so that a long comparison is quick to script."""
    from msgspec import structs

    return structs.replace(SINGLE, name=system.name)


# Grades


async def test_grading_by_key() -> None:
    store = Ledger()
    async with comparing(store=store) as pilot:
        await fire(pilot)
        for count, (key, word) in enumerate((("r", "✓ right"), ("w", "✗ wrong"), ("s", "· skipped")), 1):
            await pilot.press(key)
            for _ in range(100):
                await pilot.pause(MOMENT)
                if len(store.grades) == count:
                    break
            await settle(pilot)
            assert word in seen(pilot, CompareAnswers)
        await pilot.press("right", "r")
        await settle(pilot)
        assert [grade for _, grade in store.grades] == ["right", "wrong", "skip", "right"]
        assert store.grades[-1] == ("sing00000000", "right")


async def test_a_grade_that_is_not_kept_is_told() -> None:
    store = Ledger()
    async with comparing(store=store) as pilot:
        await fire(pilot)
        store.problem = LedgerError("is locked")
        await pilot.press("r")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if said(pilot):
                break
        assert "The grade is not kept" in said(pilot)
        assert "✓ right" not in seen(pilot, CompareAnswers)


# Blind


async def whole_screen(pilot: Any) -> str:
    await pilot.pause()
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


async def test_names_costs_and_times_are_hidden_until_all_is_judged() -> None:
    store = Ledger()
    async with comparing(store=store) as pilot:
        await pilot.press("plus")
        await fire(pilot)
        await pilot.press("b")
        shown = await whole_screen(pilot)
        assert isinstance(pilot.app.screen, Blind)
        assert "pair 1 of 2" in shown
        for hidden in ("laconic-then-judge", "single", "$0.0", "2.1 s", "8.1 s", "reasoner"):
            assert hidden not in shown
        await pilot.press("left")
        shown = await whole_screen(pilot)
        assert "pair 2 of 2" in shown
        assert "single" not in shown
        await pilot.press("t")
        shown = await whole_screen(pilot)
        assert "revealed" in shown
        assert "laconic-then-judge" in shown
        assert "$0.000320" in shown
        for _ in range(100):
            await pilot.pause(MOMENT)
            if len(store.tags) == 3:
                break
        assert sorted(tag.rpartition(":")[0] for _, tag in store.tags) == ["blind:better", "blind:tie", "blind:tie"]
        await pilot.press("escape")
        await settle(pilot)
        assert "1 of 2, 1 tied" in seen(pilot, CompareTable)


async def test_leaving_early_reveals_what_was_judged() -> None:
    store = Ledger()
    async with comparing(store=store) as pilot:
        await pilot.press("plus")
        await fire(pilot)
        await pilot.press("b", "s", "escape")
        assert "revealed" in await whole_screen(pilot)
        assert "skipped" in await whole_screen(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Compare)
        assert not store.tags


async def test_leaving_at_once_reveals_nothing() -> None:
    async with comparing() as pilot:
        await fire(pilot)
        await pilot.press("b", "down", "up")
        assert "pair 1 of 1" in await whole_screen(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Compare)
        await pilot.press("b", "right", "right")
        assert "revealed" in await whole_screen(pilot)


async def test_a_verdict_that_is_not_kept_is_told() -> None:
    store = Ledger()
    async with comparing(store=store) as pilot:
        await fire(pilot)
        store.problem = LedgerError("is locked")
        await pilot.press("b", "left")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if said(pilot):
                break
        assert "This verdict is not kept" in said(pilot)
