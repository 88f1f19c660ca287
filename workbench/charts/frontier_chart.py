"""A frontier as a chart: systems with their intervals, the line through those that no other beats, the rest dimmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from workbench.analysis.frontier import FACTORS as UNITS
from workbench.analysis.frontier import Frontier
from workbench.analysis.measures import Quantity
from workbench.analysis.placing import Against, Placed
from workbench.analysis.resampling import Interval
from workbench.charts import ticks
from workbench.charts.lab_chart import AXES as LAB_AXES
from workbench.charts.spec import ChartAxis, ChartLine, ChartPoint, ChartSpec, Provenance, Scale, Unit

AXES: dict[Quantity, tuple[str, Unit]] = {
    "cost": LAB_AXES["cost"],
    "latency": LAB_AXES["latency"],
    "accuracy": LAB_AXES["accuracy"],
    "disagreement": ("disagreement", "share"),
    "tokens": LAB_AXES["tokens"],
}
FACTORS = UNITS
"""From the units of `Measured` to those of a chart: dollars, seconds, shares, tokens."""
LINES = {"staircase": "frontier staircase", "hull": "convex hull"}
_WIDE = 4.0
"""Where the largest value is so many times the smallest, an axis is logarithmic unless asked otherwise."""
_PIECES = 12
"""Of a straight line between two systems on a logarithmic axis, where it is a curve."""


def frontier_chart(
    found: Frontier,
    *,
    scales: Mapping[Quantity, Scale] | None = None,
    provenance: Provenance | None = None,
    title: str = "",
    subtitle: str = "",
) -> ChartSpec:
    """The first two axes; a third is told of each point, and no line is drawn, because it would lie in no plane."""
    first, second = found.axes[:2]
    x, y = (_axis(found, axis, (scales or {}).get(axis)) for axis in (first, second))
    return ChartSpec(
        title=title or f"{AXES[second][0]} against {AXES[first][0]}",
        subtitle=subtitle,
        x=x,
        y=y,
        points=tuple(_point(found, placed) for placed in found.placed),
        lines=_line(found, x, y) if len(found.axes) == 2 and len(found.line) > 1 else (),
        provenance=provenance or Provenance(kind=found.kind, method=found.method),
    )


def converted(held: Interval, quantity: Quantity) -> Interval:
    """In the chart's unit."""
    ends = (None if end is None else end * FACTORS[quantity] for end in (held.low, held.high))
    return Interval(held.value * FACTORS[quantity], *ends)


def written(held: Interval | None, quantity: Quantity, *, estimated: bool = False) -> str:
    """A figure without its interval, as a person reads it; `~` where it rests on estimated tokens."""
    if held is None:
        return "?"
    said = _said(held.value * FACTORS[quantity], quantity)
    return f"~{said}" if estimated and quantity in ("cost", "tokens") else said


def spread(held: Interval | None, quantity: Quantity) -> str:
    """The interval: `0.823 to 0.921`; an end that is not known is `?`, one that has none `∞`."""
    if held is None or held.low is None:
        return ""
    low, high = converted(held, quantity).low, converted(held, quantity).high
    return f"{_said(low, quantity)} to {'∞' if high is None else _said(high, quantity)}"


def odds(p: float | None) -> str:
    """P(on the frontier) with two digits."""
    return "?" if p is None else f"{p:.2f}"


def beside(against: Against, axes: Sequence[Quantity]) -> tuple[str, str]:
    """A system beside another one: (`2.65 × the cost [2.26, 3.06]`, `accuracy +0.073 [+0.022, +0.124]`)."""
    x, y = axes[:2]
    ratio, gain = against.ratio, converted(against.gain, y)
    times = f"{ticks.write(ratio.value, '')} × the {x}"
    if ratio.low is not None and ratio.high is not None:
        times += f" [{ticks.write(ratio.low, '')}, {ticks.write(ratio.high, '')}]"
    more = f"{y} {_signed(gain.value, y)}"
    if gain.low is not None and gain.high is not None:
        more += f" [{_signed(gain.low, y)}, {_signed(gain.high, y)}]"
    return times, more


def _signed(value: float, quantity: Quantity) -> str:
    said = _said(value, quantity)
    return said if said.startswith("-") else f"+{said}"


def _said(value: float | None, quantity: Quantity) -> str:
    """Shares always with three digits, so that a column of them is aligned."""
    if value is None or AXES[quantity][1] != "share":
        return ticks.write(value, AXES[quantity][1])
    return f"{value:.3f}"


def _axis(found: Frontier, quantity: Quantity, scale: Scale | None) -> ChartAxis:
    title, unit = AXES[quantity]
    values = [placed.means[quantity].value for placed in found.placed]
    wide = bool(values) and min(values) > 0 and max(values) >= _WIDE * min(values)
    auto: Scale = "log" if unit != "share" and wide else "linear"
    return ChartAxis(title=title, unit=unit, scale=scale or auto, better="high" if quantity == "accuracy" else "low")


def _point(found: Frontier, placed: Placed) -> ChartPoint:
    x, y = (converted(placed.means[axis], axis) for axis in found.axes[:2])
    return ChartPoint(
        label=placed.label,
        x=x.value,
        y=y.value,
        x_low=x.low,
        x_high=x.high,
        y_low=y.low,
        y_high=y.high,
        mark=placed.mark,
        notes=tuple(_notes(found, placed)),
    )


def _notes(found: Frontier, placed: Placed) -> list[tuple[str, str]]:
    notes = [("P(frontier)", odds(placed.p))]
    for axis in found.axes[2:]:
        notes.append((AXES[axis][0], _whole(placed.means[axis], axis)))
    if placed.solved is not None:
        notes.append(("cost per solved task", _whole(placed.solved, "cost")))
    notes.append(("runs", f"{placed.runs_counted:,} on {found.tasks:,} task{'s' * (found.tasks != 1)}"))
    if placed.estimated:
        notes.append(("tokens", "estimated"))
    if placed.notation and placed.notation not in placed.label:
        notes.append(("system", placed.notation))
    if placed.against is not None:
        notes.append(("beside", f"{placed.against.label}: {', '.join(beside(placed.against, found.axes))}"))
    return notes


def _whole(held: Interval, quantity: Quantity) -> str:
    between = spread(held, quantity)
    return written(held, quantity) + (f" ({between})" if between else "")


def _line(found: Frontier, x: ChartAxis, y: ChartAxis) -> tuple[ChartLine, ...]:
    by_label = {placed.label: placed for placed in found.placed}
    first, second = found.axes[:2]
    corners = [
        (converted(placed.means[first], first).value, converted(placed.means[second], second).value)
        for placed in (by_label[label] for label in found.line)
    ]
    hull = found.options.shape == "hull"
    drawn = _mixtures(corners) if hull and "log" in (x.scale, y.scale) else corners
    xs, ys = zip(*sorted(drawn), strict=True)
    label = LINES[found.options.shape]
    return (ChartLine(label=label, x=xs, y=ys, shape="straight" if hull else "stairs"),)


def _mixtures(corners: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of the straight lines between neighbours: what sending each task to one of two systems by lot comes to."""
    found = [corners[0]]
    for (x1, y1), (x2, y2) in pairwise(corners):
        shares = [step / _PIECES for step in range(1, _PIECES + 1)]
        found += [(x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in shares]
    return found
