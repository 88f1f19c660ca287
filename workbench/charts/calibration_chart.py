"""Risk over coverage: how much goes wrong among the answers that are given, the surest first."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.analysis.calibration import RiskCoverage
from workbench.charts.spec import ChartAxis, ChartLine, ChartSpec, Provenance


def risk_chart(curves: Sequence[tuple[str, RiskCoverage]], *, provenance: Provenance) -> ChartSpec:
    """A line for each named curve."""
    lines = [ChartLine(label=name, x=curve.coverage, y=curve.risk) for name, curve in curves]
    return ChartSpec(
        title="risk over coverage",
        x=ChartAxis(title="answered", unit="share"),
        y=ChartAxis(title="wrong among them", unit="share", better="low"),
        lines=tuple(lines),
        provenance=provenance,
    )
