"""The system as an outline with what each node is doing and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from workbench.engine.view import RunView
from workbench.systems import tree
from workbench.systems.nodes import AnyNode
from workbench.tui import commands, outline
from workbench.tui.outline import Row
from workbench.tui.states import Look
from workbench.tui.text import fit
from workbench.tui.widgets.pane import Part, line, spread

Marks = Mapping[str, tuple[str, str]]
"""Path → glyph and style of the worst that is said of the node."""


class SystemTree(ScrollView, can_focus=True):
    """Read it, select in it, fold it; what changes the system is up to the screen."""

    ALLOW_SELECT: ClassVar[bool] = False
    PLACE: ClassVar[commands.Where] = "tree"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("tree")

    @dataclass
    class Selected(Message):
        """The cursor stands on another node."""

        path: str

    @dataclass
    class Opened(Message):
        """A node is to be edited."""

        path: str

    @dataclass
    class Pasted(Message):
        """Text was pasted into the tree."""

        text: str

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._activity: dict[str, tuple[Look, str]] = {}
        self._marks: Marks = {}
        self._root: AnyNode | None = None
        self._folded: set[str] = set()
        self._cursor = 0

    def show(self, root: AnyNode, ran: AnyNode | None, view: RunView, at: str = "") -> None:
        """Draw the system; its activity where it is the one that ran, or that ran from the node `at` on."""
        activity = outline.activity(root, view, at) if ran == root else {}
        if root is not self._root:
            self._root = root
            self._lay()
        elif activity == self._activity:
            return
        self._activity = activity
        self.refresh()

    def mark(self, marks: Marks) -> None:
        """What is doubtful, by node."""
        if marks != self._marks:
            self._marks = dict(marks)
            self.refresh()

    @property
    def selected(self) -> str:
        """Path of the node under the cursor."""
        return self._rows[self._cursor].path if self._rows else ""

    def select(self, path: str) -> None:
        """Put the cursor on the node; what hides it is unfolded."""
        above = {path[:index] for index, sign in enumerate(path) if sign == "/"} | ({""} if path else set())
        if above & self._folded:
            self._folded -= above
            self._lay()
        found = next((index for index, row in enumerate(self._rows) if row.path == path), None)
        if found is not None:
            self._select(found)

    def render_line(self, y: int) -> Strip:
        """One node."""
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        doing = _doing(self._activity.get(row.path))
        content = spread(node_line(row, width - 3 - doing.cell_length), doing, width - 2, keep_right=True)
        content = Content.assemble(self._mark_of(row), content).extend_right(max(0, width - 1 - content.cell_length))
        if index == self._cursor:
            content = content.stylize_before("on $select" if self.has_focus else "on $bar")
        return Visual.to_strips(self, content, width, 1, self.visual_style, pad=True)[0]

    def _mark_of(self, row: Row) -> Content:
        """Of the node, or where it is folded of anything inside."""
        own = self._marks.get(row.path)
        if own is None and row.folded:
            prefix = tree.join(row.path, "")
            own = next((mark for path, mark in self._marks.items() if path.startswith(prefix)), None)
        return line(own or " ")

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn weaker."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select; on the triangle fold; twice: edit."""
        index = event.y + self.scroll_offset.y
        if index >= len(self._rows):
            return
        self._select(index)
        row = self._rows[index]
        at = cell_len(row.guide) - 1
        if row.inside and at <= event.x - self.gutter.left <= at + 1:
            self.action_fold()
        elif event.chain == 2:
            self.action_edit()

    def on_paste(self, event: events.Paste) -> None:
        """The terminal's paste."""
        event.stop()
        event.prevent_default()
        self.post_message(self.Pasted(event.text))

    def action_move(self, by: int) -> None:
        """The cursor moves by nodes."""
        self._select(self._cursor + by)

    def action_edge(self, end: int) -> None:
        """To the first node or the last."""
        self._select(0 if end < 0 else len(self._rows) - 1)

    def action_edit(self) -> None:
        """Edit the selected node."""
        self.post_message(self.Opened(self.selected))

    def action_fold(self) -> None:
        """Hide or show what is inside the node."""
        if self._rows and self._rows[self._cursor].inside:
            self._folded ^= {self.selected}
            self._relaid()

    def action_fold_to(self, shut: bool) -> None:
        """Left: fold the node, or go to its parent. Right: unfold it, or go to its first child."""
        if not self._rows:
            return
        row = self._rows[self._cursor]
        if bool(row.inside) and row.folded != shut:
            self.action_fold()
        elif shut and row.path:
            self.select(row.path.rpartition("/")[0])
        elif not shut and row.inside:
            self._select(self._cursor + 1)

    def action_fold_all(self) -> None:
        """Fold all but the root, or unfold all."""
        every = (
            {path for path, node in tree.walk(self._root) if path and any(tree.children(node))} if self._root else set()
        )
        self._folded = set() if self._folded & every else every
        self._relaid()

    def _relaid(self) -> None:
        path = self.selected
        self._lay()
        while path and all(row.path != path for row in self._rows):
            path = path.rpartition("/")[0]
        self._select(next(index for index, row in enumerate(self._rows) if row.path == path))

    def _lay(self) -> None:
        self._rows = outline.rows(self._root, self._folded) if self._root is not None else []
        self._cursor = max(0, min(self._cursor, len(self._rows) - 1))
        self.virtual_size = Size(self.size.width, len(self._rows))

    def _select(self, index: int) -> None:
        self._cursor = max(0, min(len(self._rows) - 1, index))
        top, room = self.scroll_offset.y, max(1, self.size.height)
        if not top <= self._cursor < top + room:
            self.scroll_to(y=self._cursor if self._cursor < top else self._cursor - room + 1, animate=False)
        self.refresh()
        self.post_message(self.Selected(self.selected))


def node_line(row: Row, room: int) -> Content:
    """The node in so many cells: a model's name is cut before its replicas and temperature are."""
    style = "bold $model" if row.kind in ("model", "ref") else "bold $operator"
    parts: list[Part] = [(row.guide, "$faint")]
    if row.role:
        parts.append((f"{row.role} ", "$muted"))
    inside = f" +{row.inside}" if row.folded else ""
    tail = (f" ×{row.replicas}" if row.replicas > 1 else "") + inside + (f" {row.detail}" if row.detail else "")
    least = room - cell_len(row.guide) - (cell_len(row.role) + 1 if row.role else 0) - cell_len(tail)
    cut = row.kind == "model" and 4 <= least < cell_len(row.name)
    parts.append((fit(row.name, least) if cut else row.name, style))
    if row.replicas > 1:
        parts.append((f" ×{row.replicas}", "bold"))
    if inside:
        parts.append((inside, "bold $muted"))
    if row.detail:
        parts.append((f" {row.detail}", "$muted"))
    return line(*parts)


def _doing(activity: tuple[Look, str] | None) -> Content:
    if activity is None:
        return Content("")
    look, words = activity
    return line((f"{look.glyph} {words}", look.style))
