"""Up to nine replicas side by side, each with its state above and the end of what it says below. One widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.engine.view import CallView, RunView
from workbench.tui import commands, figures, lane_table, outline, states
from workbench.tui.reading import Frame
from workbench.tui.states import COLOURS
from workbench.tui.text import Cells, clean, fit, tail, wrap
from workbench.tui.widgets.drawn import DrawnLines

MOST, LEAST_WIDTH, GAP, HEADS = 9, 14, 2, 4
"""Columns at most; cells of one at least; cells between two; lines above the texts."""


class LaneColumns(DrawnLines, Widget, can_focus=True):
    """Draws the calls it is given; those that have no room come in sight as the cursor moves."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "columns"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"columns--{colour}" for colour in COLOURS),
        *(f"columns--{name}" for name in ("muted", "line", "strong", "cursor", "cursor-blurred")),
    }
    PLACE: ClassVar[commands.Where] = "columns"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("columns")

    @dataclass
    class Pointed(Message):
        """The cursor goes so many columns on, or to a call."""

        by: int = 0
        call: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._frame = Frame(RunView())
        self._calls: list[str] = []
        self._first = 0
        self._texts: LRUCache[tuple[object, ...], list[str]] = LRUCache(64)

    def show(self, frame: Frame, calls: Sequence[str]) -> None:
        """Draw this from now on."""
        self._frame, self._calls = frame, list(calls)
        if self.display:
            self.refresh()

    @property
    def count(self) -> int:
        """How many have room."""
        fitting = (self.size.width + GAP) // (LEAST_WIDTH + GAP)
        return max(1, min(MOST, fitting, len(self._calls)))

    @property
    def calls(self) -> list[str]:
        """Those in sight."""
        count = self.count
        if self._frame.chosen in self._calls:
            at = self._calls.index(self._frame.chosen)
            self._first = min(max(self._first, at - count + 1), at)
        self._first = max(0, min(self._first, len(self._calls) - count))
        return self._calls[self._first : self._first + count]

    def neighbour(self, by: int) -> str | None:
        """The call so many columns on, stopping at the ends."""
        if not self._calls:
            return None
        here = self._calls.index(self._frame.chosen) if self._frame.chosen in self._calls else 0
        return self._calls[min(len(self._calls) - 1, max(0, here + by))]

    @property
    def column(self) -> int:
        """Cells of one column."""
        return max(1, (self.size.width + GAP) // self.count - GAP)

    def render_line(self, y: int) -> Strip:
        """What is in sight, then heads, then texts."""
        width = self.size.width
        base = self.rich_style
        calls = [self._frame.view.calls[name] for name in self.calls if name in self._frame.view.calls]
        if not calls:
            cells: Cells = (("the replicas of a run side by side", "muted"),) if y == 0 else ()
        elif y == 0:
            cells = ((self._title(), "muted"),)
        else:
            cells = self._row(calls, y - 1)
        segments = [Segment(text, base + self._style(name) if name else base) for text, name in cells if text]
        return Strip(segments).adjust_cell_length(width, base)

    def _title(self) -> str:
        """`replicas 3–6 of 10`."""
        total, first = len(self._calls), self._first + 1
        last = self._first + self.count
        return f"{total} side by side" if total == self.count else f"{first}–{last} of {total} side by side"

    def _row(self, calls: Sequence[CallView], y: int) -> Cells:
        cells: list[tuple[str, str]] = []
        for index, call in enumerate(calls):
            text, style = self._cell(call, y)
            cells += [(" " * GAP if index else "", ""), (fit(text, self.column), style)]
        return tuple(cells)

    def _cell(self, call: CallView, y: int) -> tuple[str, str]:
        look = states.of_call(call, won=call.id in self._frame.standing.won)
        if y == 0:
            here = call.id == self._frame.chosen
            cursor = ("cursor" if self.has_focus else "cursor-blurred") if here else "strong"
            return f"{call.replica} {outline.short(call.model)}", cursor
        if y == 1:
            said = lane_table.state_words(call, look, self._frame.standing, short=self.column < 24)
            count = figures.count(call.tokens) if call.tokens else ""
            room = self.column - cell_len(count) - 1
            return (fit(said, room) + " " + count if room > 8 else said), look.colour
        if y == 2:
            return "─" * self.column, look.colour if call.state != "ended" else "line"
        lines = self._text(call, self.size.height - HEADS)
        return (lines[y - 3] if y - 3 < len(lines) else ""), "" if call.text.length else "muted"

    def _text(self, call: CallView, rows: int) -> list[str]:
        """The last lines of the answer, or while there is none of the thinking."""
        key = (call.id, call.text.length, call.thinking.length, call.state, self.column, rows, self._frame.view.id)
        lines = self._texts.get(key)
        if lines is None:
            text = call.text if call.text.length else call.thinking
            last, _ = tail(str(text), max(1, rows) * self.column * 2)
            lines = wrap(clean(last), self.column)[-max(1, rows) :]
            if not text.length and call.error:
                lines = wrap(clean(call.error), self.column)[: max(1, rows)]
            self._texts[key] = lines
        return lines

    def on_click(self, event: events.Click) -> None:
        """Point at the column."""
        calls = self.calls
        index = (event.x - self.gutter.left) // (self.column + GAP)
        if 0 <= index < len(calls):
            self.screen.post_message(self.Pointed(call=calls[index]))

    def action_move(self, by: int) -> None:
        """The cursor moves by columns."""
        self.screen.post_message(self.Pointed(by=by))
