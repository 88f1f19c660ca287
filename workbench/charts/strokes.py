"""What lines are made of in character cells: box-drawing stairs, braille curves. Knows cells, no chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

Spot: TypeAlias = tuple[int, int]
"""Column and row."""
NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
_BOXES = " ╵╶╰╷│╭├╴╯─┴╮┤┬┼"
"""By the sum of the sides that are joined."""
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Braille dots by row and column of a cell."""


def box(sides: int) -> str:
    """The character that joins these sides of a cell."""
    return _BOXES[sides]


def joined(corners: Sequence[Spot], sides: dict[Spot, int]) -> None:
    """Add a way along rows and columns through these corners to what each cell joins."""
    for (x0, y0), (x1, y1) in pairwise(corners):
        if y0 == y1:
            for x in range(min(x0, x1), max(x0, x1)):
                sides[x, y0] = sides.get((x, y0), 0) | EAST
                sides[x + 1, y0] = sides.get((x + 1, y0), 0) | WEST
        else:
            for y in range(min(y0, y1), max(y0, y1)):
                sides[x0, y] = sides.get((x0, y), 0) | SOUTH
                sides[x0, y + 1] = sides.get((x0, y + 1), 0) | NORTH


def dotted(ends: Iterable[tuple[float, float]], dash: bool) -> Iterator[Spot]:
    """Braille dots (two by four in a cell) of a way through these points; a dashed one has gaps."""
    done = 0
    before: tuple[float, float] | None = None
    for end in ends:
        if before is not None:
            steps = max(1, round(max(abs(end[0] - before[0]), abs(end[1] - before[1]))))
            for step in range(steps + 1):
                if not dash or (done + step) % 6 < 3:
                    part = step / steps
                    yield (
                        round(before[0] + (end[0] - before[0]) * part),
                        round(before[1] + (end[1] - before[1]) * part),
                    )
            done += steps
        before = end


def braille(dots: Iterable[Spot]) -> dict[Spot, str]:
    """Dots as characters by cell."""
    bits: dict[Spot, int] = {}
    for x, y in dots:
        bits[x // 2, y // 4] = bits.get((x // 2, y // 4), 0) | _DOTS[y % 4][x % 2]
    return {spot: chr(0x2800 + each) for spot, each in bits.items()}


def clipped(
    start: tuple[float, float], end: tuple[float, float], width: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a straight line within 0..width by 0..height, or None (Liang–Barsky)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    low, high = 0.0, 1.0
    for change, room in ((-dx, start[0]), (dx, width - start[0]), (-dy, start[1]), (dy, height - start[1])):
        if change == 0:
            if room < 0:
                return None
            continue
        part = room / change
        low, high = (max(low, part), high) if change < 0 else (low, min(high, part))
    if low > high:
        return None
    return (start[0] + low * dx, start[1] + low * dy), (start[0] + high * dx, start[1] + high * dy)


def dotted_parts(ends: Iterable[tuple[float, float]], width: float, height: float, dash: bool) -> Iterator[Spot]:
    """`dotted`, of what lies within 0..width by 0..height."""
    before: tuple[float, float] | None = None
    way: list[tuple[float, float]] = []
    for end in ends:
        part = None if before is None else clipped(before, end, width, height)
        if part is not None:
            if way and way[-1] != part[0]:
                yield from dotted(way, dash)
                way = []
            way += part if not way else part[1:]
        before = end
    yield from dotted(way, dash)
