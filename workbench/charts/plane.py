"""A chart as character cells: axes, grid, stairs, curves, intervals, points, and labels that never lie on each other.

The Frontier's widget and the terminal's charts are both drawn from this. Cells are (text, name of a style); who draws
them says which colours those are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct
from rich.cells import cell_len

from workbench.charts import labels, strokes, ticks
from workbench.charts.spec import ChartLine, ChartPoint, ChartSpec
from workbench.charts.ticks import Ruler
from workbench.charts.words import cut, plain

Cells: TypeAlias = tuple[tuple[str, str], ...]
Spot: TypeAlias = tuple[int, int]
STYLES = ("tick", "grid", "title", "line", "theory", "band", "frontier", "ambiguous", "dominated", "plain", "chosen")
SERIES = 4
"""Styles `series-0` … of lines that are no frontier; further ones begin again."""
GLYPHS = {"frontier": "●", "ambiguous": "○", "dominated": "◦", "plain": "•"}
CHOSEN = "◆"
_ORDER = {"dominated": 0, "plain": 1, "ambiguous": 2, "frontier": 3}
LEAST = (16, 5)
"""Columns and rows below which there is no chart."""


class Plane(Struct, frozen=True):
    """A finished drawing."""

    width: int
    height: int
    lines: tuple[Cells, ...]
    spots: dict[str, Spot]
    """Label of a point → its cell."""
    labelled: dict[str, tuple[int, int, int]]
    """Label → column, row and cells of where it is written; points that found no room are missing."""
    x: Ruler
    y: Ruler
    area: tuple[int, int, int, int]
    """Left, top, width and height of the part between the axes."""

    def text(self) -> str:
        """Without colours, without blanks at the ends of lines."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines)

    def at(self, column: int, row: int) -> tuple[float, float]:
        """A cell → shares of both axes, from the lower left."""
        left, top, width, height = self.area
        return (column - left) / max(1, width - 1), (top + height - 1 - row) / max(1, height - 1)


class Board:
    """Cells under way; a cell is overwritten only by what ranks as high."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.cells: dict[Spot, tuple[str, str, int]] = {}

    def put(self, column: int, row: int, text: str, style: str, rank: int = 0) -> None:
        """Characters of one cell each, from a cell on."""
        for at, one in enumerate(text, column):
            if 0 <= at < self.width and 0 <= row < self.height and self.cells.get((at, row), ("", "", 0))[2] <= rank:
                self.cells[at, row] = (one, style, rank)

    def clear(self, column: int, row: int, cells: int) -> None:
        """Take the grid out from under a label and beside it."""
        for at in range(column, column + cells):
            if self.cells.get((at, row), ("", "", 1))[1] == "grid":
                del self.cells[at, row]

    def write(self, column: int, row: int, text: str, style: str) -> None:
        """A label of any characters: wide ones take two cells, the second of which is empty; joiners take none."""
        at = column
        for one in text:
            wide = cell_len(one)
            if wide == 0:
                before = self.cells.get((at - 1, row))
                if at > column and before is not None:
                    self.cells[at - 1, row] = (before[0] + one, style, before[2])
                continue
            if at >= 0 and at + wide <= self.width and 0 <= row < self.height:
                self.cells[at, row] = (one, style, 9)
                if wide == 2:
                    self.cells[at + 1, row] = ("", style, 9)
            at += wide

    def lines(self) -> tuple[Cells, ...]:
        """Rows of runs of one style."""
        return tuple(self._line(row) for row in range(self.height))

    def _line(self, row: int) -> Cells:
        runs: list[tuple[str, str]] = []
        for column in range(self.width):
            text, style, _ = self.cells.get((column, row), (" ", "", 0))
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + text, style)
            else:
                runs.append((text, style))
        return tuple(runs)


def lay(
    spec: ChartSpec,
    width: int,
    height: int,
    *,
    chosen: str = "",
    view: tuple[Ruler, Ruler] | None = None,
    bare: bool = False,
) -> Plane:
    """The chart within so many cells; `view` is the part of the axes to show, all of it by default. `bare` is what lies
    between the axes alone."""
    x, y = view or ticks.rulers(spec)
    board = Board(max(0, width), max(0, height))
    if width < LEAST[0] or height < LEAST[1]:
        board.write(0, 0, cut("too small for a chart", width), "title")
        return Plane(width, height, board.lines(), {}, {}, x, y, (0, 0, 0, 0))
    return _Drawing(spec, board, x, y, chosen, bare).plane()


class _Drawing:
    """One chart being drawn."""

    def __init__(self, spec: ChartSpec, board: Board, x: Ruler, y: Ruler, chosen: str, bare: bool) -> None:
        self.spec, self.board, self.x, self.y, self.chosen = spec, board, x, y, chosen
        self.legend = [line for line in spec.lines if line.shape != "stairs"]
        top = 1 + bool(self.legend and board.height > 8)
        self.rows = board.height - top - 2
        self.y_ticks = y.ticks(max(2, min(8, self.rows // 3)))
        gutter = min(max((len(tick.label) for tick in self.y_ticks), default=0), board.width // 3)
        self.left, self.top = gutter + 1, top
        if bare:
            self.left, self.top, self.rows = 0, 0, board.height
        self.columns = board.width - self.left
        self.bare = bare

    def plane(self) -> Plane:
        """Everything, from the back to the front."""
        if not self.bare:
            self._axes()
        for index, line in enumerate(self.legend):
            self._band(line)
            self._curve(line, _series(line, index))
        for line in self.spec.lines:
            if line.shape == "stairs":
                self._stairs(line)
        spots = self._points()
        labelled = self._labels(spots)
        area = (self.left, self.top, self.columns, self.rows)
        names = {point.label: spot for point, spot in spots}
        return Plane(self.board.width, self.board.height, self.board.lines(), names, labelled, self.x, self.y, area)

    def column(self, value: float) -> float | None:
        share = self.x.share(value)
        return None if share is None else self.left + share * (self.columns - 1)

    def row(self, value: float) -> float | None:
        share = self.y.share(value)
        return None if share is None else self.top + (1 - share) * (self.rows - 1)

    def _axes(self) -> None:
        board, bottom = self.board, self.top + self.rows
        board.write(0, 0, cut(plain(ticks.title(self.spec.y)), board.width), "title")
        if self.top > 1:
            self._legend()
        for tick in self.y_ticks:
            at = self.row(tick.value)
            if at is not None:
                said = cut(tick.label, self.left - 1)
                board.put(self.left - 1 - len(said), _near(at), said, "tick")
                for column in range(self.left + 1, self.left + self.columns, 3):
                    board.put(column, _near(at), "·", "grid")
        free = 0
        for tick in self.x.ticks(max(2, min(8, self.columns // 12))):
            at = self.column(tick.value)
            start = _near(at or 0) - len(tick.label) // 2
            start = max(0, min(start, board.width - len(tick.label)))
            if at is not None and start >= free:
                board.put(start, bottom, tick.label, "tick")
                free = start + len(tick.label) + 1
        said = cut(plain(ticks.title(self.spec.x)), self.columns)
        board.write(self.left, bottom + 1, said, "title")

    def _legend(self) -> None:
        column, room = 0, self.board.width
        for index, line in enumerate(self.legend):
            said = cut(plain(line.label), max(0, room - column - 4))
            if not said or column + 6 > room:
                break
            self.board.put(column, 1, "╌╌" if line.dash else "──", _series(line, index), 9)
            self.board.write(column + 3, 1, said, "title")
            column += 3 + cell_len(said) + 3

    def _stairs(self, line: ChartLine) -> None:
        spots: list[Spot] = []
        for x, y in ticks.stairs(line, ticks.step_before(self.spec)):
            column, row = self.column(x), self.row(y)
            if column is not None and row is not None:
                spots.append((_near(column), _near(row)))
        sides: dict[Spot, int] = {}
        limits = (self.left - 1, self.top - 1, self.left + self.columns, self.top + self.rows)
        strokes.joined([_held(spot, limits) for spot in spots], sides)
        for (column, row), joined in sides.items():
            if self._inside(column, row):
                self.board.put(column, row, strokes.box(joined), "line", 4)

    def _curve(self, line: ChartLine, style: str) -> None:
        dots = strokes.dotted_parts(self._dots(line.x, line.y), 2 * self.columns - 1, 4 * self.rows - 1, line.dash)
        for (column, row), one in strokes.braille(dots).items():
            self.board.put(self.left + column, self.top + row, one, style, 4)

    def _band(self, line: ChartLine) -> None:
        """Sparse dots between the bounds, column by column."""
        if not line.low or not line.high:
            return
        dots: list[Spot] = []
        lows, highs = (list(strokes.dotted(self._dots(line.x, ys), False)) for ys in (line.low, line.high))
        bottom, top = dict(lows), dict(highs)
        for x in sorted(bottom.keys() & top.keys()):
            if 0 <= x < 2 * self.columns:
                start, end = max(0, min(top[x], bottom[x])), min(4 * self.rows - 1, max(top[x], bottom[x]))
                dots += [(x, y) for y in range(start, end + 1) if x % 2 == 0 and (y + x) % 4 == 0]
        for (column, row), one in strokes.braille(dots).items():
            self.board.put(self.left + column, self.top + row, one, "band", 1)

    def _dots(self, xs: Sequence[float], ys: Sequence[float]) -> Iterable[tuple[float, float]]:
        for x, y in zip(xs, ys, strict=False):
            across, up = self.x.share(x), self.y.share(y)
            if across is not None and up is not None:
                yield _sane(across) * (2 * self.columns - 1), (1 - _sane(up)) * (4 * self.rows - 1)

    def _points(self) -> list[tuple[ChartPoint, Spot]]:
        """Points in sight, drawn with their intervals; the chosen one last."""
        found: list[tuple[ChartPoint, Spot]] = []
        for point in sorted(self.spec.points, key=lambda p: (p.label == self.chosen, _ORDER[p.mark])):
            column, row = self.column(point.x), self.row(point.y)
            if column is None or row is None or not self._inside(_near(column), _near(row)):
                continue
            spot = _near(column), _near(row)
            self._intervals(point, spot)
            found.append((point, spot))
        for point, (column, row) in found:
            chosen = point.label == self.chosen
            self.board.put(column, row, CHOSEN if chosen else GLYPHS[point.mark], _style(point, chosen), 8)
        return found

    def _intervals(self, point: ChartPoint, spot: Spot) -> None:
        column, row = spot
        if point.y_low is not None and point.y_high is not None:
            ends = self.row(point.y_low), self.row(point.y_high)
            for at in _span(ends, row, self.top, self.top + self.rows - 1):
                self.board.put(column, at, "╎", point.mark, 3)
        if point.x_low is not None and point.x_high is not None:
            ends = self.column(point.x_low), self.column(point.x_high)
            for at in _span(ends, column, self.left, self.left + self.columns - 1):
                self.board.put(at, row, "╌", point.mark, 3)

    def _labels(self, spots: list[tuple[ChartPoint, Spot]]) -> dict[str, tuple[int, int, int]]:
        taken = {spot for _, spot in spots}
        busy = {spot for spot, (_, _, rank) in self.board.cells.items() if rank >= 3}
        area = (self.left, self.top, self.columns, self.rows)
        wanted = [(point.label, cut(plain(point.label), self.columns), spot) for point, spot in reversed(spots)]
        places = labels.place(wanted, taken, busy, area, self.columns // 3)
        by_label = {point.label: point for point, _ in spots}
        for label, (column, row, cells) in places.items():
            said = cut(plain(label), cells)
            dim = by_label[label].mark == "dominated" and label != self.chosen
            self.board.clear(column - 1, row, cells + 2)
            self.board.write(column, row, said, "dominated" if dim else "chosen" if label == self.chosen else "plain")
        return places

    def _inside(self, column: int, row: int) -> bool:
        return self.left <= column < self.left + self.columns and self.top <= row < self.top + self.rows


def _series(line: ChartLine, index: int) -> str:
    return "theory" if line.dash and index >= SERIES else f"series-{index % SERIES}"


def _style(point: ChartPoint, chosen: bool) -> str:
    return point.mark if point.mark != "plain" else "chosen" if chosen else "plain"


def _near(value: float) -> int:
    """The nearest cell; a point on the border between two belongs to the upper one, always."""
    return int(max(-1e6, min(1e6, value)) + 0.5) if value >= 0 else -1


def _sane(share: float) -> float:
    return max(-1000.0, min(1000.0, share))


def _held(spot: Spot, limits: tuple[int, int, int, int]) -> Spot:
    left, top, right, bottom = limits
    return max(left, min(right, spot[0])), max(top, min(bottom, spot[1]))


def _span(ends: tuple[float | None, float | None], at: int, first: int, last: int) -> range:
    """Cells of an interval; an end that the axis can't show lies at its own cell."""
    cells = [at if end is None else _near(end) for end in ends]
    return range(max(first, min(cells)), min(last, max(cells)) + 1)
