"""The columns that panels, table and answers of the Compare screen share: labels left, then one column a system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from textual.content import Content

from workbench.tui.text import fit
from workbench.tui.widgets.pane import Part, line

Words: TypeAlias = tuple[str, str]
"""Text and its style."""
LABEL, NARROW_LABEL, GAP = 15, 13, 2


def label_width(width: int) -> int:
    """Cells of the labels, the gap included."""
    return LABEL if width >= 100 else NARROW_LABEL


def column_widths(width: int, count: int) -> list[int]:
    """Cells of each column, gaps left out."""
    room = width - label_width(width)
    return [max(1, (room * (i + 1)) // count - (room * i) // count - GAP) for i in range(count)]


def grid_line(label: str, cells: Sequence[Content], width: int) -> Content:
    """One line: the label, then the cells, each cut or padded to its column."""
    parts: list[Part] = [(fit(label, label_width(width)), "$muted")]
    for cell, room in zip(cells, column_widths(width, max(1, len(cells))), strict=True):
        parts += [padded(cell, room), " " * GAP]
    return line(*parts)


def padded(cell: Content, room: int) -> Content:
    """The cell at exactly this many cells."""
    return cell.truncate(room, ellipsis=True, pad=True)


def words(*parts: Words, room: int) -> Content:
    """Parts beside each other while there is room; the last that does not fit is cut."""
    made = Content.assemble(*parts)
    return made if made.cell_length <= room else made.truncate(room, ellipsis=True)
