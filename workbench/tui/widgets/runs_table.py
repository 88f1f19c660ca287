"""The list of runs, one line each, in one widget: only lines in sight are drawn, and only their pages are asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.ledger.queries import RunQuery, RunRow
from workbench.tui import run_columns
from workbench.tui.run_pages import RunPages
from workbench.tui.states import COLOURS
from workbench.tui.widgets.drawn import DrawnLines

DAY = 3600 * 10**9
"""How long what was drawn of a day stays true: an hour, whatever the time zone."""


class RunsTable(DrawnLines, ScrollView, can_focus=True, inherit_bindings=False):
    """Runs from their pages. Which run is pointed at and which are marked is told by the screen."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "runs"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"runs--{colour}" for colour in COLOURS),
        *(f"runs--{name}" for name in ("muted", "model", "brand", "cursor", "cursor-blurred")),
    }

    @dataclass
    class Pointed(Message):
        """A run was clicked; `opened` where it was clicked twice."""

        index: int
        opened: bool = False

    @dataclass
    class Wanted(Message):
        """Pages that are needed to draw what is in sight."""

        pages: list[int]

    def __init__(self) -> None:
        super().__init__()
        self._pages = RunPages(RunQuery())
        self._cursor = 0
        self._marked: Collection[str] = ()
        self._now = 0
        self._looks: list[tuple[int, RunRow | None, bool, bool]] = []

    def show(self, pages: RunPages, cursor: int, marked: Collection[str], now_ns: int) -> None:
        """Draw this from now on; only lines that look different are drawn again."""
        moved = cursor != self._cursor or pages is not self._pages
        self._pages, self._cursor, self._marked, self._now = pages, cursor, marked, now_ns
        size = Size(self.size.width, len(pages) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh(layout=True)
        if moved:
            self._reveal()
        self._redraw()
        self._want()

    def _redraw(self) -> None:
        top = int(self.scroll_offset.y)
        places = range(top, min(top + self.size.height, len(self._pages)))
        rows = [(index, self._pages.row(index)) for index in places]
        looks = [(index, row, index == self._cursor, row is not None and row.id in self._marked) for index, row in rows]
        before, self._looks = self._looks, looks
        if len(before) != len(looks) or not looks or before[0][0] != top:
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, looks, strict=True), 1) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.outer_size.width, 1) for y in changed))

    @property
    def page(self) -> int:
        """Lines of a screenful."""
        return max(1, self.size.height - 2)

    def sight(self) -> tuple[int, int]:
        """First and last place to draw, with a screenful around them."""
        top = int(self.scroll_offset.y)
        return top - self.page, top + 2 * self.page

    def _reveal(self) -> None:
        """Scroll so that the cursor is in sight."""
        room, top = self.size.height - 1, self.scroll_offset.y
        if room < 1:
            return
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + room:
            self.scroll_to(y=self._cursor - room + 1, animate=False, immediate=True)

    def _want(self) -> None:
        missing = self._pages.missing(*self.sight())
        if missing:
            self.post_message(self.Wanted(missing))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are in sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_resize(self) -> None:
        """More or fewer lines are in sight."""
        self._reveal()
        self._want()

    def render_line(self, y: int) -> Strip:
        """The titles on the first line, a run on each other."""
        width = self.scrollable_content_region.width
        fitted, gap = run_columns.columns(width), run_columns.gap_of(width)
        if y == 0:
            return self._strip(("head", width), lambda: run_columns.head(fitted, gap))
        index = y - 1 + int(self.scroll_offset.y)
        if index >= len(self._pages):
            return Strip.blank(self.size.width, self.rich_style)
        under = ("cursor" if self.has_focus else "cursor-blurred") if index == self._cursor else ""
        row = self._pages.row(index)
        if row is None:
            return self._strip(("missing",), lambda: (("  …", "muted"),), under)
        marked = row.id in self._marked
        return self._strip(
            (row, width, marked, self._now // DAY),
            lambda: run_columns.line(row, fitted, gap, marked=marked, now_ns=self._now),
            under,
        )

    def on_click(self, event: events.Click) -> None:
        """Point at the run that was clicked; a second click opens it."""
        index = event.y - 1 + int(self.scroll_offset.y)
        if event.y > 0 and index < len(self._pages):
            self.post_message(self.Pointed(index, opened=event.chain > 1))
