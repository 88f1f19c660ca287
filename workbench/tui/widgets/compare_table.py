"""The one table under the lanes: what the systems' runs came to, medians with ranges, the best of each row marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from workbench.tui.comparing import Comparing
from workbench.tui.outcomes import NONE, UNKNOWN, Cell, Row, rows, why_unranked
from workbench.tui.text import fit
from workbench.tui.widgets.compare_grid import column_widths, grid_line
from workbench.tui.widgets.pane import Part, line, lines, spread

BEST = "★"
NUMBER = 10
"""Cells that figures are aligned in, right."""
LESS = ("waste", "calls")
"""Rows that a low window goes without."""


class CompareTable(Widget):
    """Drawn anew only when a run has ended or something was said of one."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self._comparing = comparing
        self._rows: list[Row] = []
        self._why = ""

    def show(self) -> None:
        """Work the figures out again."""
        columns = [lane.outcomes for lane in self._comparing.lanes]
        judged = [lane.judged for lane in self._comparing.lanes]
        some = any(columns)
        made = rows(columns, self._comparing.planned, judged, live=self._comparing.live) if some else []
        why = "" if self._comparing.live or not some else why_unranked(columns)
        if (made, why) != (self._rows, self._why):
            self._rows, self._why = made, why
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Heading and rows."""
        return lines(*self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        if not self._rows:
            return []
        more = self._comparing.planned > 1
        said = self._why or f"{BEST} best of its row{', by the median' if more else ''}; agreement is not truth"
        legend = ("", "") if self._comparing.live else (f"not ranked: {said}" if self._why else said, "$muted")
        heading = line(("medians and ranges" if more else "figures", "$muted"))
        fits = heading.cell_length + 2 + len(legend[0]) <= width
        drawn = [spread(heading, line(legend), width) if fits else line(legend).truncate(width, ellipsis=True)]
        rooms = column_widths(width, max(1, len(self._rows[0].cells)))
        low = self.screen.has_class("-short") and not self.screen.has_class("-figures")
        for row in self._rows:
            if not (low and row.title in LESS):
                drawn += _row(row, rooms, width, low=low)
        return drawn


def _row(row: Row, rooms: Sequence[int], width: int, *, low: bool) -> list[Content]:
    """One line; a second one for the ranges where they do not fit beside the medians and the window is high enough."""
    widest = max((len(cell.range) for cell in row.cells), default=0)
    beside = min(rooms) >= NUMBER + 4 + widest + 2
    cells = [_cell(cell, beside=beside) for cell in row.cells]
    drawn = [grid_line(row.title, cells, width)]
    if widest and not beside and not low:
        drawn.append(grid_line("", [line("  ", (_aligned(cell.range), "$muted")) for cell in row.cells], width))
    return drawn


def _cell(cell: Cell, *, beside: bool) -> Content:
    quiet = cell.text in (UNKNOWN, NONE)
    text = _aligned(cell.text)
    style = "bold $state-won" if cell.best else "$muted" if quiet else ""
    parts: list[Part] = ["  ", (text, style), (f" {BEST}" if cell.best else "  ", "$state-won")]
    if beside and cell.range:
        parts.append((f"  {cell.range}", "$muted"))
    return line(*parts)


def _aligned(text: str) -> str:
    """At the right end of the figures; what is longer begins where they do."""
    return fit(text, NUMBER, right=True) if len(text) <= NUMBER else text
