"""Themes of the user's own, while the app is open: taken as they are saved, told of when they are bad or gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.theme import Theme

from tests.tui.scripted import services
from workbench import paths
from workbench.config import Config, DefaultsConfig
from workbench.tui import theme
from workbench.tui.app import WorkbenchApp
from workbench.tui.theme_watch import Stamps, Watch, stamps


def text(name: str = "mine", background: str = "#102030") -> str:
    return f"name: {name}\ncolors:\n  primary: '#80a0c0'\n  background: '{background}'\n"


@pytest.fixture
def folder() -> Path:
    made = paths.themes_dir()
    made.mkdir(parents=True)
    (made / "mine.yaml").write_text(text(), encoding="utf-8")
    return made


class Looks:
    """Stands in for the file system's times: a file is new when it is said to be."""

    def __init__(self) -> None:
        self.turn = 0

    def __call__(self, folder: Path) -> Stamps:
        self.turn += 1
        return dict.fromkeys(theme.files(folder), (self.turn, 0))


def app(wanted: str = "mine") -> WorkbenchApp:
    made = WorkbenchApp(services(config=Config(defaults=DefaultsConfig(theme=wanted))))
    made.watch_folder._look = Looks()
    return made


def said(one: WorkbenchApp) -> str:
    return " ".join(str(notification.message) for notification in one._notifications)


async def test_a_saved_theme_is_on_the_screen_at_once(folder: Path) -> None:
    one = app()
    async with one.run_test() as pilot:
        assert one.bench.styles.background.hex == "#102030"
        (folder / "mine.yaml").write_text(text(background="#203040"), encoding="utf-8")
        await one.look_at_themes()
        await pilot.pause()
        assert one.bench.styles.background.hex == "#203040"
        assert said(one) == ""


async def test_a_new_file_is_a_new_theme(folder: Path) -> None:
    one = app(theme.DEFAULT)
    async with one.run_test():
        (folder / "other.yaml").write_text(text("other"), encoding="utf-8")
        await one.look_at_themes()
        assert "other" in one.available_themes
        assert one.theme == theme.DEFAULT


async def test_a_bad_file_is_told_of_once_and_the_last_good_one_stays(folder: Path) -> None:
    one = app()
    one.watch_folder._look = stamps
    async with one.run_test() as pilot:
        (folder / "mine.yaml").write_text(text(background="nonsense"), encoding="utf-8")
        for _ in range(3):
            await one.look_at_themes()
        await pilot.pause()
        assert one.theme == "mine"
        assert one.bench.styles.background.hex == "#102030"
        assert len(one._notifications) == 1
        assert "mine.yaml" in said(one)
        assert "nonsense" in said(one)


async def test_a_theme_that_goes_falls_back_and_comes_back(folder: Path) -> None:
    one = app()
    async with one.run_test() as pilot:
        (folder / "mine.yaml").unlink()
        await one.look_at_themes()
        await pilot.pause()
        assert one.theme == theme.DEFAULT
        assert "mine" not in one.available_themes
        assert "'mine' is gone" in said(one)
        (folder / "mine.yaml").write_text(text(), encoding="utf-8")
        await one.look_at_themes()
        assert one.theme == "mine"


async def test_a_theme_chosen_since_is_not_taken_away(folder: Path) -> None:
    one = app()
    async with one.run_test():
        (folder / "mine.yaml").unlink()
        await one.look_at_themes()
        one.theme = "moss"
        (folder / "mine.yaml").write_text(text(), encoding="utf-8")
        await one.look_at_themes()
        assert one.theme == "moss"


async def test_a_shipped_theme_that_was_changed_comes_back_as_it_was(folder: Path) -> None:
    (folder / "mine.yaml").write_text(text("moss"), encoding="utf-8")
    one = app("moss")
    async with one.run_test() as pilot:
        assert one.bench.styles.background.hex == "#102030"
        (folder / "mine.yaml").unlink()
        await one.look_at_themes()
        await pilot.pause()
        assert one.theme == "moss"
        assert one.bench.styles.background.hex != "#102030"
        assert said(one) == ""


async def test_the_folder_may_come_later() -> None:
    one = app(theme.DEFAULT)
    async with one.run_test():
        await one.look_at_themes()
        paths.themes_dir().mkdir(parents=True)
        (paths.themes_dir() / "late.yaml").write_text(text("late"), encoding="utf-8")
        await one.look_at_themes()
        assert "late" in one.available_themes


async def test_the_app_looks_by_itself(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    looked: list[float] = []
    monkeypatch.setattr(WorkbenchApp, "set_interval", lambda self, seconds, call, **more: looked.append(seconds))
    async with app().run_test():
        assert looked == [1.0]


def test_a_renamed_theme_leaves_its_old_name(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text("one"), encoding="utf-8")
    watch = Watch(tmp_path, {}, Looks())
    assert [found.name for found in watch.changes().themes] == ["one"]
    file.write_text(text("two"), encoding="utf-8")
    found = watch.changes()
    assert [one.name for one in found.themes] == ["two"]
    assert found.gone == ("one",)


def test_an_editor_s_hidden_file_is_no_theme_and_a_still_folder_says_nothing(tmp_path: Path) -> None:
    (tmp_path / ".#a.yaml").write_text("name: [", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text("one"), encoding="utf-8")
    watch = Watch(tmp_path, {"one": Theme("one", primary="#000000")})
    assert watch.changes().problems == ()
    assert watch.changes().themes == ()


async def test_themes_that_are_not_in_use_come_after_the_first_frame(folder: Path) -> None:
    (folder / "moss.yaml").write_text(text("moss"), encoding="utf-8")
    one = WorkbenchApp(services(), lazily=True)
    assert one.theme == theme.DEFAULT
    assert "dusk" not in one.available_themes
    async with one.run_test():
        await one.look_at_themes()
        assert {found.stem for found in theme.shipped()} <= set(one.available_themes)
        assert one.available_themes["moss"].background == "#102030"
        (folder / "moss.yaml").unlink()
        await one.look_at_themes()
        assert one.available_themes["moss"].background != "#102030"


@pytest.mark.parametrize(("wanted", "worn"), [("nowhere", theme.DEFAULT), ("mine", "mine"), ("nord", "nord")])
def test_the_wanted_theme_is_there_for_the_first_frame(folder: Path, wanted: str, worn: str) -> None:
    one = WorkbenchApp(services(config=Config(defaults=DefaultsConfig(theme=wanted))), lazily=True)
    assert one.theme == worn


def test_a_shipped_file_is_called_what_its_theme_is() -> None:
    for file in theme.shipped():
        assert theme.load_file(file).name == file.stem
