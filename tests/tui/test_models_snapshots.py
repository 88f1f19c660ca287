"""How the Models screen looks at three sizes, in a light theme, and its dialogs. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.catalogues import VLLM, FakeCatalogue
from tests.tui.models_pilot import choose, only_models, press, settle
from tests.tui.scripted import services
from workbench.tui.app import WorkbenchApp

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]


def app(theme: str = "workbench-dark") -> WorkbenchApp:
    """The app with the made-up catalogue."""
    made = WorkbenchApp(services(catalogue=FakeCatalogue(known=[VLLM])), system="laconic-then-judge")
    made.theme = theme
    return only_models(made)


def at(model: str, *pressed: str) -> Callable[[Pilot[Any]], Any]:
    """The screen with the cursor on a model, after keys."""

    async def show(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await choose(pilot, model)
        for key in pressed:
            await press(pilot, key)

    return show


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_priced(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=at("anthropic/claude-sonnet-4-5"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_after_calls(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=at("local/smollm2-135m", "t", "c"))


def test_light(snap_compare: Compare) -> None:
    shown = at("deepseek/deepseek-reasoner", "slash", "e")
    assert snap_compare(app("workbench-light"), terminal_size=(120, 40), run_before=shown)


def test_asks(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(120, 40), run_before=at("anthropic/claude-sonnet-4-5", "t"))


def test_add(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(80, 24), run_before=at("sim/small", "a", "x", "enter"))
