"""`workbench frontier --against`: whether systems differ from one of them, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.analysis.against import Against
from workbench.analysis.measures import Quantity
from workbench.analysis.resampling import Interval
from workbench.analysis.statistics import needed_words
from workbench.charts.frontier_chart import FACTORS, spread, written
from workbench.cli.output import line, one_line, table

COLUMNS = ("system", "difference", "95 %", "higher", "lower", "p", "p (Holm)", "tasks")


def show(found: Sequence[Against], base: str, quantity: Quantity) -> None:
    """A table, and how many tasks it would take."""
    line(one_line(f"{quantity} less that of {base}, by the differences within tasks that both met"))
    rows = [
        (
            each.label,
            _signed(each, quantity),
            spread(_interval(each), quantity),
            str(each.found.won),
            str(each.found.lost),
            _p(each.found.p),
            _p(each.adjusted),
            f"{each.found.difference.tasks:,}",
        )
        for each in found
    ]
    table(COLUMNS, rows, right=COLUMNS[1:], flex="system", drop=("p", "higher", "lower"))
    if quantity == "accuracy" and found:
        widest = max(found, key=lambda each: each.found.spread or 0.0)
        line(needed_words(widest.found))


def to_data(found: Sequence[Against], base: str, quantity: Quantity) -> dict[str, Any]:
    """By the names of docs/json.md."""
    factor = FACTORS[quantity]
    return {
        "base": base,
        "quantity": quantity,
        "systems": [
            {
                "name": each.label,
                "difference": each.found.difference.value * factor,
                "low": _times(each.found.difference.low, factor),
                "high": _times(each.found.difference.high, factor),
                "se": _times(each.found.difference.se, factor),
                "unpaired_se": _times(each.found.unpaired_se, factor),
                "higher": each.found.won,
                "lower": each.found.lost,
                "p": each.found.p,
                "p_holm": each.adjusted,
                "tasks": each.found.difference.tasks,
            }
            for each in found
        ],
    }


def _interval(each: Against) -> Interval:
    made = each.found.difference
    return Interval(made.value, made.low, made.high)


def _signed(each: Against, quantity: Quantity) -> str:
    said = written(_interval(each), quantity)
    return f"+{said}" if each.found.difference.value > 0 else said


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0") if value < 0.9995 else "1"
