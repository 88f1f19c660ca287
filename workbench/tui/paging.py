"""What F3 shows and F4 edits: the text of the focused pane, in full and without control characters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from textual.app import App
from textual.screen import Screen

from workbench.errors import WorkbenchError
from workbench.tui import external
from workbench.tui.paged import Paged, Shown
from workbench.tui.text import clean
from workbench.tui.widgets.prompt_box import PromptText

BUILT_IN = "builtin"
"""What `defaults.pager` says where the app's own is wanted."""


def shown(screen: Screen[Any]) -> Shown | None:
    """What the focused pane says; None on a screen that has no text."""
    if not isinstance(screen, Paged):
        return None
    box = screen.focused
    return Shown("prompt", box.whole, "prompt") if isinstance(box, PromptText) else screen.paged()


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
    from workbench.tui.screens.pager import Pager

    app.push_screen(Pager(found.title, text, keymap))


async def edit(app: App[Any]) -> None:
    """The focused pane's text in $EDITOR: a prompt comes back into its box, a system onto the bench; else a copy."""
    screen = app.screen
    found = shown(screen)
    if found is None:
        return
    if found.editable == "system":
        await app.run_action("external_editor", default_namespace=screen)
        return
    if found.editable == "yaml" and screen.focused is not None:
        await app.run_action("yaml('editor')", default_namespace=screen.focused)
        return
    try:
        if found.editable == "prompt" and isinstance(box := screen.focused, PromptText):
            box.put(await external.edit(app, box.whole, ".md", hint="The prompt can be edited here."))
        else:
            await external.look(app, clean(found.text))
    except WorkbenchError as error:
        app.notify(clean(str(error)), severity="error", markup=False, timeout=6)
