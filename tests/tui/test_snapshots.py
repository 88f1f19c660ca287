"""How the Bench looks: idle, in mid-run and finished, at three sizes, and its dialogs. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.scripted import MS, PROMPT, STARTED, Puppet, long_run, race_and_judge, services, until
from workbench.tui.app import WorkbenchApp

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]


def bench(ms: int | None, theme: str = "workbench-dark", kind: Any = "real") -> WorkbenchApp:
    """The Bench at a moment of the long run."""
    system = race_and_judge(kind_prefix="" if kind == "real" else "sim/")
    puppet = Puppet(until(long_run(system, kind), ms or 0), ends=ms is None or ms > 8105)
    now = STARTED + (ms or 0) * MS
    app = WorkbenchApp(services(puppet, now=lambda: now), system=system, prompt=PROMPT)
    app.theme = theme
    return app


def keys(*pressed: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        while not (app.screen.query("AgreementPane") and app.focused is not None):
            await pilot.pause()
        for key in pressed:
            await pilot.press(key)
            await pilot.pause()
            app.bench.tick()
            await pilot.pause()
        for _ in range(4):
            await pilot.pause()
        app.bench.tick()
        await pilot.pause()

    return press


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_idle(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(bench(None), terminal_size=size, run_before=keys())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_running(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(bench(6200), terminal_size=size, run_before=keys("ctrl+r"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_finished(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(bench(9000), terminal_size=size, run_before=keys("ctrl+r"))


def test_finished_light(snap_compare: Compare) -> None:
    app = bench(9000, "workbench-light")
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys("ctrl+r"))


def test_simulated(snap_compare: Compare) -> None:
    app = bench(9000, kind="simulated")
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys("ctrl+r"))


def test_money(snap_compare: Compare) -> None:
    pressed = ("ctrl+r", "alt+l", "g", "enter", "4")
    assert snap_compare(bench(9000), terminal_size=(120, 50), run_before=keys(*pressed))


def test_small_tree(snap_compare: Compare) -> None:
    assert snap_compare(bench(6200), terminal_size=(80, 24), run_before=keys("ctrl+r", "alt+t"))


def test_notation_error(snap_compare: Compare) -> None:
    assert snap_compare(bench(None), terminal_size=(120, 40), run_before=keys("f5", "end", "backspace", "x"))


@pytest.mark.parametrize("dialog", ["f1", "ctrl+o"])
def test_dialogs(snap_compare: Compare, dialog: str) -> None:
    assert snap_compare(bench(None), terminal_size=(120, 40), run_before=keys(dialog))


def test_leaving_asks(snap_compare: Compare) -> None:
    assert snap_compare(bench(6200), terminal_size=(120, 40), run_before=keys("ctrl+r", "ctrl+q"))
