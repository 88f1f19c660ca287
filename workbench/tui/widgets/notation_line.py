"""The system as notation, editable: the tree follows every change that parses; what does not is explained."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from workbench.errors import NotationError, WorkbenchError
from workbench.systems.nodes import CHECKS, NODES, AnyNode
from workbench.tui import commands
from workbench.tui.services import Notation
from workbench.tui.text import clean, one_line
from workbench.tui.widgets.area import Area
from workbench.tui.widgets.pane import line

_KINDS = "|".join(sorted(str(kind.__struct_config__.tag) for kind in (*NODES, *CHECKS)))
_TOKENS = re.compile(
    rf"(?P<operator>\b(?:{_KINDS})(?=[\[({{]))|(?P<faint>[\[\](){{}},=]|>>)|(?P<strong>\d+(?=\*))"
    r"|(?P<option>\b\w+(?==))|(?P<model>\$?[A-Za-z][\w./:-]*(?:/[\w./:-]+)+)"
)


LONGEST = 20_000
"""Characters of a paste that are taken; no system is as long."""
COLOURED = 2_000
"""Characters of a line that is coloured; what a longer one takes grows with its square."""
_CLOSERS = re.compile(r"\s*[)\]}]+[\[({]?")


class NotationText(Area):
    """The line itself, lightly coloured."""

    PLACE: ClassVar[commands.Where] = "notation"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("notation")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"notation--{n}" for n in ("operator", "faint", "strong", "option", "model")
    }

    def __init__(self) -> None:
        super().__init__(compact=True, highlight_cursor_line=False, placeholder="race(5*local/smollm2-135m@0.8)")
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """The line with operators, models and brackets told apart."""
        text = super().get_line(line_index)
        for match in _TOKENS.finditer(text.plain) if len(text) <= COLOURED else ():
            if match.lastgroup:
                style = self.get_component_rich_style(f"notation--{match.lastgroup}", partial=True)
                text.stylize(style, match.start(), match.end())
        return text

    def pasted(self, text: str) -> str:
        """As much as a system may be."""
        return clean(text)[:LONGEST]

    def action_accept(self) -> None:
        """Enter: done here."""
        self.post_message(NotationLine.Accepted())


class NotationLine(Vertical):
    """The line, and under it where it does not parse."""

    class Changed(Message):
        """The line parses, as the tree that is untold."""

    class Judged(Message):
        """Whether the line parses may have changed."""

    class Accepted(Message):
        """The user is done with the line."""

    def __init__(self, notation: Notation) -> None:
        super().__init__()
        self._notation = notation
        self._root: AnyNode | None = None
        self._printed = ""
        self.untold: AnyNode | None = None
        """What the line was edited to say, until who is told of it has heard."""

    def compose(self) -> ComposeResult:
        """Text and problem."""
        yield NotationText()
        yield Static(id="notation-problem", markup=False)

    @property
    def text(self) -> str:
        """The line as it stands."""
        return self.query_one(NotationText).text

    @property
    def broken(self) -> bool:
        """Whether the line as it stands does not parse."""
        return self.query_one("#notation-problem").display

    @property
    def unread(self) -> str:
        """What stands there where it does not parse; empty where it does."""
        return self.text if self.broken else ""

    def put(self, text: str) -> None:
        """Text of another time that is to be gone on with."""
        self._replace(text)

    def show(self, root: AnyNode) -> None:
        """Print this tree, unless it is the one that the line already says."""
        if root == self._root:
            return
        self._root = root
        self.print()

    def print(self) -> None:
        """Print the tree tidily; what did not parse is replaced."""
        if self._root is not None:
            area = self.query_one(NotationText)
            self._printed = self._print(self._root, max(20, (area.size.width or 80) - 1))
            if area.text != self._printed:
                self._replace(self._printed)
            self._explain(None)

    def _replace(self, text: str) -> None:
        """Undo in the line brings back what stood there, and may not have parsed."""
        area = self.query_one(NotationText)
        area.replace(text, (0, 0), area.document.end)
        area.move_cursor((0, 0))

    def _print(self, root: AnyNode, width: int) -> str:
        pretty = self._notation.print_pretty(root, width)
        hung = hang(pretty, width)
        plain = '"' not in pretty and "'" not in pretty  # only quoted text can be changed by hanging
        return hung if plain or self._notation.parse(hung) == root else pretty

    def on_resize(self) -> None:
        """A tidy line is printed anew for the new width; one that is being edited stays."""
        if self.text == self._printed and not self.query_one(NotationText).has_focus:
            self.print()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Each change is parsed at once."""
        event.stop()
        if self.read():
            self.post_message(self.Changed())

    def read(self) -> bool:
        """Whether the line says another tree than before, which is `untold` then; what does not parse is explained."""
        text = self.text
        if text == self._printed:
            self._explain(None)
            return False
        try:
            root = self._notation.parse(text)
        except WorkbenchError as error:
            self._explain(error)
            return False
        self._printed, self._root, self.untold = text, root, root
        self._explain(None)
        return True

    def _explain(self, error: WorkbenchError | None) -> None:
        told = self.query_one("#notation-problem", Static)
        told.display = error is not None
        self.post_message(self.Judged())
        if error is not None:
            told.update(explanation(error, self.text))


def hang(pretty: str, width: int) -> str:
    """Closing brackets that have a line of their own go to the end of the line before it where they fit; where a line
    does not fit, all are indented by half."""
    rows = pretty.split("\n")
    if any(len(row) > width for row in rows):
        rows = [row[(len(row) - len(row.lstrip())) // 2 :] for row in rows]
    lines: list[str] = []
    for text in rows:
        if lines and _CLOSERS.fullmatch(text) and len(lines[-1]) + len(text.strip()) <= width:
            lines[-1] += text.strip()
        else:
            lines.append(text)
    return "\n".join(lines)


def explanation(error: WorkbenchError, text: str) -> Content:
    """`✗ column 12: expected …`."""
    where = ""
    if isinstance(error, NotationError):
        where = f"column {error.column}" if "\n" not in text else f"line {error.line}, column {error.column}"
    return line(("✗ ", "$state-failed"), (f"{where}: " if where else "", "bold"), one_line(error.message))
