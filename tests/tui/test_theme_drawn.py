"""The contrast of what is really drawn: the Bench in mid-run, help, the palette and a toast in every shipped theme, the
other screens in some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from textual.pilot import Pilot

from tests.tui.colours import contrast
from tests.tui.compare_scripted import app_of, comparing, fire, settle
from tests.tui.many_runs import filled
from tests.tui.test_models_snapshots import app as models
from tests.tui.test_models_snapshots import at
from tests.tui.test_runs import whole
from tests.tui.test_theme_colours import AA, AAA, THEMES
from tests.tui.test_theme_terminal import app, drawn
from workbench.tui import theme
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.terminal import Terminal

NAMES = tuple(name for name in THEMES if name != theme.SIXTEEN)
"""The one for 16 colours is drawn through a filter, see test_theme_terminal.py."""


def low(lines: list[list[Segment]], least: float, behind: frozenset[str] | None = None) -> dict[str, float]:
    """Words whose contrast is too low → how low; only those on the given backgrounds where there are any given."""
    found: dict[str, float] = {}
    for line in lines:
        for text, style, _ in line:
            if style is None or not any(one.isalnum() for one in text):
                continue
            front, back = _hex(style.color), _hex(style.bgcolor)
            if front and back and (behind is None or back in behind) and contrast(front, back) < least:
                found[f"{text.strip()} ({front} on {back})"] = round(contrast(front, back), 2)
    return found


def _hex(color: RichColor | None) -> str:
    return color.triplet.hex.lower() if color is not None and color.triplet is not None else ""


def rows(one: WorkbenchApp) -> list[list[Segment]]:
    return [list(strip) for strip in one.screen._compositor.render_strips()]


SOME = ("workbench-dark", "sand", "contrast")


async def bad(one: WorkbenchApp, pilot: Pilot[Any], names: tuple[str, ...], **more: Any) -> dict[str, dict[str, float]]:
    """Theme → what can't be read in it of what stands on the screen."""
    found: dict[str, dict[str, float]] = {}
    for name in names:
        one.theme = name
        for _ in range(3):
            await pilot.pause()
        own = frozenset(one.theme_variables[variable].lower() for variable in ("bar", "select"))
        too_low = low(rows(one), AAA if name == "contrast" else AA, own if more.get("dialog") else None)
        found |= {name: too_low} if too_low else {}
    return found


async def test_models() -> None:
    one = models()
    async with one.run_test(size=(120, 40)) as pilot:
        await at("anthropic/claude-sonnet-4-5")(pilot)
        assert await bad(one, pilot, SOME) == {}


async def test_compare() -> None:
    async with comparing() as pilot:
        await fire(pilot)
        assert await bad(app_of(pilot), pilot, SOME) == {}
        await pilot.press("d")
        await settle(pilot)
        assert await bad(app_of(pilot), pilot, SOME) == {}


async def test_runs(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger.db", 60)
    async with whole(LedgerStore(lambda: ledger)) as (pilot, one):
        assert await bad(one, pilot, SOME) == {}
    ledger.close()


@pytest.mark.slow
async def test_the_bench_its_dialogs_and_toasts() -> None:
    one = app(Terminal())
    async with one.run_test(size=(120, 40), notifications=True) as pilot:
        await drawn(pilot)
        assert await bad(one, pilot, NAMES) == {}
        for key in ("f1", "ctrl+p"):
            await pilot.press(key)
            for _ in range(4):
                await pilot.pause()
            assert await bad(one, pilot, SOME, dialog=True) == {}
            await pilot.press("escape")
            await pilot.pause()
        one.notify("said", title="Title", severity="warning")
        assert await bad(one, pilot, SOME) == {}
