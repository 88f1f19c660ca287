"""One registry feeds keys, key bar, palette, help and the page in docs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import actions

from tests.tui import dispatched
from workbench.tui import commands
from workbench.tui.app import WorkbenchApp
from workbench.tui.commands import COMMANDS, PLACES, Where
from workbench.tui.screens.bench import Bench
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.compare_blind import Blind
from workbench.tui.screens.frontier import FrontierScreen
from workbench.tui.screens.help import contents
from workbench.tui.screens.lab import Lab
from workbench.tui.screens.models import Models
from workbench.tui.screens.pager import Pager
from workbench.tui.screens.runs import Runs
from workbench.tui.screens.yaml import YamlText
from workbench.tui.widgets.columns import LaneColumns
from workbench.tui.widgets.focus import Detail
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.scatter import Scatter
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.transport import TransportBar

OWNERS: dict[Where, type] = {
    "app": WorkbenchApp,
    "bench": Bench,
    "prompt": PromptText,
    "lanes": Lanes,
    "columns": LaneColumns,
    "detail": Detail,
    "tree": SystemTree,
    "notation": NotationText,
    "yaml": YamlText,
    "pager": Pager,
    "transport": TransportBar,
    "compare": Compare,
    "blind": Blind,
    "runs": Runs,
    "frontier": FrontierScreen,
    "lab": Lab,
    "chart": Scatter,
    "models": Models,
}


def target(command: commands.Command) -> tuple[type, str, tuple[object, ...]]:
    """Whose action it is, its name, and what it is given."""
    namespace, action, params = actions.parse(command.call)
    return {"screen": Bench, "app": WorkbenchApp}.get(namespace, OWNERS[command.where]), action, params


def test_docs_keys_is_made_from_the_registry() -> None:
    page = Path(__file__).parents[2] / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == commands.markdown(), "python -m workbench.tui.commands > docs/keys.md"


def test_ids_are_unique() -> None:
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("where", PLACES)
def test_no_two_commands_of_a_place_share_a_key(where: Where) -> None:
    keys = [key for command in commands.of(where) for key in command.keys.split(",") if key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("where", ["lanes", "columns", "detail", "tree", "notation"])
def test_no_key_of_a_pane_is_taken_before_by_one_of_the_bench_or_the_app(where: Where) -> None:
    before = {key for room in ("bench", "app") for c in commands.of(room) if c.priority for key in c.keys.split(",")}
    own = {key for c in commands.of(where) for key in c.keys.split(",")} - {""}
    assert not before & own


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_does_something_and_explains_itself(command: commands.Command) -> None:
    owner, action, _ = target(command)
    assert hasattr(owner, f"action_{action}"), f"{owner.__name__} has no action {action}"
    assert command.help.endswith(".")


@pytest.mark.parametrize("where", PLACES)
def test_help_lists_every_key_of_the_place(where: Where) -> None:
    told = contents(where, {}).plain
    for command in (*commands.of(where), *commands.of("app")):
        for key in commands.keys_of(command):
            assert key in told


def test_a_command_is_tested_where_its_owner_did_just_that() -> None:
    everything = [target(command) for command in COMMANDS]
    assert not dispatched.untested(everything)
    owner, action, params = target(next(command for command in COMMANDS if command.id == "to_tab_8"))
    others = [act for act in everything if act != (owner, action, params)]
    assert dispatched.untested(others) == ["to_tab_8"]
    assert dispatched.untested([*others, (WorkbenchApp, action, params), (owner, action, (10,))]) == ["to_tab_8"]
    assert not dispatched.untested([*others, (type("Sub", (owner,), {}), action, params)])


def test_key_names() -> None:
    keys = ("ctrl+r", "escape", "alt+enter", "f1", "question_mark", "G", "plus")
    assert [commands.key_name(key) for key in keys] == ["^R", "Esc", "Alt+Enter", "F1", "?", "G", "+"]


def test_remapped_keys_are_shown() -> None:
    run = next(command for command in COMMANDS if command.id == "run")
    assert commands.keys_of(run, {"run": "f9"}) == ["F9"]
