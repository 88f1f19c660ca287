"""Where the labels of points are written: greedily, each at its best free place, never over a label or a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rich.cells import cell_len

from workbench.charts.strokes import Spot

Area: TypeAlias = tuple[int, int, int, int]
"""Left, top, width and height."""
Place: TypeAlias = tuple[int, int, int]
"""Column, row and cells."""
_CROSSED = 3
"""A line under a label costs as much as so many steps down the list of places, for each cell of it."""


def place(
    wanted: Sequence[tuple[str, str, Spot]], taken: set[Spot], busy: set[Spot], area: Area, short: int
) -> dict[str, Place]:
    """Label → column, row, cells. `wanted`: (label, its text, its point), the most important first; `taken` may not be
    written over, `busy` (lines, intervals) had better not. Every label is placed with at most `short` cells first, then
    longer ones take what room is left. Labels without room are left out."""
    blocked = set(taken)
    found: dict[str, Place] = {}
    for label, text, spot in wanted:
        cells = min(short, cell_len(text))
        if not cells or label in found:
            continue
        best = _best(spot, cells, blocked, busy, area)
        if best is not None:
            found[label] = best
            blocked |= _around(best)
    for label, text, spot in wanted:
        if label in found and cell_len(text) > found[label][2]:
            others = taken.union(*(_around(at) for other, at in found.items() if other != label))
            found[label] = _longer(spot, cell_len(text), found[label], others, busy, area)
    return found


def _best(spot: Spot, cells: int, blocked: set[Spot], busy: set[Spot], area: Area) -> Place | None:
    best: tuple[int, Place] | None = None
    for order, (column, row) in enumerate(_candidates(spot, cells)):
        if not _fits(column, row, cells, blocked, area):
            continue
        cost = order + _CROSSED * _crossings((column, row, cells), busy)
        if best is None or cost < best[0]:
            best = cost, (column, row, cells)
    return None if best is None else best[1]


def _longer(spot: Spot, cells: int, now: Place, blocked: set[Spot], busy: set[Spot], area: Area) -> Place:
    """The whole label at its best place, no farther from its point; or as much of it as there is room for where its
    beginning stands. It crosses no more lines than its beginning does."""
    crossed = _crossings(now, busy)
    whole = _best(spot, cells, blocked, busy, area)
    near = max(1, abs(now[1] - spot[1]))
    if whole is not None and abs(whole[1] - spot[1]) <= near and _crossings(whole, busy) <= crossed:
        return whole
    column, row, held = now
    left = column < spot[0]
    while held < cells:
        longer = (column - left, row, held + 1)
        if not _fits(*longer, blocked, area) or _crossings(longer, busy) > crossed:
            break
        column, row, held = longer
    return column, row, held


def _crossings(place: Place, busy: set[Spot]) -> int:
    column, row, cells = place
    return sum((at, row) in busy for at in range(column, column + cells))


def _around(place: Place) -> set[Spot]:
    """Its cells, with one that stays free at each end."""
    column, row, cells = place
    return {(at, row) for at in range(column - 1, column + cells + 1)}


def _candidates(spot: Spot, cells: int) -> Iterator[Spot]:
    """Places around a point, the best first: up right, right, up left, left, below, above, then farther ones."""
    column, row = spot
    right, left, middle = column + 2, column - 1 - cells, column - cells // 2
    yield from ((right, row - 1), (right, row), (left, row - 1), (left, row), (right, row + 1), (left, row + 1))
    yield from ((middle, row - 1), (middle, row + 1))
    for away in (2, 3):
        for up in (-away, away):
            yield from ((right, row + up), (left, row + up), (middle, row + up))


def _fits(column: int, row: int, cells: int, blocked: set[Spot], area: Area) -> bool:
    left, top, width, height = area
    if column < left or column + cells > left + width or not top <= row < top + height:
        return False
    return not any((at, row) in blocked for at in range(column, column + cells))
