"""`workbench calibration`: what disagreement scores have been worth on graded runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from workbench import __version__
from workbench.analysis import calibration as scored
from workbench.analysis.calibration import Auroc, GradedScore, RiskCoverage, Scope
from workbench.charts.calibration_chart import risk_chart
from workbench.charts.spec import Provenance
from workbench.cli.charting import Exports, draw
from workbench.cli.filters import OneKind, narrowed
from workbench.cli.options import JSON
from workbench.cli.output import line, print_json, table
from workbench.cli.services import Services
from workbench.errors import InputError

STEPS = tuple(n / 5 for n in range(6))
"""Scores that the table tells of."""
SAID: dict[Scope, str] = {"within": "draws of one model", "cross": "draws of several models"}


def calibration(
    *,
    runs: OneKind = OneKind(),
    exports: Exports = Exports(),
    json: Annotated[bool, JSON] = False,
) -> int:
    """How often answers at a disagreement score were wrong, on runs that are graded or have a target."""
    exports.check("workbench calibration")
    query, kind = runs.query(), runs.kind
    with Services().ledger(read_only=True) as ledger:
        rows = ledger.graded_scores(query)
    if not rows:
        hint = "`workbench runs grade last right` grades one; --kind chooses simulated or recorded ones."
        asked = narrowed(query)
        of = f" of those that fit {asked}" if asked else ""
        said = f"no {kind} run{of} has both a disagreement score and a grade"
        raise InputError(said, where="workbench calibration", hint=hint)
    parts = _parts(rows)
    made = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    source = Provenance(
        kind=kind, query=query.said(), version=__version__, created_at=made, method="AUROC with DeLong's 95 % interval"
    )
    spec = risk_chart([(f"{name}, {scope} models", curve) for name, scope, _, _, curve in parts], provenance=source)
    if json:
        print_json({"kind": kind, "scores": [_data(*part) for part in parts]})
    else:
        draw(spec)
        for part in parts:
            _show(*part)
    exports.write(spec)
    return 0


def _parts(rows: Sequence[GradedScore]) -> list[tuple[str, Scope, list[GradedScore], Auroc | None, RiskCoverage]]:
    """Each score and scope by itself."""
    found = []
    for name in sorted({row.name for row in rows}):
        for scope in get_args(Scope):
            if there := scored.of(rows, name, scope):
                found.append((name, scope, there, scored.auroc(there), scored.risk_coverage(there)))
    return found


def _show(name: str, scope: Scope, rows: Sequence[GradedScore], area: Auroc | None, curve: RiskCoverage) -> None:
    wrong = sum(row.wrong for row in rows)
    line(f"{name} · {SAID[scope]} · {len(rows):,} graded answers, {wrong:,} wrong")
    if area is None:
        line("All are right or all wrong: no score tells them apart.")
    else:
        ends = "" if area.low is None else f", 95 % {area.low:.3f} to {area.high:.3f}"
        line(f"AUROC {area.value:.3f}{ends} · area under risk over coverage {curve.area:.3f}")
    shown = [(score, scored.expected_error(rows, score)) for score in STEPS]
    table(
        ("score", "wrong", "of", "share", "95 %"),
        [
            (f"{score:.1f}", "?", "few", "", "")
            if near is None
            else (
                f"{score:.1f}",
                f"{near.wrong:,}",
                f"{near.n:,}",
                f"{near.wrong / near.n:.0%}",
                f"{near.low:.0%} to {near.high:.0%}",
            )
            for score, near in shown
        ],
        right=("score", "wrong", "of", "share", "95 %"),
    )


def _data(
    name: str, scope: Scope, rows: Sequence[GradedScore], area: Auroc | None, curve: RiskCoverage
) -> dict[str, Any]:
    near = {score: scored.expected_error(rows, score) for score in STEPS}
    return {
        "score": name,
        "scope": scope,
        "graded": len(rows),
        "wrong": sum(row.wrong for row in rows),
        "auroc": None if area is None else {"value": area.value, "low": area.low, "high": area.high},
        "risk_coverage_area": curve.area,
        "risk_coverage": [
            {"score": score, "coverage": coverage, "risk": risk}
            for score, coverage, risk in zip(curve.score, curve.coverage, curve.risk, strict=True)
        ],
        "near": [
            {"score": score, "wrong": e.wrong, "graded": e.n, "low": e.low, "high": e.high}
            for score, e in near.items()
            if e is not None
        ],
    }
