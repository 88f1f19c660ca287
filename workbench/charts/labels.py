"""Where the labels of points are written: greedily, each at its best free place, never over a label or a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len

from workbench.charts.strokes import Spot

_CROSSED = 3
"""A line under a label costs as much as so many steps down the list of places, for each cell of it."""


def place(
    wanted: Iterable[tuple[str, str, Spot]], taken: set[Spot], busy: set[Spot], area: tuple[int, int, int, int]
) -> dict[str, tuple[int, int, int]]:
    """Label → column, row, cells. `wanted`: (label, its text, its point), the most important first; `taken` may not be
    written over, `busy` (lines, intervals) had better not. Labels without room are left out."""
    blocked = set(taken)
    found: dict[str, tuple[int, int, int]] = {}
    for label, text, spot in wanted:
        cells = cell_len(text)
        if not cells or label in found:
            continue
        best: tuple[int, int, int] | None = None
        for order, (column, row) in enumerate(_candidates(spot, cells)):
            if not _fits(column, row, cells, blocked, area):
                continue
            cost = order + _CROSSED * sum((at, row) in busy for at in range(column, column + cells))
            if best is None or cost < best[0]:
                best = cost, column, row
        if best is not None:
            _, column, row = best
            found[label] = column, row, cells
            blocked.update((at, row) for at in range(column - 1, column + cells + 1))
    return found


def _candidates(spot: Spot, cells: int) -> Iterator[Spot]:
    """Places around a point, the best first: up right, right, up left, left, below, above, then farther ones."""
    column, row = spot
    right, left, middle = column + 2, column - 1 - cells, column - cells // 2
    yield from ((right, row - 1), (right, row), (left, row - 1), (left, row), (right, row + 1), (left, row + 1))
    yield from ((middle, row - 1), (middle, row + 1))
    for away in (2, 3):
        for up in (-away, away):
            yield from ((right, row + up), (left, row + up), (middle, row + up))


def _fits(column: int, row: int, cells: int, blocked: set[Spot], area: tuple[int, int, int, int]) -> bool:
    left, top, width, height = area
    if column < left or column + cells > left + width or not top <= row < top + height:
        return False
    return not any((at, row) in blocked for at in range(column, column + cells))
