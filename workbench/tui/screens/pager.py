"""The app's own pager: one text over the whole screen, only the lines in sight are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from workbench.tui import commands, figures
from workbench.tui.commands import Where
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import wrap
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.pane import line

MOST = 2_000_000
"""Characters that are shown; folding more would keep the screen waiting."""


class Pages(ScrollView, can_focus=True, inherit_bindings=False):
    """Clean text, folded at the window's width."""

    PLACE: ClassVar[Where] = "pager"
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._rows: list[str] = []
        self._width = 0

    def on_resize(self) -> None:
        """Another width folds it anew; about the same place stays in sight."""
        width = self.scrollable_content_region.width
        if width == self._width:
            return
        share = self.scroll_offset.y / len(self._rows) if self._rows else 0.0
        self._width, self._rows = width, folded(self._text, width)
        self.virtual_size = Size(width, len(self._rows))
        self.scroll_to(y=round(share * len(self._rows)), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of it."""
        index = y + self.scroll_offset.y
        text = self._rows[index] if index < len(self._rows) else ""
        return Strip([Segment(text, self.rich_style)]).adjust_cell_length(self.size.width, self.rich_style)


def folded(text: str, width: int) -> list[str]:
    """Clean text folded at `width` cells; what is indented stays so, in each of its lines."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        inside = paragraph.lstrip(" ")
        indent = " " * min(len(paragraph) - len(inside), width // 2)
        rows += [indent + row for row in wrap(inside, width - len(indent))]
    return rows


class Pager(Dialog[None]):
    """A text to be read."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("pager")

    def __init__(self, title: str, text: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._title, self._whole, self._keymap = title, text, keymap

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        hidden = len(self._whole) - MOST
        more = f", the first {figures.count(MOST)} of them" if hidden > 0 else ""
        told = f"   {figures.count(len(self._whole))} characters{more}"
        yield Static(line((self._title, "bold"), (told, "$muted")), id="pager-title", markup=False)
        yield Pages(self._whole[:MOST])
        yield KeyBar(self._keymap, "pager")

    def on_mount(self) -> None:
        """Its keys are the pages'."""
        self.query_one(Pages).focus()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_by(self, lines: int) -> None:
        """So many lines on."""
        pages = self.query_one(Pages)
        pages.scroll_to(y=pages.scroll_offset.y + lines, animate=False)

    def action_by_page(self, by: int) -> None:
        """So many screenfuls on; one line of the last stays."""
        self.action_by(by * max(1, self.query_one(Pages).size.height - 1))

    def action_edge(self, share: int) -> None:
        """To the start or the end."""
        pages = self.query_one(Pages)
        pages.scroll_to(y=share * pages.virtual_size.height, animate=False)

    def action_copy(self) -> None:
        """All of it, what is not shown included."""
        self.app.copy_to_clipboard(self._whole)
        self.notify("Copied", markup=False, timeout=2)
