"""What `workbench lab` says, as a person reads it and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench import money
from workbench.analysis import scaling
from workbench.analysis.curves import Theory
from workbench.analysis.pool import Pool
from workbench.analysis.scaling import Band, Curve
from workbench.charts.lab_words import figure
from workbench.cli.output import counted, line, one_line, table
from workbench.evals import whatif

if TYPE_CHECKING:
    from workbench.evals.whatif import WhatIf

COLUMNS = ("k", "accuracy", "95 %", "latency", "cost", "tokens", "waste")


def what_if_json(pool: Pool, found: WhatIf) -> dict[str, Any]:
    """A what-if by the names of docs/json.md."""
    figures = {name: _band_json(name, band, 0) for name, band in whatif.intervals(found).items() if band is not None}
    if len(found.measured.cells) == 1:  # runs on one task say nothing of others
        figures = {name: {**figure, "low": None, "high": None} for name, figure in figures.items()}
    return {
        "kind": "recorded",
        "of": pool.kind,
        "source": pool.source,
        "system": found.measured.notation,
        "runs": len(found.outcomes),
        "tasks": len(found.measured.cells),
        "path": found.path,
        "notes": list(found.notes),
        "seed": found.seed,
        **{_json_name(name): value for name, value in figures.items()},
    }


def curve_table(curve: Curve) -> None:
    """A curve as a table over k, a line above it."""
    left = f", {counted(curve.left_out, 'task')} left out" if curve.left_out else ""
    model = f" · {one_line(curve.model, 60)}" if curve.model else ""
    line(f"{curve.label}{model} · {counted(curve.tasks, 'task')}{left} · {curve.method} · {curve.interval}")
    rows = [
        (
            str(k),
            *figure("accuracy", curve.accuracy, i),
            *(figure(name, getattr(curve, name), i)[0] for name in ("latency", "cost", "tokens", "waste")),
        )
        for i, k in enumerate(curve.k)
    ]
    table(COLUMNS, rows, right=COLUMNS, drop=("waste", "tokens"))


def _json_name(name: str) -> str:
    units = {"cost": "cost_usd", "latency": "latency_s", "sequential": "sequential_tokens", "waste": "waste_tokens"}
    return units.get(name, name)


def _band_json(name: str, band: Band, at: int) -> dict[str, float | None]:
    scale = 1 / money.PICO if name == "cost" else 1.0
    return {part: getattr(band, part)[at] * scale for part in ("value", "low", "high")}


def curves_json(pool: Pool, curves: Sequence[Curve], theory: Sequence[Theory], advice: Sequence[str]) -> dict[str, Any]:
    """Curves, theory and advice by the names of docs/json.md."""
    return {
        "kind": pool.kind,
        "source": pool.source,
        "note": pool.note,
        "curves": [_curve_json(curve) for curve in curves],
        "theory": [{"label": t.label, "k": list(t.k), "accuracy": list(t.value)} for t in theory],
        "advice": list(advice),
    }


def _curve_json(curve: Curve) -> dict[str, Any]:
    bands = {name: band for name in scaling.QUANTITIES if (band := getattr(curve, name)) is not None}
    return {
        "rule": curve.rule,
        "label": curve.label,
        "model": curve.model,
        "tasks": curve.tasks,
        "left_out": curve.left_out,
        "graded": curve.graded,
        "method": curve.method,
        "interval": curve.interval,
        "rows": [
            {"k": k, **{_json_name(name): _band_json(name, band, i) for name, band in bands.items()}}
            for i, k in enumerate(curve.k)
        ],
    }
