"""Open, save, YAML, $EDITOR and drafts under a pilot, on files in a temporary folder."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static, TextArea

from tests.tui.idling import MOMENT
from tests.tui.piloting import Bench, app_of, choose, said, settle
from tests.tui.scripted import PROMPT, services
from tests.tui.test_editing import at, press, system_of
from workbench.config import Config, DefaultsConfig
from workbench.systems import files, notation
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui.app import WorkbenchApp
from workbench.tui.drafts import Draft, Drafts
from workbench.tui.screens.help import Help
from workbench.tui.screens.open import Open
from workbench.tui.screens.save import SaveAs
from workbench.tui.screens.yaml import Yaml
from workbench.tui.shelf import Shelf

SHIPPED = "# why it is here\nname: quick\ndescription: The quickest of three.\nroot: race(3*a/b)\n"


@asynccontextmanager
async def on_files(
    folder: Path, *, system: str | None = "quick", pid: int = 1, alive: bool = False, size: tuple[int, int] = (110, 32)
) -> AsyncIterator[Bench]:
    own, shipped = folder / "own", folder / "shipped"
    shipped.mkdir(exist_ok=True)
    (shipped / "quick.yaml").write_text(SHIPPED)
    (shipped / "other.yaml").write_text("description: Something else.\nroot: vote(5*a/b)\n")
    library = Library([own, shipped])
    given: dict[str, Any] = {
        "systems": library,
        "shelf": Shelf(own, shipped, library.file_of),
        "drafts": Drafts(folder / "drafts", pid=pid, is_alive=lambda _: alive),
        "config": Config(defaults=DefaultsConfig(system="quick")),
    }
    app = WorkbenchApp(services(**given), system=system, prompt=PROMPT)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def until(pilot: Bench, done: Any) -> None:
    for _ in range(200):
        if done():
            return
        await pilot.pause(MOMENT)
    raise AssertionError("it never came")


def name_line(pilot: Bench) -> str:
    return str(app_of(pilot).bench.query_one("#name", Static).render())


async def save_as(pilot: Bench, name: str) -> None:
    assert isinstance(pilot.app.screen, SaveAs)
    pilot.app.screen.query_one(Input).value = name
    await settle(pilot)
    await press(pilot, "enter")


async def test_a_shipped_system_is_saved_under_a_name_and_stays_as_it_was(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await at(pilot, "")
        assert "unsaved" not in name_line(pilot)
        await press(pilot, "plus")
        assert "unsaved" in name_line(pilot)
        await press(pilot, "ctrl+s")
        await save_as(pilot, "mine")
        await until(pilot, lambda: "unsaved" not in name_line(pilot))
        assert files.load(tmp_path / "own" / "mine.yaml").root == app_of(pilot).session.system.root
        assert (tmp_path / "shipped" / "quick.yaml").read_text() == SHIPPED
        assert "mine" in name_line(pilot)
        await press(pilot, "plus", "ctrl+s")
        await until(
            pilot,
            lambda: (
                "3*race" in (tmp_path / "own" / "mine.yaml").read_text()
                or "replicas: 3" in (tmp_path / "own" / "mine.yaml").read_text()
            ),
        )


async def test_saving_keeps_comments_and_undo_never_saves_to_the_wrong_file(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.yaml").write_text("# my note\nroot: ensemble(2*a/b)\n")
    async with on_files(tmp_path) as pilot:
        await press(pilot, "ctrl+o", *"mine", "enter")
        await at(pilot, "of.0")
        await press(pilot, "plus", "ctrl+s")
        await until(pilot, lambda: "ensemble(3*a/b)" in (own / "mine.yaml").read_text())
        assert "# my note" in (own / "mine.yaml").read_text()
        kept = (own / "mine.yaml").read_text()
        await press(pilot, "u", "u")
        assert system_of(pilot) == "race(3*a/b)"
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, SaveAs)
        await press(pilot, "escape")
        assert (own / "mine.yaml").read_text() == kept


async def test_save_as_shows_where_explains_bad_names_and_asks_before_replacing(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "there.yaml").write_text("root: a/b\n")
    async with on_files(tmp_path) as pilot:
        await choose(pilot, "save as")
        where = pilot.app.screen.query_one("#where", Static)
        assert "quick.yaml" in str(where.render())
        for bad in ("", "a b", "../../x", ".hidden", "x.txt/"):
            await save_as(pilot, bad)
            assert "✗" in str(where.render())
        await save_as(pilot, "there")
        assert "Enter again" in str(where.render())
        assert (own / "there.yaml").read_text() == "root: a/b\n"
        await press(pilot, "enter")
        await until(pilot, lambda: "race" in (own / "there.yaml").read_text())


async def test_a_save_that_fails_is_told_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("a file where the folder should be")
    async with on_files(tmp_path) as pilot:
        await at(pilot, "")
        await press(pilot, "plus", "ctrl+s", "enter")
        await until(pilot, lambda: "can't be written" in said(pilot))
        assert "unsaved" in name_line(pilot)


async def test_open_shows_what_each_is_for_and_a_sketch(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "ctrl+o")
        dialog = pilot.app.screen
        assert isinstance(dialog, Open)
        await until(pilot, lambda: dialog.entries["quick"])
        await press(pilot, *"quick")
        options = dialog.query_one(OptionList)
        assert "The quickest of three." in str(options.get_option_at_index(0).prompt)
        sketch = str(dialog.query_one("#sketch", Static).render())
        assert "race(3*a/b)" in sketch
        assert "▾ race" in sketch
        await press(pilot, "escape", "ctrl+o", *"vote(2*a/b)", "enter")
        assert system_of(pilot) == "vote(2*a/b)"


async def test_new_and_back_to_what_is_saved(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await at(pilot, "")
        await press(pilot, "plus", "plus")
        await choose(pilot, "back to what is saved")
        assert system_of(pilot) == "race(3*a/b)"
        await choose(pilot, "new system")
        assert system_of(pilot) == "a/b"
        await press(pilot, "u", "u")
        assert system_of(pilot) == "3*race(3*a/b)"


# YAML


async def test_the_yaml_view_edits_the_same_system_in_one_step(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f8")
        area = pilot.app.screen.query_one(TextArea)
        assert files.loads(area.text) == app_of(pilot).session.system
        area.text = area.text.replace("replicas: 3", "replicas: 5")
        await press(pilot, "escape")
        assert system_of(pilot) == "race(5*a/b)"
        await at(pilot, "")
        await press(pilot, "u")
        assert system_of(pilot) == "race(3*a/b)"


async def test_broken_yaml_is_told_in_place_and_kept_for_the_next_time(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f8")
        view = pilot.app.screen
        assert isinstance(view, Yaml)
        area = view.query_one(TextArea)
        area.text = area.text.replace("node: race", "node: rase")
        view.read()
        told = str(view.query_one("#yaml-problem", Static).render())
        assert "line 4" in told
        assert "rase" in told
        await press(pilot, "ctrl+g")
        assert area.cursor_location[0] == 3
        broken = area.text
        await press(pilot, "f8")
        assert "F8 goes on" in said(pilot)
        assert system_of(pilot) == "race(3*a/b)"
        await press(pilot, "f8")
        again = pilot.app.screen.query_one(TextArea)
        assert again.text == broken
        again.text = broken.replace("rase", "vote")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, SaveAs)
        assert system_of(pilot) == "vote(3*a/b)"


def editor(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "edit.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(program))


@asynccontextmanager
async def stepping_aside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with on_files(folder) as pilot:
        monkeypatch.setattr(pilot.app, "suspend", nullcontext)
        await at(pilot, "")
        yield pilot


async def test_editor_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, 'sed -i "s/replicas: 3/replicas: 7/" "$1"', monkeypatch)
    async with stepping_aside(tmp_path, monkeypatch) as pilot:
        await press(pilot, "E")
        assert system_of(pilot) == "race(7*a/b)"
        await press(pilot, "f8", "ctrl+e")
        assert "replicas: 7" in pilot.app.screen.query_one(TextArea).text


async def test_what_the_editor_broke_is_shown_with_its_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, 'sed -i "s/node: race/node: rase/" "$1"', monkeypatch)
    async with stepping_aside(tmp_path, monkeypatch) as pilot:
        await press(pilot, "E")
        assert isinstance(pilot.app.screen, Yaml)
        assert "rase" in str(pilot.app.screen.query_one("#yaml-problem", Static).render())
        assert system_of(pilot) == "race(3*a/b)"


@pytest.mark.parametrize(
    ("command", "words"), [("exit 3", "ended with 3"), (None, "can't be started"), ('rm "$1"', "can't be read")]
)
async def test_an_editor_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str | None, words: str
) -> None:
    editor(tmp_path, command or "", monkeypatch)
    if command is None:
        monkeypatch.setenv("EDITOR", str(tmp_path / "nothing"))
    async with stepping_aside(tmp_path, monkeypatch) as pilot:
        await press(pilot, "E")
        assert words in said(pilot)
        assert system_of(pilot) == "race(3*a/b)"


# Drafts


async def test_an_unsaved_system_comes_back_after_a_crash(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "plus")
        bench = app_of(pilot).bench
        bench._keep_draft()
        await until(pilot, lambda: (tmp_path / "drafts" / "1.json").exists())
        left = (tmp_path / "drafts" / "1.json").read_bytes()
    (tmp_path / "drafts" / "1.json").write_bytes(left)
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        assert system_of(pilot) == "race(4*a/b)"
        assert "unsaved quick is back" in said(pilot)
        assert "unsaved" in name_line(pilot)
        await at(pilot, "")
        await press(pilot, "u")
        assert system_of(pilot) == "race(3*a/b)"
        assert "unsaved" not in name_line(pilot)
    assert not list((tmp_path / "drafts").iterdir())


async def test_leaving_keeps_the_draft_and_asking_for_a_system_leaves_it_alone(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "")
        await press(pilot, "plus")
    async with on_files(tmp_path, system="other", pid=2) as pilot:
        assert system_of(pilot) == "vote(5*a/b)"
    async with on_files(tmp_path, system=None, pid=3, alive=True) as pilot:
        assert system_of(pilot) == "race(3*a/b)"
    async with on_files(tmp_path, system=None, pid=4) as pilot:
        assert system_of(pilot) == "2*race(3*a/b)"


async def test_broken_yaml_comes_back_too(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await press(pilot, "f8")
        pilot.app.screen.query_one(TextArea).text = "root: race("
        await press(pilot, "escape")
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        await press(pilot, "f8")
        assert pilot.app.screen.query_one(TextArea).text == "root: race("


async def test_leaving_from_the_yaml_view_loses_no_text(tmp_path: Path) -> None:
    other = files.dumps(System(root=notation.parse("x/y")))
    for text, root in ((other, "x/y"), ("root: race(", "race(3*a/b)")):
        async with on_files(tmp_path, pid=1) as pilot:
            await press(pilot, "f8")
            pilot.app.screen.query_one(TextArea).text = text
            await press(pilot, "ctrl+q")
        async with on_files(tmp_path, system=None, pid=2) as pilot:
            assert system_of(pilot) == root
            if "(" in text:
                await press(pilot, "f8")
                assert pilot.app.screen.query_one(TextArea).text == text


def test_drafts_that_can_t_be_read_are_passed_over(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, pid=9, is_alive=lambda _: False)
    (tmp_path / "3.json").write_text("{")
    (tmp_path / "notes.json").write_text("{}")
    assert drafts.take() is None
    system = System(root=notation.parse("a/b"), name="x")
    Drafts(tmp_path, pid=5).write(Draft(system))
    assert drafts.take() == Draft(system)
    assert drafts.file.exists()
    drafts.clear()
    drafts.clear()
    assert drafts.take() is None
    assert Drafts(tmp_path / "none").take() is None


def test_names_and_paths_of_the_shelf(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "own", tmp_path / "shipped", lambda name: None)
    assert shelf.path("a-1.b") == tmp_path / "own" / "a-1.b.yaml"
    assert shelf.path(f"{tmp_path}/x.json") == tmp_path / "x.json"
    assert not shelf.own(tmp_path / "shipped" / "x.yaml")
    assert shelf.own(tmp_path / "own" / "x.yaml")


async def test_an_old_broken_text_says_that_the_system_has_changed_since(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f8")
        pilot.app.screen.query_one(TextArea).text = "root: race("
        await press(pilot, "escape", "f8")
        assert "last changed" not in said(pilot)
        await press(pilot, "escape")
        await at(pilot, "")
        await press(pilot, "plus", "f8")
        assert "last changed" in said(pilot)


async def test_help_opens_over_the_yaml_view_and_closes_by_the_same_key(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f8", "f1")
        assert isinstance(pilot.app.screen, Help)
        await press(pilot, "f1")
        assert isinstance(pilot.app.screen, Yaml)
