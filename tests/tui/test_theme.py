"""Themes: shipped ones are complete and readable, a bad file is told of and left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from tests.tui.scripted import services
from workbench import paths
from workbench.config import Config, DefaultsConfig
from workbench.errors import InputError
from workbench.tui import theme
from workbench.tui.app import WorkbenchApp

SHIPPED = theme.load((paths.shipped_themes_dir(),))
GOOD = "name: mine\ncolors:\n  primary: '#102030'\n"


def test_the_shipped_themes_are_good() -> None:
    assert SHIPPED.problems == ()
    assert {one.name for one in SHIPPED.themes} >= {"workbench-dark", "workbench-light"}


@pytest.mark.parametrize("file", theme.shipped(), ids=lambda file: str(file.stem))
def test_a_shipped_theme_says_the_same_to_the_reader_of_the_users(file: Path, tmp_path: Path) -> None:
    mine = tmp_path / file.name
    mine.write_bytes(file.read_bytes())
    assert theme.load_file(mine) == theme.load_file(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "line 1: "),
        ("name: x\ncolors:\n  primary: 'a\n", "line 4: found unexpected end of stream"),
        ("name: x\ncolors: {primary: notacolour}\n", "notacolour"),
        ("name: x\n", "colors"),
        ("name: x\ncolors: {primary: '#fff', nonsense: '#fff'}\n", "nonsense"),
        ("name: x\nshape: round\ncolors: {primary: '#fff'}\n", "shape"),
        ("name: x\ncolors: {}\n", "primary"),
        ("name: x\ncolors: {primary: ''}\n", "primary: '' is no colour"),
        ("name: x\ncolors: {primary: '#fff'}\nvariables: {state-won: bold}\n", "state-won: 'bold' is no colour"),
        ("name: x\ncolors: {primary: '#fff'}\nvariables: {faint: '#fff 40%'}\n", "faint: '#fff 40%' is no colour"),
        ("name: ''\ncolors: {primary: '#fff'}\n", "name"),
        ("- 1\n", "bad.yaml"),
        ("\x00\x01", "bad.yaml"),
    ],
)
def test_a_bad_file_names_itself_and_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        theme.load_file(file)
    assert said in str(caught.value)
    assert "bad.yaml" in str(caught.value)


def test_bad_files_do_not_cost_the_good_ones(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: [", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD, encoding="utf-8")
    found = theme.load((tmp_path,))
    assert [one.name for one in found.themes] == ["mine"]
    assert len(found.problems) == 1


async def test_a_bad_user_theme_is_a_toast_and_a_missing_one_falls_back() -> None:
    folder = paths.themes_dir()
    folder.mkdir(parents=True)
    (folder / "broken.yaml").write_text("name: [", encoding="utf-8")
    app = WorkbenchApp(services(config=Config(defaults=DefaultsConfig(theme="nowhere"))))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.theme == theme.DEFAULT
        said = " ".join(str(notification.message) for notification in app._notifications)
        assert "broken.yaml" in said
        assert "nowhere" in said


async def test_the_user_s_own_theme_is_used() -> None:
    folder = paths.themes_dir()
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(GOOD, encoding="utf-8")
    app = WorkbenchApp(services(config=Config(defaults=DefaultsConfig(theme="mine"))))
    async with app.run_test():
        assert app.theme == "mine"


async def test_textual_s_own_themes_get_our_variables() -> None:
    app = WorkbenchApp(services())
    async with app.run_test() as pilot:
        for name in BUILTIN_THEMES:
            app.theme = name
            await pilot.pause()
            assert app.theme == name
            for ours in theme.EXTRA:
                assert not app.theme_variables[ours].startswith("auto"), f"{ours} could not colour a rule"


def test_a_theme_may_say_text_styles_and_shares(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD + "variables: {block-cursor-text-style: bold italic, border: '#fff 40%'}\n", encoding="utf-8")
    assert theme.load_file(file).name == "mine"
