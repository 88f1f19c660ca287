"""Jump mode: a letter on every pane in sight, on every screen; the letter goes there."""

from __future__ import annotations

import pytest
from textual.geometry import Offset

from tests.tui.catalogues import FakeCatalogue
from tests.tui.piloting import Bench, app_of, bench, fire, settle
from tests.tui.scripted import Puppet, long_run, race_and_judge
from workbench.tui.screens.help import Help
from workbench.tui.screens.jump import Jump, Label
from workbench.tui.screens.yaml import Yaml, YamlText
from workbench.tui.widgets.focus import Detail, DetailTabs


async def labels(pilot: Bench) -> dict[str, Offset]:
    """The keys that are laid over the screen, and where."""
    await pilot.press("ctrl+g")
    await settle(pilot)
    assert isinstance(pilot.app.screen, Jump)
    return {label.goal.key: label.region.offset for label in pilot.app.screen.query(Label)}


@pytest.mark.parametrize(
    ("key", "there"),
    [("p", "PromptText"), ("n", "NotationText"), ("t", "SystemTree"), ("l", "Lanes"), ("d", "Detail")],
)
async def test_a_letter_goes_to_its_pane(key: str, there: str) -> None:
    async with bench(Puppet(long_run(race_and_judge()))) as pilot:
        await fire(pilot)
        assert key in await labels(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert type(app_of(pilot).screen.focused).__name__ == there


async def test_labels_stand_on_their_panes() -> None:
    async with bench() as pilot:
        screen = app_of(pilot).screen
        found = await labels(pilot)
        for key, name in (("p", "PromptText"), ("l", "Lanes"), ("d", "Detail"), ("t", "SystemTree")):
            assert screen.query_one(name).region.contains_point(found[key])


@pytest.mark.parametrize(
    ("size", "key", "tab"),
    [((110, 32), "a", "answer"), ((110, 32), "h", "thinking"), ((110, 32), "m", "money"), ((80, 24), "g", "agreement")],
)
async def test_a_letter_of_its_name_goes_to_a_tab(size: tuple[int, int], key: str, tab: str) -> None:
    async with bench(Puppet(long_run(race_and_judge())), size=size) as pilot:
        await fire(pilot)
        tabs = app_of(pilot).screen.query_one(DetailTabs)
        at = (await labels(pilot))[key]
        assert seen_at(tabs, at.x - tabs.content_region.x) == key
        await pilot.press(key)
        await settle(pilot)
        assert tabs.tab == tab
        assert isinstance(app_of(pilot).screen.focused, Detail)


def seen_at(tabs: DetailTabs, x: int) -> str:
    return str(tabs.render())[x]


@pytest.mark.parametrize("key", ["escape", "z", "enter", "ctrl+g", "f1", "f2", "f3", "f6", "ctrl+p"])
async def test_any_other_key_stays(key: str) -> None:
    async with bench() as pilot:
        await pilot.press("alt+l")
        await labels(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert app_of(pilot).screen is app_of(pilot).bench
        assert type(app_of(pilot).screen.focused).__name__ == "Lanes"


async def test_a_small_window_has_no_letter_for_what_it_hides() -> None:
    async with bench(size=(80, 24)) as pilot:
        found = await labels(pilot)
        assert {"p", "n", "l", "d"} <= set(found)
        assert "t" not in found
        await pilot.press("escape")
        await pilot.press("alt+t")
        await settle(pilot)
        assert "t" in await labels(pilot)


async def test_only_the_pane_that_stands_alone_has_a_letter() -> None:
    async with bench() as pilot:
        await pilot.press("alt+l", "f10")
        await settle(pilot)
        assert [key for key in await labels(pilot) if key.isalpha()] == ["l"]


@pytest.mark.parametrize(
    ("number", "letters"),
    [("2", {"l", "p", "a"}), ("3", {"s"}), ("7", {"l", "s", "d"})],
    ids=["compare", "runs", "models"],
)
async def test_on_the_other_screens(number: str, letters: set[str]) -> None:
    async with bench(catalogue=FakeCatalogue(), size=(120, 40)) as pilot:
        await labels(pilot)
        await pilot.press(number)
        await settle(pilot)
        assert not isinstance(app_of(pilot).screen, Jump)
        assert app_of(pilot).current_mode != "bench"
        assert letters <= set(await labels(pilot))
        await pilot.press(sorted(letters)[-1])
        await settle(pilot)
        assert app_of(pilot).screen.focused is not None


async def test_a_click_on_a_letter_goes_there_and_one_elsewhere_stays() -> None:
    async with bench() as pilot:
        await labels(pilot)
        label = next(label for label in pilot.app.screen.query(Label) if label.goal.key == "d")
        await pilot.click(label)
        await settle(pilot)
        assert type(app_of(pilot).screen.focused).__name__ == "Detail"
        await labels(pilot)
        await pilot.click(offset=(70, 20))
        await settle(pilot)
        assert type(app_of(pilot).screen.focused).__name__ == "Detail"


async def test_a_window_of_another_size_ends_it() -> None:
    async with bench() as pilot:
        await labels(pilot)
        await pilot.resize_terminal(90, 28)
        await settle(pilot)
        assert not isinstance(app_of(pilot).screen, Jump)


async def test_in_a_dialog_the_key_is_the_dialogs() -> None:
    async with bench() as pilot:
        await pilot.press("f1", "ctrl+g")
        await settle(pilot)
        assert isinstance(app_of(pilot).screen, Help)
        await pilot.press("escape", "f8")
        await settle(pilot)
        text = app_of(pilot).screen.query_one(YamlText)
        text.load_text("name: x\nroot: {")
        await pilot.press("ctrl+g")
        await settle(pilot)
        assert isinstance(app_of(pilot).screen, Yaml)
        assert text.cursor_location != (0, 0)
