"""Help for the focused pane, then the keys that work everywhere. Made from the command registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.tui import commands
from workbench.tui.commands import PLACES, Command, Where
from workbench.tui.commands.base import ROOMS
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import wrap
from workbench.tui.widgets.pane import line, lines

KEYS = 26
ABOUT = (
    "A system is a tree of model calls: raced, voted on, judged, verified, nested. Write it as notation, press Enter "
    "in the prompt, and watch every replica. Everything is kept in the ledger, to the token."
)


class Help(Dialog[None]):
    """Dismissed with Esc, ? or q."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,f1,enter", "dismiss", "close")]

    def __init__(self, where: Where, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._where, self._keymap = where, keymap

    def compose(self) -> ComposeResult:
        """The text, scrollable."""
        with Vertical(classes="dialog wide"):
            with VerticalScroll():
                yield Static(contents(self._where, self._keymap, min(104, self.app.size.width * 96 // 100) - 8))
            yield Static(line(("Esc", "$brand"), (" close", "$muted")), classes="keys")


def contents(where: Where, keymap: Mapping[str, str], width: int = 96) -> Content:
    """The focused place first, then its screen (the Bench, where it is no screen of its own) and the app."""
    own_screen = where == "blind" or where in {room for room, _ in ROOMS.values()}
    general: list[Where] = ["app"] if own_screen else ["bench", "app"]
    rows = [Content(ABOUT)]
    for place in [where, *(other for other in general if other != where)]:
        found = PLACES[place]
        rows += [Content(""), line((found.name, "bold $operator"))]
        rows += [line((found.about, "$muted"))] if found.about else []
        rows += [row for command in commands.of(place) for row in _rows(command, keymap, width)]
    return lines(*rows)


def _rows(command: Command, keymap: Mapping[str, str], width: int) -> list[Content]:
    """Keys, and beside them what they do, folded under itself."""
    keys = "  ".join(commands.keys_of(command, keymap)) or f"palette: {command.title}"
    said = wrap(command.help, max(20, width - KEYS))
    if len(keys) >= KEYS:
        said.insert(0, "")
    heads = [keys, *[""] * (len(said) - 1)]
    return [line((head.ljust(KEYS), "$brand"), text) for head, text in zip(heads, said, strict=True)]
