"""All replicas, one line each, in one widget: only lines in sight are drawn, and only when they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.engine.view import RunView
from workbench.systems.nodes import AnyNode
from workbench.tui import commands, figures, lane_table
from workbench.tui.lane_filter import ALL
from workbench.tui.lane_table import SORTS, LaneRow, Sort
from workbench.tui.reading import Frame
from workbench.tui.states import COLOURS
from workbench.tui.widgets.drawn import DrawnLines


class Lanes(DrawnLines, ScrollView, can_focus=True):
    """The lanes of a run. Remembers only what the user points at: cursor and order."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "lanes"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"lanes--{colour}" for colour in COLOURS),
        *(f"lanes--{name}" for name in ("muted", "line", "strong", "heading", "cursor", "cursor-blurred")),
    }
    PLACE: ClassVar[commands.Where] = "lanes"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("lanes")

    @dataclass
    class Pointed(Message):
        """The cursor stands on a call; `opened` when its detail is wanted."""

        call: str
        opened: bool = False

    @dataclass
    class Stopped(Message):
        """This call is not wanted any more."""

        call: str

    def __init__(self) -> None:
        super().__init__()
        self._frame = Frame(RunView())
        self._root: AnyNode | None = None
        self._rows: list[LaneRow] = []
        self._laid = -1
        """Of how many calls the rows were made; -1 where their order changes as the calls go on."""
        self._full = 64
        self._contents = lane_table.Contents()
        self._sort: Sort = "replica"
        self.only = ALL
        """Which lanes are shown."""

    def show(self, frame: Frame, root: AnyNode | None) -> None:
        """Draw this from now on; `root` names the groups."""
        calls = frame.view.calls.values()
        stays = self._sort == "replica" and self.only is ALL
        same = stays and len(calls) == self._laid and frame.view is self._frame.view and root is self._root
        self._frame, self._root = frame, root
        self._full = figures.scale(max((call.tokens for call in calls), default=0))
        self._contents = lane_table.contents(frame)
        if not same:
            self._rows = lane_table.rows(frame, root, self._sort, self.only)
            self._laid = len(calls) if stays else -1
        size = Size(self.size.width, len(self._rows) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
            self.refresh(layout=True)
        self.refresh()

    def point(self, call: str) -> bool:
        """Only move the cursor; False where the lane is not shown."""
        before = self.cursor
        if call == self._frame.chosen:
            return before is not None
        self._frame = replace(self._frame, chosen=call)
        after = self.cursor
        for row in (before, after):
            if row is not None:
                self.refresh_line(row + 1)
        return after is not None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Titles and all lanes; the style sheet says how much of that may show."""
        return len(self._rows) + 1

    @property
    def sort(self) -> Sort:
        """The order inside each group."""
        return self._sort

    def order(self, sort: Sort) -> None:
        """This order from now on."""
        self._sort = sort
        self.show(self._frame, self._root)

    @property
    def cursor(self) -> int | None:
        """Row of the call whose detail is shown."""
        return next((i for i, row in enumerate(self._rows) if row.call and row.call == self._frame.chosen), None)

    @property
    def calls(self) -> list[str]:
        """The calls that are shown, in order."""
        return [row.call for row in self._rows if row.call]

    def neighbour(self, by: int) -> str | None:
        """The call `by` lanes further on, stopping at the ends."""
        calls = self.calls
        if not calls:
            return None
        here = calls.index(self._frame.chosen) if self._frame.chosen in calls else 0
        return calls[min(len(calls) - 1, max(0, here + by))]

    def reveal(self) -> None:
        """Scroll so that the cursor is in sight."""
        row, room = self.cursor, self.size.height - 1
        if row is None or room < 1:
            return
        top = self.scroll_offset.y
        if row < top + (1 if top else 0):
            self.scroll_to(y=max(0, row - 1), animate=False)
        elif row >= top + room:
            self.scroll_to(y=row - room + 1, animate=False)

    def on_resize(self) -> None:
        """What was in sight stays in sight."""
        self.reveal()

    def render_line(self, y: int) -> Strip:
        """The titles on the first line, a lane on each other."""
        columns = lane_table.columns(self.scrollable_content_region.width, self._contents)
        if y == 0:
            return self._strip(("head", columns), lane_table.head(columns))
        index = y - 1 + self.scroll_offset.y
        if index >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        row = self._rows[index]
        if row.call is None:
            return self._strip(("heading", row.heading), ((f" {row.heading}", "heading"),))
        under = ""
        if row.call == self._frame.chosen:
            under = "cursor" if self.has_focus else "cursor-blurred"
        call = self._frame.view.calls[row.call]
        # Calls are numbered anew in each run.
        key = (self._frame.view.id, *lane_table.stamp(call, self._frame.standing), columns, self._full)
        return self._strip(key, lambda: lane_table.lane(self._frame, call, columns, self._full), under)

    def on_click(self, event: events.Click) -> None:
        """Point at the lane that was clicked; a second click opens it."""
        index = event.y - 1 + self.scroll_offset.y
        if event.y > 0 and index < len(self._rows) and (call := self._rows[index].call):
            self.screen.post_message(self.Pointed(call, opened=event.chain > 1))

    def action_move(self, by: int) -> None:
        """The cursor moves by lanes."""
        if call := self.neighbour(by):
            self.point(call)  # it moves at once; what follows from it takes longer to draw
            self.screen.post_message(self.Pointed(call))

    def action_page(self, by: int) -> None:
        """The cursor moves by pages."""
        self.action_move(by * max(1, self.size.height - 2))

    def action_edge(self, by: int) -> None:
        """The cursor moves to the first or last lane."""
        self.action_move(by * len(self._rows))

    def action_focus_lane(self) -> None:
        """The cursor's lane is opened."""
        if call := self.neighbour(0):
            self.screen.post_message(self.Pointed(call, opened=True))

    def action_stop_lane(self) -> None:
        """The cursor's call is stopped; the rest goes on."""
        if call := self.neighbour(0):
            self.post_message(self.Stopped(call))

    def action_sort(self) -> None:
        """The next order."""
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self.show(self._frame, self._root)
        self.notify(f"Lanes by {self._sort}", timeout=2)
