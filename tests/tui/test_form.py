"""The form of a node under a pilot."""

from __future__ import annotations

import pytest
from textual.dom import DOMNode
from textual.widgets import Input, OptionList, Static

from tests.tui.piloting import Bench, app_of, bench, settle
from tests.tui.test_editing import REASONER, START, at, press, system_of, tree_of
from workbench.models.base import ModelInfo, Prices
from workbench.systems import edits
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.form import Form
from workbench.tui.widgets.form_line import Choice, FormLine, LongText

PRICES = Prices(input=2_500_000, output=10_000_000)
CATALOGUE = [
    ModelInfo(name="openai/gpt-4o-mini", provider="l", endpoint="openai", prices=PRICES, context=128_000),
    ModelInfo(
        name="openai/gpt-4o", provider="l", endpoint="openai", prices=PRICES, available=False, problem="no API key"
    ),
]


def search(text: str) -> list[ModelInfo]:
    return [info for info in CATALOGUE if text in info.name]


def opened(pilot: Bench) -> bool:
    return isinstance(pilot.app.screen, Form)


def line(pilot: Bench, key: str) -> FormLine:
    return next(one for one in pilot.app.screen.query(FormLine) if one.entry.key == key)


def note(pilot: Bench, key: str) -> str:
    return line(pilot, key).note.plain


def help_of(pilot: Bench) -> str:
    return str(pilot.app.screen.query_one("#field-help", Static).render())


async def type_in(pilot: Bench, key: str, text: str) -> None:
    line(pilot, key).box.focus()
    await pilot.pause()
    line(pilot, key).put(text)
    await pilot.pause()


async def test_enter_on_a_node_edits_its_fields_in_one_step() -> None:
    async with bench() as pilot:
        await at(pilot, "of.0/of.0")
        await press(pilot, "enter")
        assert opened(pilot)
        await type_in(pilot, "temperature", "0.3")
        await type_in(pilot, "max_tokens", "500")
        await press(pilot, "enter")
        assert not opened(pilot)
        node = edits.get(app_of(pilot).session.system, "of.0/of.0")
        assert (node.temperature, node.max_tokens, node.model) == (0.3, 500, REASONER)  # type: ignore[union-attr]
        await press(pilot, "u")
        assert system_of(pilot) == START


async def test_no_line_of_a_form_is_styled_again_once_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[DOMNode] = []
    update = WorkbenchApp.update_styles

    def noted(app: WorkbenchApp, node: DOMNode, animate: bool = True) -> None:
        styled.append(node)
        update(app, node, animate)

    async with bench() as pilot:
        await at(pilot, "of.0/of.0")
        monkeypatch.setattr(WorkbenchApp, "update_styles", noted)
        await press(pilot, "enter")
        assert opened(pilot)
        assert pilot.app.screen.has_class("-roomy")
        assert [type(node).__name__ for node in styled if isinstance(node, Form | FormLine | LongText)] == []
        assert sum(isinstance(node, Input) for node in styled) <= 5, "those that hold a value, and the focused one"


async def test_errors_stand_beside_the_field_as_it_is_typed_and_nothing_is_applied() -> None:
    async with bench() as pilot:
        await at(pilot, "of.0/of.0")
        await press(pilot, "e", "tab", "tab", "x")
        assert note(pilot, "temperature") == "✗ number 0 – 5"
        assert "Sampling temperature" in help_of(pilot)
        line(pilot, "model").box.focus()
        await press(pilot, "ctrl+s")
        assert opened(pilot)
        assert line(pilot, "temperature").box.has_focus
        await press(pilot, "escape")
        assert "Not applied yet" in help_of(pilot)
        await press(pilot, "escape")
        assert not opened(pilot)
        assert system_of(pilot) == START


async def test_choices_turn_by_arrow_letter_and_mouse() -> None:
    async with bench(size=(120, 40)) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "enter", "down", "down", "right")
        assert line(pilot, "rule").text == "shortest"
        await press(pilot, "f")
        assert line(pilot, "rule").text == "first"
        await pilot.click(line(pilot, "losers").query_one(Choice), offset=(11, 0))
        await settle(pilot)
        assert line(pilot, "losers").text == "finish"
        await press(pilot, "up", "up", "enter")
        assert "race[take=3, losers=finish]" in system_of(pilot)


async def test_models_are_completed_with_price_context_and_missing_key() -> None:
    async with bench(search=search, size=(120, 40)) as pilot:
        await at(pilot, "of.0/of.0")
        await press(pilot, "enter")
        await type_in(pilot, "model", "gpt-4o")
        for _ in range(20):
            offered = pilot.app.screen.query_one("#models", OptionList)
            if offered.display:
                break
            await settle(pilot)
        said = [str(option.prompt) for option in offered.options]
        assert [name.split()[0] for name in said] == ["openai/gpt-4o", "openai/gpt-4o-mini"]
        assert "key missing" in said[0]
        assert "$2.50 / $10.00   128k" in said[1]
        await press(pilot, "down", "down", "enter")
        assert line(pilot, "model").text == "openai/gpt-4o-mini"
        await press(pilot, "enter")
        assert "10*openai/gpt-4o-mini@0.8" in system_of(pilot)


async def test_long_texts_keep_their_lines() -> None:
    async with bench() as pilot:
        await at(pilot, "judge")
        await press(pilot, "enter")
        line(pilot, "system").box.focus()
        await press(pilot, "a", "enter", "b", "ctrl+s")
        node = edits.get(app_of(pilot).session.system, "judge")
        assert node.system == "a\nb"  # type: ignore[union-attr]


async def test_the_system_as_a_whole_has_a_form() -> None:
    async with bench() as pilot:
        await at(pilot, "")
        await press(pilot, "i")
        await type_in(pilot, "budget/max_usd", "0.2")
        await type_in(pilot, "tags", "maths, race")
        await press(pilot, "enter")
        system = app_of(pilot).session.system
        assert (system.budget.max_usd, system.tags) == (0.2, ("maths", "race"))
        assert tree_of(pilot).has_focus


async def test_a_double_click_opens_the_form() -> None:
    async with bench() as pilot:
        await pilot.click("SystemTree", offset=(12, 1), times=2)
        await settle(pilot)
        assert opened(pilot)
