"""What `workbench frontier` says, as a person reads it and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.analysis.frontier import Frontier
from workbench.analysis.measures import QUANTITIES, Quantity
from workbench.analysis.placing import Placed
from workbench.analysis.resampling import Interval
from workbench.charts.frontier_chart import FACTORS, beside, converted, odds, spread, written
from workbench.charts.frontier_words import cautions
from workbench.charts.spec import ChartSpec
from workbench.cli.charting import draw
from workbench.cli.output import line, one_line, table

if TYPE_CHECKING:
    from workbench.ledger import Measures

NAMES: dict[Quantity, str] = {
    "cost": "cost_usd",
    "latency": "latency_s",
    "accuracy": "accuracy",
    "disagreement": "disagreement",
    "tokens": "tokens",
}
HEIGHT = 20


def show(found: Frontier, measures: Measures, spec: ChartSpec) -> None:
    """Chart, table, and what the figures are."""
    draw(spec, height=HEIGHT)
    columns = _columns(found)
    right = [name for name in columns if name not in ("system", "label")]
    drop = ("runs", *(name for name in columns if name.endswith("95 %")), "tasks", "per solved")
    rows = [_row(found, placed) for placed in found.placed]
    table(columns, rows, right=right, flex="system", drop=drop)
    for text in said(found, measures):
        line(one_line(text))


def said(found: Frontier, measures: Measures) -> list[str]:
    """What goes with the figures: what each step of the line gains, cautions, what is not among them."""
    lines = [
        f"{placed.label} beside {placed.against.label}: {', '.join(beside(placed.against, found.axes))}"
        for placed in found.placed
        if placed.against is not None and placed.label in found.line
    ]
    if found.hypervolume is not None or found.options.reference:
        lines.append(_covered(found))
    lines += [f"not compared: {each.label} ({each.reason})" for each in found.left_out]
    lines += cautions(found, measures)
    return lines


def _covered(found: Frontier) -> str:
    reference = ", ".join(
        written(Interval(value), axis) for value, axis in zip(found.reference, found.axes, strict=True)
    )
    if not found.hypervolume:
        return f"hypervolume 0: on every axis at once, no system is better than {reference}"
    return f"hypervolume {found.hypervolume:.3f} of the box up to {reference}"


def _columns(found: Frontier) -> list[str]:
    figures = [name for axis in found.axes for name in (axis, f"{axis} 95 %")]
    return ["system", *figures, "P(frontier)", "label", "per solved", "tasks", "runs"]


def _row(found: Frontier, placed: Placed) -> list[str]:
    cells = [placed.label]
    for axis in found.axes:
        cells += [written(placed.means[axis], axis, estimated=placed.estimated), spread(placed.means[axis], axis)]
    solved = written(placed.solved, "cost", estimated=placed.estimated)
    return [*cells, odds(placed.p), placed.mark, solved, f"{found.tasks:,}", f"{placed.runs_counted:,}"]


def to_data(found: Frontier, measures: Measures) -> dict[str, Any]:
    """By the names of docs/json.md."""
    return {
        "kind": found.kind,
        "axes": list(found.axes),
        "tasks": found.tasks,
        "systems": [_system(found, placed) for placed in found.placed],
        "line": list(found.line),
        "left_out": [{"name": each.label, "notation": each.notation, "reason": each.reason} for each in found.left_out],
        "hypervolume": found.hypervolume,
        "reference": [value * FACTORS[axis] for value, axis in zip(found.reference, found.axes, strict=True)],
        "method": found.method,
        "notes": cautions(found, measures),
        "runs": measures.runs,
        "not_counted": {"unfinished": measures.unfinished, **measures.other_kinds},
    }


def _system(found: Frontier, placed: Placed) -> dict[str, Any]:
    against = placed.against
    return {
        "name": placed.label,
        "system": placed.system,
        "notation": placed.notation,
        **{NAMES[axis]: _ends(converted(placed.means[axis], axis)) for axis in QUANTITIES if axis in placed.means},
        "p_frontier": placed.p,
        "label": placed.mark,
        "on_frontier": placed.on_frontier,
        "cost_per_solved_usd": None if placed.solved is None else _ends(converted(placed.solved, "cost")),
        "beside": None
        if against is None
        else {
            "name": against.label,
            f"{found.axes[0]}_ratio": _ends(against.ratio),
            f"{found.axes[1]}_gain": _ends(converted(against.gain, found.axes[1])),
        },
        "runs": placed.runs_counted,
        "run_ids": list(placed.runs),
        "tokens_estimated": placed.estimated,
    }


def _ends(held: Interval) -> dict[str, float | None]:
    return {"value": held.value, "low": held.low, "high": held.high}
