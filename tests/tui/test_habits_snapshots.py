"""How jump mode, the hints and the app's own pager look. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.catalogues import FakeCatalogue
from tests.tui.scripted import MS, PROMPT, STARTED, Puppet, long_run, race_and_judge, services
from workbench.tui.app import WorkbenchApp
from workbench.tui.memory import Memory

SIZES = ((80, 24), (120, 40))
Compare = Callable[..., bool]


def app(memory: Path | None = None) -> WorkbenchApp:
    system = race_and_judge()
    given = services(
        Puppet(long_run(system)),
        catalogue=FakeCatalogue(),
        now=lambda: STARTED + 9000 * MS,
        memory=None if memory is None else Memory(memory / "session.json"),
    )
    return WorkbenchApp(given, system=system, prompt=PROMPT)


def keys(*pressed: str, hints: bool = False) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        made = pilot.app
        assert isinstance(made, WorkbenchApp)
        while not (made.screen.query("AgreementPane") and made.focused is not None):
            await pilot.pause()
        while hints and made.hints.shown is None:
            await pilot.pause()
        for key in pressed:
            await pilot.press(key)
            for _ in range(4):
                await pilot.pause()
            made.bench.tick()
            made.hints.look()
            await pilot.pause()

    return press


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("room", ["1", "2", "7"], ids=["bench", "compare", "models"])
def test_jump(snap_compare: Compare, size: tuple[int, int], room: str) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=keys("ctrl+r", "alt+l", room, "ctrl+g"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("step", [0, 1, 2], ids=["run", "read", "more"])
def test_hint(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], step: int) -> None:
    pressed = ("ctrl+r", "f9")[:step]
    assert snap_compare(app(tmp_path), terminal_size=size, run_before=keys(*pressed, hints=True))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_pager(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(), terminal_size=size, run_before=keys("alt+t", "f3"))
