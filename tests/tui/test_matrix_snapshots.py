"""Every screen and every dialog at three sizes, in a dark theme and a light one; what other snapshot tests have is left
out here. `--snapshot-update` accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui import test_compare_snapshots as compared
from tests.tui import test_frontier_snapshots as frontiers
from tests.tui import test_models_snapshots as catalogues
from tests.tui import test_runs_snapshots as listed
from tests.tui.lab_pilot import Shelf, ready
from tests.tui.scripted import PROMPT, Puppet, long_run, services, until
from tests.tui.studies import study
from tests.tui.test_tabs import Puppets
from workbench.ledger import Ledger
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.confirm import Confirm

pytestmark = pytest.mark.slow

SIZES = ((80, 24), (120, 40), (200, 60))
DARK, LIGHT = "workbench-dark", "workbench-light"
Do = Callable[[Pilot[Any]], Any]
Compare = Callable[..., bool]
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
by_theme = pytest.mark.parametrize("theme", [DARK, LIGHT])

utc = listed._utc
runs = listed.kept


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    ledger = study(tmp_path_factory.mktemp("frontier") / "ledger.db")
    yield ledger
    ledger.close()


def bench(theme: str, execute: Any = None) -> WorkbenchApp:
    app = WorkbenchApp(services(execute), system="laconic-then-judge", prompt=PROMPT)
    app.theme = theme
    return app


async def settle(pilot: Pilot[Any]) -> None:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    for _ in range(4):
        await pilot.pause()
    if app.screen is app.bench:
        app.bench.tick()
    await pilot.pause()


def pressing(*keys: str) -> Do:
    async def do(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return do


async def asking(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    pilot.app.push_screen(Ask("Write 3 runs to a file", "runs.jsonl", lambda text: (True, "JSON lines")))
    await settle(pilot)


async def confirming(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    pilot.app.push_screen(Confirm("A run is under way. Leave and cancel it?", "cancel it and leave", "stay"))
    await settle(pilot)


async def toasting(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    pilot.app.notify("Tab 2, laconic-then-judge: ✓ done, 6.2 s, $0.0023.", markup=False)
    pilot.app.notify("There are 9 tabs; Alt+W closes one.", severity="warning", markup=False)
    pilot.app.notify("This run is not kept: disk full", severity="error", markup=False)
    await settle(pilot)


VIEWS: dict[str, Do] = {
    "empty": pressing(),
    "help": pressing("f1"),
    "palette": pressing("ctrl+p"),
    "open": pressing("ctrl+o"),
    "system-prompt": pressing("f7"),
    "yaml": pressing("f8"),
    "jump": pressing("ctrl+g"),
    "ask": asking,
    "confirm": confirming,
    "toasts": toasting,
}


@by_size
@by_theme
@pytest.mark.parametrize("view", VIEWS)
def test_over_an_empty_bench(view: str, theme: str, size: tuple[int, int], snap_compare: Compare) -> None:
    assert snap_compare(bench(theme), run_before=VIEWS[view], terminal_size=size)


@by_size
@pytest.mark.parametrize("ms", [5900, 9000])
def test_a_run_in_the_light(ms: int, size: tuple[int, int], snap_compare: Compare) -> None:
    app = bench(LIGHT, Puppet(until(long_run(), ms), ends=ms > 8000))
    assert snap_compare(app, run_before=pressing("ctrl+r"), terminal_size=size)


@by_size
@by_theme
def test_tabs(theme: str, size: tuple[int, int], snap_compare: Compare) -> None:
    do = pressing("ctrl+r", "escape", "ctrl+t", "ctrl+r", "ctrl+t")
    assert snap_compare(bench(theme, Puppets()), run_before=do, terminal_size=size)


@by_size
def test_compare_in_the_light(size: tuple[int, int], snap_compare: Compare) -> None:
    do = compared.on_compare("r", finish=True)
    assert snap_compare(compared.app(theme=LIGHT), run_before=do, terminal_size=size)


@by_size
def test_runs_in_the_light(size: tuple[int, int], snap_compare: Compare, runs: Ledger) -> None:
    assert snap_compare(listed.runs_app(runs, LIGHT), run_before=listed.on_runs(), terminal_size=size)


@by_size
def test_the_frontier_in_the_light(size: tuple[int, int], snap_compare: Compare, systems: Ledger) -> None:
    do = frontiers.on_frontier("j", "j")
    assert snap_compare(frontiers.app_on(systems, LIGHT), run_before=do, terminal_size=size)


@by_size
@pytest.mark.parametrize("drawn", [False, True], ids=["calculator", "curves"])
def test_the_lab_in_the_light(drawn: bool, size: tuple[int, int], snap_compare: Compare) -> None:
    app = WorkbenchApp(services(store=Shelf()), system="laconic-then-judge", prompt=PROMPT)
    app.theme = LIGHT

    async def do(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        if drawn:
            await app.open_lab(["7f3a91c2"])
        else:
            app.action_go("lab")
        await ready(pilot)

    assert snap_compare(app, run_before=do, terminal_size=size)


@by_size
def test_models_in_the_light(size: tuple[int, int], snap_compare: Compare) -> None:
    do = catalogues.at("anthropic/claude-sonnet-4-5")
    assert snap_compare(catalogues.app(LIGHT), run_before=do, terminal_size=size)
