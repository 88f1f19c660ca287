"""The system as an outline with what each node is doing."""

from __future__ import annotations

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
from workbench.systems.nodes import AnyNode
from workbench.tui import commands, outline
from workbench.tui.outline import Row
from workbench.tui.states import Look
from workbench.tui.text import fit
from workbench.tui.widgets.pane import Part, line, spread


class SystemTree(ScrollView, can_focus=True):
    """Read it, select in it, change replicas with + and -."""

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("tree")

    @dataclass
    class Replicas(Message):
        """More or fewer replicas of a node are wanted."""

        path: str
        by: int

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._activity: dict[str, tuple[Look, str]] = {}
        self._root: AnyNode | None = None
        self._cursor = 0

    def show(self, root: AnyNode, ran: AnyNode | None, view: RunView) -> None:
        """Draw the system; its activity where it is the one that ran."""
        activity = outline.activity(root, view) if ran == root else {}
        if root is not self._root:
            self._root, self._rows = root, outline.rows(root)
            self._cursor = min(self._cursor, len(self._rows) - 1)
            self.virtual_size = Size(self.size.width, len(self._rows))
        elif activity == self._activity:
            return
        self._activity = activity
        self.refresh()

    @property
    def selected(self) -> str:
        """Path of the node under the cursor."""
        return self._rows[self._cursor].path if self._rows else ""

    def render_line(self, y: int) -> Strip:
        """One node."""
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        doing = _doing(self._activity.get(row.path))
        content = spread(_node(row, width - 3 - doing.cell_length), doing, width - 2, keep_right=True)
        content = Content.assemble(" ", content).extend_right(max(0, width - 1 - content.cell_length))
        if index == self._cursor:
            content = content.stylize_before("on $select" if self.has_focus else "on $bar")
        return Visual.to_strips(self, content, width, 1, self.visual_style, pad=True)[0]

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn weaker."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select the node that was clicked."""
        self._select(event.y + self.scroll_offset.y)

    def action_move(self, by: int) -> None:
        """The cursor moves by nodes."""
        self._select(self._cursor + by)

    def action_replicas(self, by: int) -> None:
        """Ask for more or fewer replicas of the selected node."""
        self.post_message(self.Replicas(self.selected, by))

    def _select(self, index: int) -> None:
        self._cursor = max(0, min(len(self._rows) - 1, index))
        top, room = self.scroll_offset.y, max(1, self.size.height)
        if not top <= self._cursor < top + room:
            self.scroll_to(y=self._cursor if self._cursor < top else self._cursor - room + 1, animate=False)
        self.refresh()


def _node(row: Row, room: int) -> Content:
    """The node in so many cells: a model's name is cut before its replicas and temperature are."""
    style = "bold $model" if row.kind in ("model", "ref") else "bold $operator"
    parts: list[Part] = [(row.guide, "$faint")]
    if row.role:
        parts.append((f"{row.role} ", "$muted"))
    tail = (f" ×{row.replicas}" if row.replicas > 1 else "") + (f" {row.detail}" if row.detail else "")
    least = room - cell_len(row.guide) - (cell_len(row.role) + 1 if row.role else 0) - cell_len(tail)
    cut = row.kind == "model" and 4 <= least < cell_len(row.name)
    parts.append((fit(row.name, least) if cut else row.name, style))
    if row.replicas > 1:
        parts.append((f" ×{row.replicas}", "bold"))
    if row.detail:
        parts.append((f" {row.detail}", "$muted"))
    return line(*parts)


def _doing(activity: tuple[Look, str] | None) -> Content:
    if activity is None:
        return Content("")
    look, words = activity
    return line((f"{look.glyph} {words}", look.style))
