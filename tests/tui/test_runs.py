"""The Runs screen under a pilot, on a real ledger of a few thousand runs and on a made-up one of a hundred thousand."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.ledger.streams import record, short
from tests.tui.many_runs import Alone, LongStore, filled, judged
from tests.tui.scripted import STARTED, services
from workbench.ledger import Ledger, RunQuery, open_ledger
from workbench.ledger.export import Format
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.palette import Commands
from workbench.tui.run_pages import KEPT, SIZE
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.lab import Lab
from workbench.tui.screens.runs import Runs
from workbench.tui.widgets.run_preview import Drawn, RunPreview
from workbench.tui.widgets.runs_table import RunsTable
from workbench.tui.widgets.transport import TransportBar
from workbench.tui.widgets.words_pane import WordsPane

Room = Pilot[int]
COUNT = 2000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "ledger.db"
    ledger = filled(path, COUNT)
    judged(ledger)
    ledger.close()
    return path


@pytest.fixture
def ledger(template: Path, tmp_path: Path) -> Iterator[Ledger]:
    """A copy of a ledger with a few thousand runs."""
    with open_ledger(Path(shutil.copy(template, tmp_path / "runs.db"))) as opened:
        yield opened


@asynccontextmanager
async def room(store: Any, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Room]:
    """The screen alone."""
    app = Alone(store)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: store is None or runs(pilot).pages.total is not None)
        await quiet(pilot)
        yield pilot


@asynccontextmanager
async def whole(store: Any) -> AsyncIterator[tuple[Room, WorkbenchApp]]:
    """The screen in the app."""
    app = WorkbenchApp(services(store=store, now=lambda: STARTED), system="single", prompt="?")
    async with app.run_test(size=(150, 45)) as pilot:
        await pilot.pause()
        app.action_go("runs")
        await until(pilot, lambda: isinstance(app.screen, Runs) and runs(pilot).pages.total is not None)
        await quiet(pilot)
        yield pilot, app
        app.session.stop()
        await app.session.wait()


def runs(pilot: Room) -> Runs:
    found = next(screen for screen in pilot.app.screen_stack if isinstance(screen, Runs))
    assert isinstance(found, Runs)
    return found


async def until(pilot: Room, true: Callable[[], bool]) -> None:
    for _ in range(400):
        await pilot.pause(0.005)
        if true():
            break
    assert true()


async def quiet(pilot: Room) -> None:
    """Until the ledger has said all that was asked."""
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def press(pilot: Room, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await quiet(pilot)


def seen(pilot: Room, widget: type[Any] = RunsTable) -> list[str]:
    found = pilot.app.screen.query_one(widget)
    return ["".join(part.text for part in found.render_line(y)).rstrip() for y in range(found.size.height)]


def current(pilot: Room) -> str:
    row = runs(pilot).current
    assert row is not None
    return row.id


def where(pilot: Room) -> type[object]:
    return type(pilot.app.screen)


def told(pilot: Room) -> str:
    return "\n".join(toast.message for toast in pilot.app._notifications)


async def search(pilot: Room, text: str) -> None:
    """Put this into the search line and wait for what it finds."""
    before = runs(pilot).pages
    pilot.app.screen.query_one(Input).value = text
    await until(pilot, lambda: runs(pilot).pages is not before)
    await quiet(pilot)


# What is shown


async def test_the_newest_runs_first_with_their_figures(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger), size=(200, 60)) as pilot:
        lines = seen(pilot)
        titles = "when kind system prompt answer status time cost calls grade"
        assert all(word in lines[0] for word in titles.split())
        assert "simulated" in lines[1]
        assert "8.0 s" in lines[1]
        assert "✓ done" in lines[1]
        assert [row.id for row in ledger.runs(limit=3)] == ["judged00", "01999abc", "01998abc"]
        count = seen(pilot, Drawn)[0]
        assert "1 of 2 001 runs" in count


@pytest.mark.parametrize("width", [80, 100, 120, 150, 200])
async def test_lines_fit_at_every_width(ledger: Ledger, width: int) -> None:
    async with room(LedgerStore(lambda: ledger), size=(width, 30)) as pilot:
        table = pilot.app.screen.query_one(RunsTable)
        assert all(table.render_line(y).cell_length == table.size.width for y in range(table.size.height))
        for word in ("when", "kind", "prompt", "answer", "status", "cost", "grade"):
            assert word in seen(pilot)[0]


async def test_the_preview_shows_prompt_answer_and_calls_with_money(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await until(pilot, lambda: any("replica 4" in line for line in seen(pilot, RunPreview)))
        text = "\n".join(seen(pilot, RunPreview))
        assert "What is 6 × 7?" in text
        assert "Final answer: 42" in text
        assert "sim/thinker" in text
        assert text.count("✕ cancelled") == 2
        assert "~$0.00359" in text
        assert "waste" in text
        await press(pilot, "j")
        await until(pilot, lambda: any("lab/one" in line for line in seen(pilot, RunPreview)))


async def test_no_ledger_no_runs_and_none_that_fit(ledger: Ledger) -> None:
    async with room(None) as pilot:
        assert "There is no ledger" in str(pilot.app.screen.query_one("#nothing", Static).content)
        await press(pilot, "r", "d", "e", "t", "x", "enter", "space", "j", "end", "u", "slash")
    async with room(LongStore(length=0)) as pilot:
        assert "No runs yet" in str(pilot.app.screen.query_one("#nothing", Static).content)
        await press(pilot, "r", "d", "e", "t", "x", "enter", "space", "j", "end")
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await search(pilot, "nosuchword")
        assert "No run fits" in str(pilot.app.screen.query_one("#nothing", Static).content)


async def test_a_ledger_that_fails_is_told_and_the_screen_lives() -> None:
    store = LongStore()
    async with room(store) as pilot:
        store.broken = True
        await press(pilot, "end")
        assert "the disk is gone" in told(pilot)
        store.broken = False
        await press(pilot, "home", "j")
        assert current(pilot) == "000001"


async def test_untrusted_texts_are_text(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "bad.db") as ledger:
        nasty = "[bold]x[/bold] \x1b[31mred\x1b[0m \u202eevil\nsecond"
        record(ledger, short("bad", prompt=nasty, answer=nasty, system=nasty))
        async with room(LedgerStore(lambda: ledger), size=(200, 60)) as pilot:
            text = "\n".join(seen(pilot) + seen(pilot, RunPreview))
            assert "[bold]x[/bold] red evil" in text
            assert "\x1b" not in text
            assert "\u202e" not in text


# Moving, with a hundred thousand runs


async def test_of_a_hundred_thousand_runs_a_page_is_read_not_all() -> None:
    store = LongStore()
    async with room(store, size=(120, 40)) as pilot:
        assert [first for first, _ in store.asked] == [0]
        assert all(limit == SIZE for _, limit in store.asked)
        await press(pilot, "end")
        assert current(pilot) == "099999"
        assert "question 99999" in seen(pilot)[-1]
        assert len(store.asked) <= 3
        await press(pilot, *["pageup"] * 20)
        assert len(store.asked) <= 20
        await press(pilot, "home")
        assert current(pilot) == "000000"
        assert sum(limit for _, limit in store.asked) < 3000
        assert len(list(runs(pilot).pages.rows())) <= KEPT * SIZE


async def test_each_key_moves_as_it_says() -> None:
    async with room(LongStore()) as pilot:
        page = pilot.app.screen.query_one(RunsTable).page
        for keys, place in (
            (("j",), 1),
            (("down",), 2),
            (("k",), 1),
            (("up", "up", "up"), 0),
            (("pagedown",), page),
            (("ctrl+d",), 2 * page),
            (("ctrl+u",), page),
            (("pageup",), 0),
            (("G",), 99_999),
            (("g",), 0),
            (("end", "j"), 99_999),
            (("home",), 0),
        ):
            await press(pilot, *keys)
            assert runs(pilot).cursor == place, keys


async def test_scrolling_by_the_wheel_loads_what_comes_in_sight() -> None:
    store = LongStore()
    async with room(store) as pilot:
        table = pilot.app.screen.query_one(RunsTable)
        table.scroll_to(y=50_000, animate=False, immediate=True)
        await quiet(pilot)
        assert "question 50000" in seen(pilot)[1]
        assert len(store.asked) <= 4


# Searching and filters


async def test_the_search_finds_as_it_is_typed(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "slash", *"copp")
        await until(pilot, lambda: runs(pilot).pages.query.text == "copp")
        await quiet(pilot)
        total = ledger.count(RunQuery(text="copper"))
        assert runs(pilot).pages.total == total > 100
        assert all("Copper" in line for line in seen(pilot)[1:6])
        await press(pilot, "enter")
        assert isinstance(pilot.app.focused, RunsTable)
        await press(pilot, "end")
        assert runs(pilot).cursor == total - 1
        await press(pilot, "escape")
        await until(pilot, lambda: runs(pilot).pages.total == COUNT + 1)


FILTERS = {
    "kind:simulated": RunQuery(kind="simulated"),
    "status:failed largest ": RunQuery(status="failed", text="largest"),
    "system:single": RunQuery(system="single"),
    "grade:right": RunQuery(grade="right"),
    "grade:none": RunQuery(grade="none"),
    "tag:hard": RunQuery(tags=("hard",)),
}


async def test_filters(ledger: Ledger) -> None:
    ledger.grade("judged00", "right")
    ledger.tag("judged00", "hard")
    async with room(LedgerStore(lambda: ledger)) as pilot:
        for line, query in FILTERS.items():
            await search(pilot, line)
            assert runs(pilot).pages.query == query
            assert runs(pilot).pages.total == ledger.count(query) > 0
            assert current(pilot) == ledger.runs(query, limit=1)[0].id


async def test_a_filter_is_chosen_from_a_list_and_taken_out_again(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        for expected in ("status:failed", ""):
            await press(pilot, "f", *"failed", "enter")
            await until(pilot, lambda: not runs(pilot)._pauses.get("search"))
            assert runs(pilot).query_one(Input).value == expected
        await press(pilot, "f", "escape")
        assert runs(pilot).query_one(Input).value == ""


# Notes on runs


async def test_one_key_grades_and_goes_on(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "j", "r", "w", "s")
        assert runs(pilot).cursor == 4
        assert [row.grade for row in ledger.runs(limit=5)] == [None, "right", "wrong", "skip", None]
        assert [line.split()[-1] for line in seen(pilot)[2:5]] == ["right", "wrong", "skip"]


async def test_grading_what_has_no_grade_yet_leaves_no_run_out(ledger: Ledger) -> None:
    ids = [row.id for row in ledger.runs(limit=3)]
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await search(pilot, "grade:none")
        for run, key in zip(ids, "rws", strict=True):
            assert current(pilot) == run
            await press(pilot, key)
        assert runs(pilot).pages.total == COUNT - 2


async def test_marked_runs_are_graded_tagged_deleted_together_and_brought_back(ledger: Ledger) -> None:
    ids = [row.id for row in ledger.runs(limit=4)]
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "x", "x", "x", "up", "x")
        assert list(runs(pilot).marks) == ids[:2], "a second x takes the mark off"
        await press(pilot, "w")
        assert [row.grade for row in ledger.runs(limit=3)] == ["wrong", "wrong", None]
        await press(pilot, "t", *"hard later", "enter")
        assert [row.tags for row in ledger.runs(limit=3)] == [("hard", "later"), ("hard", "later"), ()]
        await press(pilot, "t", *"-hard", "enter")
        assert ledger.row(ids[0]).tags == ("later",)
        await press(pilot, "d")
        assert [row.id for row in ledger.runs(limit=2)] == ids[2:]
        assert runs(pilot).pages.total == COUNT - 1
        assert "2 runs deleted. u brings them back." in told(pilot)
        assert not runs(pilot).marks
        await press(pilot, "u")
        assert [row.id for row in ledger.runs(limit=4)] == ids
        assert runs(pilot).pages.total == COUNT + 1


async def test_deleting_twice_is_taken_back_twice(ledger: Ledger) -> None:
    ids = [row.id for row in ledger.runs(limit=3)]
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "d")
        await press(pilot, "d")
        assert [row.id for row in ledger.runs(limit=1)] == ids[2:]
        await press(pilot, "u")
        await press(pilot, "u")
        assert [row.id for row in ledger.runs(limit=3)] == ids
        await press(pilot, "u")
        assert "Nothing was deleted" in told(pilot)


async def test_escape_takes_the_marks_off(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "x", "x")
        await press(pilot, "escape")
        assert not runs(pilot).marks


async def test_what_the_ledger_refuses_is_told(ledger: Ledger) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "t")
        pilot.app.screen.query_one(Input).value = "a\u200bb"
        await press(pilot, "enter")
        assert "is no tag" in told(pilot)
    async with room(LongStore()) as pilot:
        await press(pilot, "d")
        assert "nothing is deleted here" in told(pilot)


# Files


async def ask_for(pilot: Room, path: Path) -> None:
    await press(pilot, "e")
    assert where(pilot) is Ask
    pilot.app.screen.query_one(Input).value = str(path)
    await press(pilot, "enter")


async def test_marked_runs_are_written_in_every_form(ledger: Ledger, tmp_path: Path) -> None:
    refs = [row.id for row in ledger.runs(limit=2)]
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await press(pilot, "x", "x")
        for form in get_args(Format):
            path = tmp_path / f"out.{form}"
            await ask_for(pilot, path)
            assert f"2 runs written to {path}" in told(pilot)
            assert path.read_text(encoding="utf-8") == "".join(ledger.export(refs=refs, format=form))


async def test_a_file_that_is_there_is_replaced_only_when_said(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("mine", encoding="utf-8")
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await ask_for(pilot, path)
        assert where(pilot) is Confirm
        await press(pilot, "n")
        assert path.read_text(encoding="utf-8") == "mine"
        await ask_for(pilot, path)
        await press(pilot, "y")
        assert path.read_text(encoding="utf-8").startswith("# ")


async def test_a_name_that_says_no_form_or_no_folder_is_not_taken(ledger: Ledger, tmp_path: Path) -> None:
    async with room(LedgerStore(lambda: ledger)) as pilot:
        await ask_for(pilot, tmp_path / "out.doc")
        assert where(pilot) is Ask
        assert ".jsonl, .csv, .md, .html" in str(pilot.app.screen.query_one("#meaning", Static).content)
        pilot.app.screen.query_one(Input).value = str(tmp_path / "nowhere" / "out.md")
        await press(pilot, "enter")
        assert "There is no folder" in str(pilot.app.screen.query_one("#meaning", Static).content)
        await press(pilot, "escape")
        assert where(pilot) is Runs


# On the Bench


async def test_enter_and_space_and_a_double_click_ask_for_the_bench() -> None:
    async with room(LongStore()) as pilot:
        app = pilot.app
        assert isinstance(app, Alone)
        await press(pilot, "j", "enter", "j", "space")
        await pilot.click(RunsTable, offset=(10, 5))
        await pilot.double_click(RunsTable, offset=(10, 6))
        await quiet(pilot)
        assert app.shown == [("000001", False), ("000002", True), ("000005", False)]


async def test_on_the_bench_it_looks_as_it_did_and_coming_back_the_cursor_stays(ledger: Ledger) -> None:
    async with whole(LedgerStore(lambda: ledger)) as (pilot, app):
        await press(pilot, "enter")
        await until(pilot, lambda: app.session.player is not None and app.session.doing == "nothing")
        assert app.session.view.to_json() == ledger.view("judged00").to_json()
        assert app.screen is app.bench
        app.action_go("runs")
        await quiet(pilot)
        await press(pilot, "j", "space")
        await until(pilot, lambda: app.session.view.id == "01999abc")
        await until(pilot, lambda: isinstance(app.focused, TransportBar))
        record(ledger, short("fresh", started_at=STARTED))
        app.action_go("runs")
        await quiet(pilot)
        assert current(pilot) == "01999abc"
        await press(pilot, "home")
        assert current(pilot) == "fresh"


async def test_the_palette_lists_what_can_be_done_here_and_does_it(ledger: Ledger) -> None:
    async with whole(LedgerStore(lambda: ledger)) as (pilot, app):
        listed = {title: run for title, _, run in Commands(app.screen)._all()}
        assert {"replay", "filter", "tag", "export", "delete", "undo delete", "wrong"} <= set(listed)
        await listed["wrong"]()
        await quiet(pilot)
        assert ledger.row("judged00").grade == "wrong"
        app.action_go("bench")
        await quiet(pilot)
        assert "undo delete" not in {title for title, _, _ in Commands(app.screen)._all()}


async def test_the_palette_lists_on_each_screen_what_is_done_there_alone(ledger: Ledger) -> None:
    async with whole(LedgerStore(lambda: ledger)) as (pilot, app):
        for room, own, foreign in (
            ("runs", "undo delete", "x axis"),
            ("frontier", "x axis", "undo delete"),
            ("lab", "calculator", "x axis"),
            ("bench", "replay last run", "calculator"),
        ):
            app.action_go(room)
            await quiet(pilot)
            titles = [title for title, _, _ in Commands(app.screen)._all()]
            assert own in titles, room
            assert foreign not in titles, room
            assert len(titles) == len(set(titles)), room


async def test_marked_runs_are_taken_to_the_lab_by_a_key(ledger: Ledger) -> None:
    async with whole(LedgerStore(lambda: ledger)) as (pilot, app):
        await press(pilot, "l")
        await until(pilot, lambda: app.current_mode == "lab")
        lab = app.screen
        assert isinstance(lab, Lab)
        await until(pilot, lambda: lab.to_write is not None and "race@k" in {x.label for x in lab.to_write.lines})
        assert lab.query_one("#lab-source", WordsPane).at(60).plain.startswith("1 run of judge")


async def test_a_name_asks_for_training_data(ledger: Ledger, tmp_path: Path) -> None:
    async with whole(LedgerStore(lambda: ledger)) as (pilot, app):
        await press(pilot, "e")
        box = app.screen.query_one(Input)
        box.value = str(tmp_path / "answers.chat.jsonl")
        await press(pilot, "enter")
        await until(pilot, lambda: (tmp_path / "answers.chat.jsonl.about.json").exists())
        row = json.loads((tmp_path / "answers.chat.jsonl").read_text())
        assert row["messages"][-1]["role"] == "assistant"
        assert json.loads((tmp_path / "answers.chat.jsonl.about.json").read_text())["lines"] == 1
