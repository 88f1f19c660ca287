"""What F3 shows and F4 edits: the text of the focused pane, in full and without control characters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from workbench.errors import WorkbenchError
from workbench.systems import files
from workbench.tui import external
from workbench.tui.screens.bench import Bench
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.models import Models
from workbench.tui.screens.pager import Pager
from workbench.tui.screens.runs import Runs
from workbench.tui.screens.yaml import Yaml, YamlText
from workbench.tui.text import clean
from workbench.tui.widgets.agreement import AgreementPane
from workbench.tui.widgets.compare_answers import CompareAnswers
from workbench.tui.widgets.focus import Detail
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.run_preview import RunPreview
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.verdict import VerdictPane
from workbench.tui.widgets.words_pane import WordsPane

BUILT_IN = "builtin"
"""What `defaults.pager` says where the app's own is wanted."""
WIDTH = 100
"""Cells that tables are laid out for."""
Editable: TypeAlias = Literal["prompt", "system", "yaml", "copy"]


@dataclass(frozen=True, slots=True)
class Shown:
    """The focused pane's text, and what may be done with it."""

    title: str
    text: str
    editable: Editable = "copy"


def shown(screen: Screen[Any]) -> Shown | None:
    """What the focused pane says; None on a screen that has no text."""
    match screen, screen.focused:
        case Yaml(), _:
            return Shown("system as YAML", screen.query_one(YamlText).text, "yaml")
        case _, PromptText() as box:
            return Shown("prompt", box.whole, "prompt")
        case Bench(), NotationText() as notation:
            return Shown("notation", notation.text, "system")
        case Bench(), SystemTree():
            return Shown("system as YAML", files.dumps(screen.session.system), "system")
        case Bench(), widget:
            return _of_run(screen, widget)
        case Compare(), _:
            return Shown("answers", screen.query_one(CompareAnswers).reading())
        case Runs(), _:
            return Shown("run", screen.query_one(RunPreview).reading())
        case Models(), _:
            return Shown("model", "\n\n".join(pane.at(WIDTH).plain for pane in screen.query(WordsPane)))
        case _:
            return None


def _of_run(screen: Bench, focused: Widget | None) -> Shown:
    detail = screen.query_one(Detail)
    if focused is not None and focused.id == "verdicts":
        panes: list[Pane] = [screen.query_one(VerdictPane), screen.query_one(AgreementPane)]
        return Shown("verdict and agreement", "\n\n".join(pane.reading(WIDTH) for pane in panes))
    if focused is detail:
        return Shown(detail.tab, detail.reading())
    return Shown("answer", detail.reading("answer"))


def command(wanted: str) -> list[str] | None:
    """The pager that `defaults.pager` (`wanted`) names, else $PAGER, else one that is there; None for the app's own.
    Raises `EditorError` about one that can't be read."""
    if wanted.strip() == BUILT_IN:
        return None
    words = external.words_of(wanted, "defaults.pager") if wanted.strip() else external.said("PAGER")
    if words:
        return words
    if found := shutil.which("less"):
        return [found, "-R"]
    return [found] if (found := shutil.which("more")) and os.name != "nt" else None


async def page(app: App[Any], wanted: str, keymap: Mapping[str, str]) -> None:
    """The focused pane's text in the pager; in the app's own where there is no other, or no way to step aside."""
    found = shown(app.screen)
    if found is None:
        return
    text = clean(found.text)
    if not text.strip():
        app.notify("There is nothing to read here yet.", markup=False, timeout=3)
        return
    try:
        words = command(wanted)
        if words is not None:
            await external.aside(app, words, text=text.rstrip("\n") + "\n", linger=True)
            return
    except external.NoWayAside:
        pass
    except (WorkbenchError, OSError) as error:
        said = clean(str(error)) if isinstance(error, WorkbenchError) else f"{words[0]} can't be started"  # type: ignore[index]
        app.notify(f"{said}. The text is shown here; $PAGER chooses another.", severity="warning", markup=False)
    app.push_screen(Pager(found.title, text, keymap))


async def edit(app: App[Any]) -> None:
    """The focused pane's text in $EDITOR: a prompt comes back into its box, a system onto the bench; else a copy."""
    screen = app.screen
    found = shown(screen)
    if found is None:
        return
    if found.editable == "system" and isinstance(screen, Bench):
        await screen.action_external_editor()
        return
    if found.editable == "yaml":
        screen.query_one(YamlText).action_yaml("editor")
        return
    try:
        if found.editable == "prompt" and isinstance(box := screen.focused, PromptText):
            box.put(await external.edit(app, box.whole, ".md", hint="The prompt can be edited here."))
        else:
            await external.look(app, clean(found.text))
    except WorkbenchError as error:
        app.notify(clean(str(error)), severity="error", markup=False, timeout=6)
