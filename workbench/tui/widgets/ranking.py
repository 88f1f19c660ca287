"""The systems of the Frontier, one line each: those compared by x, then those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.tui import frontier_rows
from workbench.tui.frontier_asking import Answer
from workbench.tui.text import Cells
from workbench.tui.widgets.drawn import DrawnLines


class Ranking(DrawnLines, ScrollView, can_focus=True, inherit_bindings=False):
    """Draws what was found; the screen says which system is chosen."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "ranking"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"ranking--{name}" for name in ("muted", "name", "won", "retrying", "dominated", "cursor", "cursor-blurred")
    }

    @dataclass
    class Pointed(Message):
        """A system was clicked; `opened` where it was clicked twice."""

        label: str
        opened: bool = False

    def __init__(self) -> None:
        super().__init__()
        self._answer: Answer | None = None
        self._labels: list[str] = []
        self._chosen = ""

    @property
    def labels(self) -> list[str]:
        """The systems in their order."""
        return self._labels

    def show(self, answer: Answer | None, chosen: str) -> None:
        """Draw this from now on."""
        if answer is not self._answer:
            self._lines.clear()
            self._answer = answer
            self._labels = list(answer.labels) if answer is not None else []
        self._chosen = chosen
        size = Size(self.size.width, len(self._labels) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh(layout=True)
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        room, top = self.size.height - 1, self.scroll_offset.y
        if self._chosen not in self._labels or room < 1:
            return
        row = self._labels.index(self._chosen)
        if row < top:
            self.scroll_to(y=row, animate=False, immediate=True)
        elif row >= top + room:
            self.scroll_to(y=row - room + 1, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """The titles on the first line, a system on each other."""
        answer = self._answer
        if answer is None:
            return Strip.blank(self.size.width, self.rich_style)
        columns = frontier_rows.columns(self.scrollable_content_region.width)
        if y == 0:
            return self._strip(("head", columns, answer.question), lambda: frontier_rows.head(answer, columns))
        place = y - 1 + int(self.scroll_offset.y)
        if place >= len(self._labels):
            return Strip.blank(self.size.width, self.rich_style)
        under = ""
        if self._labels[place] == self._chosen:
            under = "cursor" if self.has_focus else "cursor-blurred"
        return self._strip((place, columns), lambda: self._cells(answer, place, columns), under)

    def _cells(self, answer: Answer, place: int, columns: frontier_rows.Columns) -> Cells:
        placed = answer.found.placed
        if place < len(placed):
            return frontier_rows.placed_cells(answer, placed[place], columns)
        return frontier_rows.out_cells(answer.found.left_out[place - len(placed)], columns)

    def on_resize(self) -> None:
        """Other lines are in sight."""
        self._reveal()

    def on_click(self, event: events.Click) -> None:
        """Choose the system that was clicked; a second click opens its runs."""
        place = event.y - 1 + int(self.scroll_offset.y)
        if event.y > 0 and place < len(self._labels):
            self.post_message(self.Pointed(self._labels[place], opened=event.chain > 1))
