"""The Lab's figures as a person reads them."""

from __future__ import annotations

from workbench import money
from workbench.analysis.scaling import Band

UNKNOWN = "?"


def figure(name: str, band: Band | None, at: int = 0) -> tuple[str, str]:
    """(the figure, its interval)."""
    if band is None:
        return UNKNOWN, ""
    value, low, high = (said(name, part[at]) for part in (band.value, band.low, band.high))
    return value, f"{low} to {high}"


def said(name: str, value: float) -> str:
    """`.793`, `9.41 s`, `$0.0024`, `1,204`."""
    if name == "accuracy":
        return share(value)
    if name == "latency":
        return f"{value:.2f} s"
    return money.show(round(value)) if name == "cost" else f"{value:,.0f}"


def share(value: float) -> str:
    """A share as `.793`."""
    return f"{value:.3f}".removeprefix("0") if value < 0.9995 else "1.00"
