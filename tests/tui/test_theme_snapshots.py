"""How the Bench looks in each shipped theme, in ASCII, in 16 colours and in none. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.test_theme_terminal import app, drawn
from workbench import paths
from workbench.tui import theme
from workbench.tui.terminal import Terminal

Compare = Callable[..., bool]
NAMES = sorted(one.name for one in theme.load((paths.shipped_themes_dir(),)).themes)
SIZES = ((80, 24), (120, 40), (200, 60))


async def running(pilot: Pilot[Any]) -> None:
    """In mid-run, all states on the screen."""
    await drawn(pilot)


@pytest.mark.parametrize("name", NAMES)
def test_the_bench_in(snap_compare: Compare, name: str) -> None:
    one = app(Terminal())
    one.theme = name
    assert snap_compare(one, terminal_size=(120, 40), run_before=running)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_ascii(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(Terminal(ascii=True, encoding="ascii")), terminal_size=size, run_before=running)


@pytest.mark.parametrize("colours", [0, 16, 256])
def test_colours(snap_compare: Compare, colours: int) -> None:
    assert snap_compare(app(Terminal(colours)), terminal_size=(120, 40), run_before=running)
