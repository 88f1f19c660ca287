"""How the tree editor looks: tree with problems, kinds, form, gallery, save as and YAML, at three sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.idling import MOMENT
from tests.tui.scripted import PROMPT, STARTED, FakeSystems, race_and_judge, services
from tests.tui.test_form import CATALOGUE
from workbench.ledger.past_calls import PastCalls
from workbench.models.base import ModelInfo
from workbench.systems import notation
from workbench.systems.nodes import System
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.open import Open
from workbench.tui.screens.yaml import Yaml
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.form_line import FormLine
from workbench.tui.widgets.system_tree import SystemTree

SIZES = ((80, 24), (120, 40), (200, 60))
Compare = Callable[..., bool]
Act = Callable[[Pilot[Any]], Any]
DOUBTS = (
    Doubt("error", "take 12 of 10 candidates can't be reached", "of.0", "Take fewer."),
    Doubt("warning", "10 replicas with the same seed may be 10 copies", "of.0/of.0", "Leave the seed empty."),
    Doubt("info", "the judge sees only the survivors", ""),
)
S = 1_000_000_000


def past(models: Sequence[str]) -> dict[str, PastCalls]:
    return {model: PastCalls((280, 300, 900), (4 * S, 5 * S, 9 * S)) for model in models}


def search(text: str) -> list[ModelInfo]:
    return [info for info in CATALOGUE if text in info.name]


def the_bench(theme: str = "workbench-dark") -> WorkbenchApp:
    council = System(
        name="council-9",
        description="Nine advisors answer; a judge writes the best final answer from theirs.",
        source="Networks of Networks, arXiv:2407.16831",
        example="Give three reasons why ships float.",
        root=notation.parse("judge[openai/gpt-4o](9*openai/gpt-4o-mini@0.7)"),
    )
    quick = System(name="quick", description="The quickest of three.", root=notation.parse("race(3*openai/o3)"))
    app = WorkbenchApp(
        services(
            systems=FakeSystems(council, quick),
            forecast=lambda system, allow_code: Forecast(11, 11, DOUBTS),
            past_calls=past,
            search=search,
            now=lambda: STARTED,
        ),
        system=race_and_judge(),
        prompt=PROMPT,
    )
    app.theme = theme
    return app


def scene(path: str, *keys: str, model: str = "") -> Act:
    """Select a node, press the keys, perhaps type a model's name into the form."""

    async def act(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        await pilot.press("alt+t")
        for _ in range(3):
            await pilot.pause()
        tree = app.bench.query_one(SystemTree)
        tree.focus()
        tree.select(path)
        for key in keys:
            await pilot.press(key)
        if model:
            next(one for one in app.screen.query(FormLine) if one.entry.key == "model").put(model)
            for _ in range(200):
                if app.screen.query_one("#models").display:
                    break
                await pilot.pause(MOMENT)
        for _ in range(200):
            if not isinstance(app.screen, Open) or all(app.screen.entries.values()):
                break
            await pilot.pause(MOMENT)
        for _ in range(12):
            await pilot.pause()
        if isinstance(app.screen, Yaml):
            app.screen.read()
            await pilot.pause()

    return act


SCENES: dict[str, Act] = {
    "tree": scene("of.0"),
    "kinds": scene("of.0", "a"),
    "form-model": scene("of.0/of.0", "enter", model="gpt-4o"),
    "form-race": scene("of.0", "enter", "tab", "0", "tab"),
    "gallery": scene("", "ctrl+o"),
    "yaml": scene("", "f8", "x"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
    assert snap_compare(the_bench(), terminal_size=size, run_before=SCENES[name])


@pytest.mark.parametrize("name", ["tree", "form-race"])
def test_looks_light(snap_compare: Compare, name: str) -> None:
    assert snap_compare(the_bench("workbench-light"), terminal_size=(120, 40), run_before=SCENES[name])
