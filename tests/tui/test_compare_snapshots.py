"""How the Compare screen looks: idle, in mid-run, finished, with four systems, as a diff, judging blind, revealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.compare_scripted import SIMULATED, Stage, app_of, app_with, begin, fire, settle
from tests.tui.scripted import race_and_judge
from workbench.tui.app import WorkbenchApp

SIZES = ((80, 24), (120, 40), (200, 60))
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
Compare = Callable[..., bool]
Do = Callable[[Pilot[Any]], Any]


def app(stage: Stage | None = None, theme: str = "workbench-dark", now_ms: int = 0) -> WorkbenchApp:
    """The app, in this theme."""
    made = app_with(stage, now_ms=now_ms)
    made.theme = theme
    return made


def on_compare(*pressed: str, finish: bool = False, more: int = 0) -> Do:
    """On the Compare screen: two repeats fired to their end, then these keys."""

    async def do(pilot: Pilot[Any]) -> None:
        await pilot.app.run_action("go('compare')")
        await pilot.pause()
        for system in (SIMULATED, race_and_judge(4))[:more]:
            app_of(pilot).comparing.add(system)
        if finish:
            await pilot.press("plus")
            await fire(pilot)
        for key in pressed:
            await pilot.press(key)
            await pilot.pause()
        for _ in range(20):
            await settle(pilot)

    return do


@by_size
def test_idle(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=on_compare())


@by_size
def test_running(snap_compare: Compare, size: tuple[int, int]) -> None:
    stage = Stage(hold=True, until_ms=1900)

    async def do(pilot: Pilot[Any]) -> None:
        await on_compare()(pilot)
        await begin(pilot, stage, 2)

    assert snap_compare(app(stage, now_ms=1900), terminal_size=size, run_before=do)


@by_size
def test_finished(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=on_compare("r", finish=True))


@by_size
def test_four_systems(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=on_compare(finish=True, more=2))


@by_size
def test_blind(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=on_compare("b", finish=True))


def test_finished_light(snap_compare: Compare) -> None:
    made = app(theme="workbench-light")
    assert snap_compare(made, terminal_size=(120, 40), run_before=on_compare(finish=True))


def test_diff(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(120, 40), run_before=on_compare("d", finish=True))


def test_revealed(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(120, 40), run_before=on_compare("b", "1", "t", finish=True))


def test_choosing(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(120, 40), run_before=on_compare("a"))


def test_table_alone(snap_compare: Compare) -> None:
    assert snap_compare(app(), terminal_size=(80, 24), run_before=on_compare("f10", finish=True))
