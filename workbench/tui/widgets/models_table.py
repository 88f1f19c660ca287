"""Thousands of models in one widget: only lines in sight are drawn, and each only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.tui import model_rows
from workbench.tui.model_rows import Row
from workbench.tui.states import COLOURS
from workbench.tui.widgets.drawn import DrawnLines


class ModelsTable(DrawnLines, ScrollView, can_focus=True, inherit_bindings=False):
    """Draws rows; the screen says which, and which of them is chosen."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "models"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"models--{colour}" for colour in COLOURS),
        *(f"models--{name}" for name in ("muted", "quiet", "name", "cursor", "cursor-blurred")),
    }

    @dataclass
    class Pointed(Message):
        """The cursor stands on a model; `opened` when it is wanted on the Bench."""

        model: str
        opened: bool = False

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._chosen = -1
        self._empty = ""

    def show(self, rows: Sequence[Row], chosen: int, empty: str) -> None:
        """Draw these; `empty` is said where there are none."""
        if rows is not self._rows:
            self._lines.clear()
        self._rows, self._chosen, self._empty = rows, chosen, empty
        size = Size(self.size.width, len(rows) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
        self.reveal()
        self.refresh()

    @property
    def page(self) -> int:
        """Rows in sight."""
        return max(1, self.size.height - 2)

    def reveal(self) -> None:
        """Scroll so that the cursor is in sight."""
        row, room, top = self._chosen, self.size.height - 1, self.scroll_offset.y
        if row < 0 or room < 1:
            return
        if row < top:
            self.scroll_to(y=row, animate=False, immediate=True)
        elif row >= top + room:
            self.scroll_to(y=row - room + 1, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """The titles on the first line, a model on each other."""
        columns = model_rows.columns(self.scrollable_content_region.width)
        if y == 0:
            return self._strip(("head", columns), model_rows.head(columns))
        place = y - 1 + self.scroll_offset.y
        if place >= len(self._rows):
            said = f" {self._empty}" if y == 1 and not self._rows else ""
            return self._strip(("empty", said), ((said, "muted"),))
        under = ""
        if place == self._chosen:
            under = "cursor" if self.has_focus else "cursor-blurred"
        row = self._rows[place]
        return self._strip((row.name, columns), model_rows.cells(row, columns), under)

    def on_click(self, event: events.Click) -> None:
        """Point at the model that was clicked; a second click puts it on the Bench."""
        place = event.y - 1 + self.scroll_offset.y
        if event.y > 0 and place < len(self._rows):
            self.post_message(self.Pointed(self._rows[place].name, opened=event.chain > 1))
