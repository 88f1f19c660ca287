"""A chart as data: what every way of drawing it reads. Knows no library and no screen."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Scale: TypeAlias = Literal["linear", "log"]
Unit: TypeAlias = Literal["usd", "seconds", "tokens", "share", "count", ""]
"""What a value is in; values are plain floats in this unit (dollars, seconds, shares in [0, 1])."""
Mark: TypeAlias = Literal["frontier", "ambiguous", "dominated", "plain"]


class ChartAxis(Struct, frozen=True, kw_only=True):
    """One axis."""

    title: str
    unit: Unit = ""
    scale: Scale = "linear"
    better: Literal["low", "high", ""] = ""


class ChartPoint(Struct, frozen=True, kw_only=True):
    """One point with its intervals; a bound that is None is not drawn."""

    label: str
    x: float
    y: float
    x_low: float | None = None
    x_high: float | None = None
    y_low: float | None = None
    y_high: float | None = None
    mark: Mark = "plain"
    notes: tuple[tuple[str, str], ...] = ()
    """What a hover card and the exported data say beside: (name, text)."""


class ChartLine(Struct, frozen=True, kw_only=True):
    """A line through (x, y), with a band where low and high are given."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    shape: Literal["straight", "stairs"] = "straight"
    dash: bool = False
    """Theory is dashed, measurement is not."""


class Provenance(Struct, frozen=True, kw_only=True):
    """Where a chart's figures come from; goes into every file's metadata."""

    kind: str
    """real, simulated, recorded, or a mix said as such."""
    query: str = ""
    """The ledger query or file that gave the data."""
    runs: tuple[str, ...] = ()
    version: str = ""
    created_at: str = ""
    """ISO 8601, UTC."""
    method: str = ""
    """`frontier staircase · bootstrap 2,000 · seed 7`"""


class ChartSpec(Struct, frozen=True, kw_only=True):
    """A whole chart."""

    title: str
    subtitle: str = ""
    x: ChartAxis
    y: ChartAxis
    points: tuple[ChartPoint, ...] = ()
    lines: tuple[ChartLine, ...] = ()
    provenance: Provenance
