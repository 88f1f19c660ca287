"""Curves over k as a chart: what was measured as lines with their bands, theory over it dashed."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.analysis.curves import Theory
from workbench.analysis.scaling import Band, Curve
from workbench.charts.spec import ChartAxis, ChartLine, ChartSpec, Provenance, Unit
from workbench.money import PICO

AXES: dict[str, tuple[str, Unit]] = {
    "accuracy": ("accuracy", "share"),
    "latency": ("latency", "seconds"),
    "cost": ("cost per task", "usd"),
    "tokens": ("tokens per task", "tokens"),
    "sequential": ("sequential tokens", "tokens"),
    "waste": ("wasted tokens", "tokens"),
}


def curve_chart(
    curves: Sequence[Curve],
    theory: Sequence[Theory] = (),
    *,
    quantity: str = "accuracy",
    provenance: Provenance | None = None,
    title: str = "",
) -> ChartSpec:
    """The chart of one quantity. A curve without it is left out; theory is of accuracy alone."""
    name, unit = AXES[quantity]
    lines = [line for curve in curves if (line := _line(curve, quantity, several=len(curves) > 1)) is not None]
    if quantity == "accuracy":
        lines += [ChartLine(label=t.label, x=tuple(map(float, t.k)), y=t.value, dash=True) for t in theory]
    said = " · ".join(dict.fromkeys(text for curve in curves for text in (curve.method, curve.interval) if text))
    return ChartSpec(
        title=title or f"{name} over k",
        subtitle="" if provenance is not None else said,
        x=ChartAxis(title="k", unit="count"),
        y=ChartAxis(title=name, unit=unit, better="high" if quantity == "accuracy" else "low"),
        lines=tuple(lines),
        provenance=provenance or Provenance(kind="recorded" if curves else "theory", method=said),
    )


def _line(curve: Curve, quantity: str, *, several: bool) -> ChartLine | None:
    band: Band | None = getattr(curve, quantity)
    if band is None:
        return None
    scale = 1 / PICO if quantity == "cost" else 1.0
    value, low, high = (tuple(each * scale for each in part) for part in (band.value, band.low, band.high))
    label = f"{curve.label} {curve.model}".strip() if several else curve.label
    return ChartLine(label=label, x=tuple(map(float, curve.k)), y=value, low=low, high=high)
