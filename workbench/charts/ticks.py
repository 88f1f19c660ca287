"""Axes: ranges with a margin, ticks at round values, and how a value is written. Every drawing uses these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from workbench.charts.spec import ChartAxis, ChartLine, ChartPoint, ChartSpec, Scale, Unit

MARGIN = 0.06
"""Share of the range left free at each end."""
_LOG_STEPS = ((1, 2, 5), (1, 3), (1,))
_LARGE = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_SMALLEST, _LARGEST = 1e-12, 1e15
"""Outside of these, numbers are written with an exponent."""


class Tick(Struct, frozen=True):
    """A mark on an axis."""

    value: float
    label: str


class Ruler(Struct, frozen=True, kw_only=True):
    """An axis with its range: values → shares of its length."""

    low: float
    high: float
    scale: Scale = "linear"
    unit: Unit = ""

    def share(self, value: float) -> float | None:
        """0 at the low end, 1 at the high one, outside beyond; None for what the axis can't show."""
        if not math.isfinite(value) or (self.scale == "log" and value <= 0):
            return None
        low, high = self._out(self.low), self._out(self.high)
        return (self._out(value) - low) / (high - low)

    def value(self, share: float) -> float:
        """The value at a share of the length."""
        low, high = self._out(self.low), self._out(self.high)
        return self._back(low + share * (high - low))

    def between(self, low: float, high: float) -> Self:
        """The part between two shares, moved and cut to what a value in its unit can be; itself where that is too small
        or large to be told apart."""
        found = replace(self, low=self.value(low), high=self.value(high))
        found = self._kept(found)
        sane = math.isfinite(found.low) and math.isfinite(found.high) and abs(found.high) < 1e300
        apart = found.high - found.low > 1e-9 * max(abs(found.low), abs(found.high))
        return found if sane and apart and (self.scale == "linear" or found.low > 1e-300) else self

    def _kept(self, found: Self) -> Self:
        least, most = _ends(self.unit, self.low, self.high)
        move = max(0.0, least - found.low) or min(0.0, most - found.high)
        if self.scale == "log" or not move or not math.isfinite(move):
            return found
        return replace(found, low=max(least, found.low + move), high=min(most, found.high + move))

    def ticks(self, most: int = 6) -> tuple[Tick, ...]:
        """At most so many ticks (but two, if `most` allows) at round values, in order."""
        values = self._log_values(most) if self.scale == "log" else ()
        values = values or _linear_values(self.low, self.high, most, whole=self.unit == "count")
        return tuple(map(Tick, values, labels(values, self.unit)))

    def _out(self, value: float) -> float:
        return math.log10(value) if self.scale == "log" else value

    def _back(self, value: float) -> float:
        if self.scale == "linear":
            return value
        return 10 ** min(307.0, max(-307.0, value))

    def _log_values(self, most: int) -> tuple[float, ...]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for steps in _LOG_STEPS:
            values = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
            kept = [value for value in values if self.low <= value <= self.high]
            kept = [value for value in kept if self.unit != "count" or value >= 1]
            if len(kept) <= most:
                return tuple(kept) if len(kept) > 1 else ()
        every = math.ceil(len(kept) / max(1, most))
        return tuple(kept[::every])


def ruler(axis: ChartAxis, values: Iterable[float], margin: float = MARGIN) -> Ruler:
    """The axis' range around the values that it can show."""
    log = axis.scale == "log"
    shown = [value for value in values if math.isfinite(value) and abs(value) < 1e290 and (value > 1e-290 or not log)]
    low, high = (min(shown), max(shown)) if shown else (0.1, 1.0) if log else (0.0, 1.0)
    if log:
        first, last = math.log10(low), math.log10(high)
        if last - first < 1e-6:
            first, last = first - 0.3, last + 0.3
        spare = (last - first) * margin
        first, last = max(-300.0, first - spare), min(300.0, last + spare)
        found = Ruler(low=10**first, high=10**last, scale="log", unit=axis.unit)
    elif high - low <= 1e-9 * max(abs(low), abs(high)):
        room = abs(low) / 10 or (1.0 if axis.unit else 0.5)
        found = Ruler(low=low - room, high=high + room, unit=axis.unit)
    else:
        spare = (high - low) * margin
        start = low - spare
        found = Ruler(low=0.0 if start < 0 <= low else start, high=high + spare, unit=axis.unit)
    return _possible(found, low, high)


def _possible(found: Ruler, low: float, high: float) -> Ruler:
    """Not beyond what its values can be."""
    least, most = _ends(found.unit, low, high)
    return replace(found, low=max(least, found.low), high=min(most, found.high))


def _ends(unit: Unit, low: float, high: float) -> tuple[float, float]:
    """What a value in this unit can be, where those from `low` to `high` are no other: no accuracy lies above 1."""
    return (0.0 if unit and low >= 0 else -math.inf), (1.0 if unit == "share" and high <= 1 else math.inf)


def rulers(spec: ChartSpec, margin: float = MARGIN) -> tuple[Ruler, Ruler]:
    """Both axes of a chart around all that it shows."""
    xs = [value for point in spec.points for value in _given(point.x, point.x_low, point.x_high)]
    ys = [value for point in spec.points for value in _given(point.y, point.y_low, point.y_high)]
    for line in spec.lines:
        xs += line.x
        ys += (*line.y, *line.low, *line.high)
    return ruler(spec.x, xs, margin), ruler(spec.y, ys, margin)


def left_out(spec: ChartSpec) -> int:
    """How many points and line points the axes can't show: no number, or none above zero on a log axis."""
    x, y = rulers(spec)
    pairs = [(point.x, point.y) for point in spec.points]
    pairs += [pair for line in spec.lines for pair in zip(line.x, line.y, strict=False)]
    return sum(x.share(one) is None or y.share(other) is None for one, other in pairs)


def _given(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


def _linear_values(low: float, high: float, most: int, *, whole: bool) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten; two far apart where the next coarser step has one or none."""
    rough = (high - low) / max(1, most)
    power = math.floor(math.log10(rough)) if rough > 0 else 0
    power = max(0, power) if whole else power
    finer: tuple[float, ...] = ()
    for step, exponent in ((1, power), (2, power), (5, power), (1, power + 1), (2, power + 1)):
        size = float(f"{step}e{exponent}")
        first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
        if last - first < 2 * most + 2:
            values = tuple(float(f"{i * step}e{exponent}") for i in range(first, last + 1))
            values = tuple(value for value in values if low <= value <= high)
            if len(values) <= most:
                return values if len(values) >= min(2, most) or not finer else (finer[0], finer[-1])[:most]
            finer = values
    return ()


def labels(values: Sequence[float], unit: Unit) -> tuple[str, ...]:
    """Ticks of one axis, none rounded: as many decimals for all as the finest needs, where they are evenly spaced."""
    even = len(values) > 2 and math.isclose(values[1] - values[0], values[-1] - values[-2], rel_tol=1e-6)
    if unit == "share" or (even and max(map(abs, values)) < 1000):
        digits = max((_decimals(value) for value in values), default=0)
        spaced = min((b - a for a, b in pairwise(values)), default=0.0)
        digits = max(digits, 2) if unit == "share" and max(map(abs, values)) <= 1 and spaced < 0.5 else digits
        if digits <= 12:
            return tuple(_with_unit(f"{value:.{digits}f}", unit) for value in values)
    return tuple(write(value, unit, max(3, _significant(value))) for value in values)


def _decimals(value: float) -> int:
    """How many a value has: 2 of 0.25, none of 300."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _significant(value: float) -> int:
    """Digits that a value has: 3 of 12050 would make 12100 of it, it has 4."""
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


def write(value: float | None, unit: Unit, digits: int = 3) -> str:
    """A value as a person reads it: `$0.0003`, `8.1 s`, `0.952`, `1.2k`; `?` for an unknown one."""
    if value is None or not math.isfinite(value):
        return "?"
    size = abs(value)
    if unit != "share" and unit != "seconds":
        for factor, name in _LARGE:
            if factor <= size < _LARGEST:
                return _with_unit(f"{_number(value / factor, digits)}{name}", unit)
    return _with_unit(_number(value, digits), unit)


def _number(value: float, digits: int) -> str:
    """Significant digits, no trailing zeros, an exponent only where it must be."""
    size = abs(value)
    if size and (size < _SMALLEST or size >= _LARGEST):
        return f"{value:.{digits - 1}e}".replace("e+", "e")
    places = max(0, digits - 1 - (math.floor(math.log10(size)) if size else 0))
    text = f"{value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _with_unit(number: str, unit: Unit) -> str:
    if unit == "usd":
        return f"-${number[1:]}" if number.startswith("-") else f"${number}"
    return f"{number} s" if unit == "seconds" else number


def title(axis: ChartAxis) -> str:
    """`cost per task, log · less is better`."""
    said = f"{axis.title}, log" if axis.scale == "log" else axis.title
    better = {"low": "less is better", "high": "more is better", "": ""}[axis.better]
    return f"{said} · {better}" if better else said


def described(point: ChartPoint, spec: ChartSpec) -> tuple[tuple[str, str], ...]:
    """What a card says of a point: its values with their intervals, then its notes."""
    rows = [
        (spec.x.title, _interval(point.x, point.x_low, point.x_high, spec.x.unit)),
        (spec.y.title, _interval(point.y, point.y_low, point.y_high, spec.y.unit)),
    ]
    return (*rows, *point.notes)


def _interval(value: float, low: float | None, high: float | None, unit: Unit) -> str:
    said = write(value, unit)
    return said if low is None or high is None else f"{said} [{write(low, unit)}, {write(high, unit)}]"


def step_before(spec: ChartSpec) -> bool:
    """Whether stairs turn at their start: where more of x is better, a value is reached up to its point."""
    return spec.x.better == "high"


def stairs(line: ChartLine, before: bool) -> list[tuple[float, float]]:
    """The corners of a staircase."""
    corners: list[tuple[float, float]] = []
    for x, y in zip(line.x, line.y, strict=False):
        if corners:
            last_x, last_y = corners[-1]
            corners.append((last_x, y) if before else (x, last_y))
        corners.append((x, y))
    return corners
