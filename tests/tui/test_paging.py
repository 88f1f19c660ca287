"""F3 and F4: the focused pane's text in another program, or in the app's own pager."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from tests.tui import compare_scripted
from tests.tui.catalogues import FakeCatalogue
from tests.tui.compare_scripted import comparing
from tests.tui.piloting import Bench, app_of, bench, fire, said, settle
from tests.tui.scripted import ANSWER, PROMPT, Puppet, long_run, race_and_judge
from workbench.config import Config, DefaultsConfig
from workbench.tui import external, paging
from workbench.tui.screens.help import Help
from workbench.tui.screens.pager import Pager, Pages, folded
from workbench.tui.screens.yaml import YamlText
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.prompt_box import PromptText


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "wait_for_enter", lambda: None)
    for name in ("PAGER", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)


def program(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of that variable."""
    file = folder / f"{name}.sh"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    monkeypatch.setenv(name, str(file))


@asynccontextmanager
async def outside(folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[Bench]:
    """The Bench in a terminal that can step aside, with a pager and an editor that keep what they are given."""
    program(folder, "PAGER", f'cat > "{folder}/paged"', monkeypatch)
    program(folder, "EDITOR", f'cp "$1" "{folder}/edited"; ls -l "$1" | cut -c 1-10 > "{folder}/mode"', monkeypatch)
    async with bench(Puppet(long_run(race_and_judge())), **options) as pilot:
        monkeypatch.setattr(pilot.app, "suspend", nullcontext)
        yield pilot


async def paged(pilot: Bench, folder: Path, *keys: str) -> str:
    """What the pager is given after these keys."""
    for key in (*keys, "f3"):
        await pilot.press(key)
        await settle(pilot)
    return (folder / "paged").read_text()


# What is shown


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), PROMPT),
        (("f5",), "judge[anthropic/claude-sonnet-4-5]("),
        (("alt+t",), "name: laconic-then-judge"),
        (("alt+l", "home"), ANSWER),
        (("alt+l", "home", "enter"), ANSWER),
        (("alt+l", "home", "enter", "2"), "step 155"),
        (("alt+l", "home", "enter", "3"), "temperature"),
        (("alt+l", "home", "enter", "4"), "run"),
        (("ctrl+g", "v"), "disagreement"),
        (("f8",), "name: laconic-then-judge"),
    ],
    ids=["prompt", "notation", "tree", "lanes", "answer", "thinking", "request", "money", "verdict", "yaml"],
)
async def test_the_pager_shows_the_focused_pane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], words: str
) -> None:
    async with outside(tmp_path, monkeypatch, size=(120, 40)) as pilot:
        await fire(pilot)
        told = await paged(pilot, tmp_path, *keys)
        assert words in told
        assert told.endswith("\n")
        assert "\x1b" not in told


async def test_the_other_screens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch, catalogue=FakeCatalogue(), size=(120, 40)) as pilot:
        await pilot.press("alt+l")
        assert "per million" in await paged(pilot, tmp_path, "7")
        assert "no run yet" in await paged(pilot, tmp_path, "2")
        assert "1 laconic-then-judge" in (tmp_path / "paged").read_text()


async def test_the_answers_of_a_comparison_are_shown_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "PAGER", f'cat > "{tmp_path}/paged"', monkeypatch)
    async with comparing() as pilot:
        monkeypatch.setattr(pilot.app, "suspend", nullcontext)
        await compare_scripted.fire(pilot)
        told = await paged(pilot, tmp_path)
        assert "Final answer: **42**" in told
        assert "Final answer: **43**" in told


async def test_control_characters_do_not_reach_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        box = app_of(pilot).screen.query_one(PromptText)
        monkeypatch.setattr(type(box), "whole", "red \x1b[31m, bell \x07, title \x1b]0;x\x07, back \u202e.")
        assert await paged(pilot, tmp_path) == "red , bell , title , back .\n"


async def test_where_there_is_nothing_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        await pilot.press("alt+l", "f3")
        await settle(pilot)
        assert not (tmp_path / "paged").exists()
        assert "nothing to read here yet" in said(pilot)


# Which pager


def test_which_pager(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"less": "/bin/less", "more": "/bin/more"}
    monkeypatch.setattr(shutil, "which", there.get)
    assert paging.command("") == ["/bin/less", "-R"]
    there.pop("less")
    assert paging.command("") == ["/bin/more"]
    there.clear()
    assert paging.command("") is None
    monkeypatch.setenv("PAGER", "most -s")
    assert paging.command("") == ["most", "-s"]
    assert paging.command("bat --plain") == ["bat", "--plain"]
    assert paging.command("builtin") is None


@pytest.mark.parametrize("pager", ["/nothing/here", "'unclosed"])
async def test_a_pager_that_can_not_be_used_is_told_and_ours_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pager: str
) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        monkeypatch.setenv("PAGER", pager)
        await pilot.press("f3")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Pager)
        assert "$PAGER chooses another" in said(pilot)


# The app's own


async def test_where_the_app_can_not_step_aside_its_own_pager_is_used() -> None:
    async with bench() as pilot:
        await pilot.press("f3")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Pager)
        assert not said(pilot)
        assert str(pilot.app.screen.query_one("#pager-title", Static).render()).startswith("prompt")
        await pilot.press("q")
        await settle(pilot)
        assert app_of(pilot).screen is app_of(pilot).bench


async def test_the_own_pager_scrolls_and_folds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(defaults=DefaultsConfig(pager="builtin"))
    async with outside(tmp_path, monkeypatch, config=config, size=(80, 24)) as pilot:
        app_of(pilot).screen.query_one(PromptText).put("\n".join(f"line {n} {'word ' * 30}" for n in range(50)))
        await pilot.press("f3")
        await settle(pilot)
        pages = pilot.app.screen.query_one(Pages)
        assert pages.virtual_size.height == 150

        def top() -> str:
            return "".join(segment.text for segment in pages.render_line(0)).strip()

        assert top().startswith("line 0")
        page, last = pages.size.height - 1, 150 - pages.size.height
        for key, first in (
            ("j", 1),
            ("k", 0),
            ("space", page),
            ("G", last),
            ("b", last - page),
            ("pagedown", last),
            ("pageup", last - page),
            ("ctrl+u", last - 2 * page),
            ("ctrl+d", last - page),
            ("g", 0),
            ("b", 0),
        ):
            await pilot.press(key)
            await settle(pilot)
            assert pages.scroll_offset.y == first, key
        await pilot.press("y", "f3")
        await settle(pilot)
        assert "line 49" in pilot.app.clipboard
        assert app_of(pilot).screen is app_of(pilot).bench


async def test_help_tells_of_the_pager() -> None:
    async with bench() as pilot:
        await pilot.press("f3", "f1")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Help)
        assert "A page down." in str(pilot.app.screen.query(Static).first().render())


def test_what_is_indented_stays_so() -> None:
    assert folded("a\n  - b c\n\n    long words here", 12) == ["a", "  - b c", "", "    long", "    words", "    here"]
    assert folded(" " * 40 + "x", 10) == [" " * 5 + "x"]


# $EDITOR


async def test_the_prompt_comes_back_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        program(tmp_path, "EDITOR", 'printf "Why?\\nSay it.\\n" > "$1"', monkeypatch)
        await pilot.press("f4")
        await settle(pilot)
        box = app_of(pilot).screen.query_one(PromptText)
        assert box.text == "Why?\nSay it."
        await pilot.press("ctrl+z")
        assert box.text == PROMPT


@pytest.mark.parametrize("keys", [("f5",), ("alt+t",)], ids=["notation", "tree"])
async def test_the_system_is_edited_as_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        program(tmp_path, "EDITOR", 'sed -i "s/replicas: 10/replicas: 4/" "$1"', monkeypatch)
        await pilot.press(*keys, "f4")
        await settle(pilot)
        assert "replicas=4" in repr(app_of(pilot).session.system)


async def test_an_answer_is_opened_as_a_copy_that_can_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        await fire(pilot)
        await pilot.press("alt+l", "home", "enter", "f4")
        await settle(pilot)
        assert ANSWER in (tmp_path / "edited").read_text()
        assert (tmp_path / "mode").read_text().strip() == "-r--------"


async def test_the_yaml_view_goes_to_the_editor_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        program(tmp_path, "EDITOR", 'sed -i "s/replicas: 10/replicas: 4/" "$1"', monkeypatch)
        await pilot.press("f8", "f4")
        for _ in range(50):
            await pilot.pause(0.01)
            if "replicas: 4" in pilot.app.screen.query_one(YamlText).text:
                return
        raise AssertionError("it did not come back")


async def test_where_the_app_can_not_step_aside_the_editor_says_so_once() -> None:
    async with bench() as pilot:
        pilot.app.screen.query_one(PromptText).focus()
        os.environ["EDITOR"] = "true"
        try:
            await pilot.press("f4")
            await settle(pilot)
        finally:
            del os.environ["EDITOR"]
        assert len(pilot.app._notifications) == 1
        assert "can't step aside for an editor" in said(pilot)


async def test_a_run_goes_on_behind_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        program(tmp_path, "PAGER", f'cat > /dev/null; until [ -e "{tmp_path}/go" ]; do sleep 0.01; done', monkeypatch)

        async def meanwhile() -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            (tmp_path / "go").write_text("")

        await asyncio.wait_for(asyncio.gather(paging.page(pilot.app, "", {}), meanwhile()), 10)
        assert not isinstance(pilot.app.screen, Pager)


async def test_the_keys_of_the_lanes_still_work_after_the_pager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with outside(tmp_path, monkeypatch) as pilot:
        await fire(pilot)
        await paged(pilot, tmp_path, "alt+l")
        before = app_of(pilot).screen.query_one(Lanes).cursor
        await pilot.press("home", "j")
        await settle(pilot)
        assert app_of(pilot).screen.query_one(Lanes).cursor not in (None, before)
