"""What is not saved outlives every way out: in whichever order threads write, and whatever was being typed."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from textual.widgets import TextArea

from tests.tui.piloting import Bench, app_of, said
from tests.tui.test_editing import at, press, system_of
from tests.tui.test_keeping import name_line, on_files, until
from workbench.systems import notation
from workbench.systems.nodes import System
from workbench.tui.drafts import Draft, Drafts
from workbench.tui.memory import Left, Memory
from workbench.tui.newest import Newest
from workbench.tui.screens import drafting
from workbench.tui.widgets.notation_line import NotationLine, NotationText

OTHER = "name: quick\nroot: x/y\n"


def system(text: str) -> System:
    return System(root=notation.parse(text), name="quick")


def line(pilot: Bench) -> NotationText:
    return app_of(pilot).bench.query_one(NotationText)


def typed(pilot: Bench, text: str) -> None:
    """The notation line says this."""
    line(pilot).replace(text, (0, 0), line(pilot).document.end)


# Threads


def test_a_slow_writer_never_lands_an_older_value_last() -> None:
    wrote: list[str] = []
    under_way, go_on = threading.Event(), threading.Event()

    def write(value: str) -> None:
        if value == "old":
            under_way.set()
            assert go_on.wait(10)
        wrote.append(value)

    newest = Newest(write)
    newest.keep()
    newest.note("old")
    slow = threading.Thread(target=newest.keep)
    slow.start()
    assert under_way.wait(10)
    newest.note("new")
    leaving = threading.Thread(target=newest.keep)
    leaving.start()
    go_on.set()
    for thread in (slow, leaving):
        thread.join(10)
    newest.keep()
    assert wrote == ["old", "new"]


def test_what_could_not_be_written_is_tried_again() -> None:
    full = True
    wrote: list[int] = []

    def write(value: int) -> None:
        if full:
            raise OSError("no space")
        wrote.append(value)

    newest = Newest(write)
    newest.note(1)
    with pytest.raises(OSError, match="no space"):
        newest.keep()
    full = False
    newest.keep()
    assert wrote == [1]


def test_drafts_and_memory_keep_the_newest_whoever_writes(tmp_path: Path) -> None:
    drafts, memory = Drafts(tmp_path, pid=1), Memory(tmp_path / "session.json")
    for number in range(1, 40):
        drafts.note(Draft(system(f"{number}*a/b")))
        memory.note(Left(prompt=str(number)))
        threads = [threading.Thread(target=keep) for keep in (drafts.keep, memory.keep) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert msgspec.json.decode(drafts.file.read_bytes(), type=Draft).system == system(f"{number}*a/b")
        assert memory.read()[0] == Left(prompt=str(number))
    drafts.note(None)
    drafts.keep()
    assert not drafts.file.exists()


# The notation line


async def test_a_notation_that_does_not_parse_outlives_the_app(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        typed(pilot, "race(3*a/b, vote(")
        await press(pilot, "ctrl+q")
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        assert line(pilot).text == "race(3*a/b, vote("
        assert app_of(pilot).bench.query_one(NotationLine).broken
        assert system_of(pilot) == "race(3*a/b)"
        assert "does not parse yet" in said(pilot)
        assert "unsaved" not in name_line(pilot) + said(pilot)
        typed(pilot, "race(4*a/b)")
        await press(pilot, "ctrl+q")
    async with on_files(tmp_path, system=None, pid=3) as pilot:
        assert line(pilot).text == "race(4*a/b)"
        assert "notation" not in said(pilot)


async def test_a_broken_notation_comes_back_beside_an_unsaved_system(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "plus")
        typed(pilot, "race(")
        await press(pilot, "tab")
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        assert (line(pilot).text, system_of(pilot)) == ("race(", "race(4*a/b)")


async def test_a_change_in_the_tree_leaves_undo_a_way_back_to_the_broken_notation(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        typed(pilot, "race(3*a/b, vote(")
        await at(pilot, "of.0")
        await press(pilot, "plus")
        assert line(pilot).text == "race(4*a/b)"
        await press(pilot, "plus", "f5", "ctrl+z", "ctrl+z")
        assert line(pilot).text == "race(3*a/b, vote("


# A crash


async def test_a_crash_in_the_yaml_view_loses_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "DRAFT_AFTER", 0.01)
    for number, (text, root) in enumerate(((OTHER, "x/y"), ("root: race(", "race(3*a/b)")), 1):
        async with on_files(tmp_path, pid=number) as pilot:
            file = tmp_path / "drafts" / f"{number}.json"
            await press(pilot, "f8")
            pilot.app.screen.query_one(TextArea).text = text
            await until(pilot, file.exists)
            left = file.read_bytes()
        file.write_bytes(left)
        async with on_files(tmp_path, system=None, pid=number + 10) as pilot:
            assert system_of(pilot) == root
            await press(pilot, "f8")
            if "(" in text:
                assert pilot.app.screen.query_one(TextArea).text == text


async def test_yaml_that_was_looked_at_alone_leaves_no_draft(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f8")
        pilot.app.screen.query_one(TextArea).text += " "
        pilot.app.screen.query_one(TextArea).action_delete_left()
        await press(pilot, "escape")
    assert not list((tmp_path / "drafts").glob("*"))


# Undo


async def test_what_was_put_aside_unsaved_for_another_system_is_a_step_back_the_next_time(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "plus", "ctrl+o", *"other", "enter")
        assert system_of(pilot) == "vote(5*a/b)"
        await press(pilot, "ctrl+q")
    for pid in (2, 3):  # looking at it takes nothing away
        async with on_files(tmp_path, system=None, pid=pid) as pilot:
            assert "never saved: quick" in said(pilot)
            history = app_of(pilot).session.history
            assert "race(4*a/b)" in [notation.print_node(each.root) for each in history.before]
            await press(pilot, "ctrl+q")
    async with on_files(tmp_path, system=None, pid=4) as pilot:
        await at(pilot, "")
        while system_of(pilot) != "race(4*a/b)":
            await press(pilot, "u")
        assert "unsaved" in name_line(pilot)
        await press(pilot, "u")
        assert system_of(pilot) == "race(3*a/b)"
        assert "unsaved" not in name_line(pilot)


async def test_where_all_was_saved_no_draft_is_left(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "ctrl+o", *"other", "enter", "ctrl+q")
    assert not list((tmp_path / "drafts").glob("*"))
