"""How the Models screen looks at three sizes, in a light theme, and its dialogs. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.catalogues import VLLM, FakeCatalogue
from tests.tui.scripted import services
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.models import Models

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]


def app(theme: str = "workbench-dark") -> WorkbenchApp:
    """The app with the made-up catalogue."""
    made = WorkbenchApp(services(catalogue=FakeCatalogue(known=[VLLM])), system="laconic-then-judge")
    made.theme = theme
    return made


def at(model: str, *pressed: str) -> Callable[[Pilot[Any]], Any]:
    """The screen with the cursor on a model, after keys."""

    async def show(pilot: Pilot[Any]) -> None:
        pilot.app.action_go("models")  # type: ignore[attr-defined]
        for _ in range(3):
            await pilot.pause()
            await pilot.app.workers.wait_for_complete(list(pilot.app.workers))
        screen = pilot.app.screen
        assert isinstance(screen, Models)
        screen._model = model
        screen.draw()
        for key in pressed:
            await pilot.press(key)
            for _ in range(3):
                await pilot.pause()
        await pilot.pause()

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
