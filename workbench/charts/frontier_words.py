"""What has to be said beside a frontier, wherever it is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.analysis.frontier import Frontier
from workbench.charts.spec import Provenance

if TYPE_CHECKING:
    from workbench.ledger.measuring import Measures
    from workbench.ledger.queries import RunQuery

NAMED_RUNS = 50
"""Ids of runs that a chart's provenance names, at most."""


def cautions(found: Frontier, measures: Measures) -> list[str]:
    """What to keep in mind, and which runs are not counted."""
    lines = list(found.notes)
    if "disagreement" in found.axes and len(measures.score_names) > 1:
        lines.append(f"disagreement is measured in several ways ({', '.join(measures.score_names)}): not comparable")
    left = [runs(count, kind) for kind, count in sorted(measures.other_kinds.items())]
    if measures.unfinished:
        left.append(f"{runs(measures.unfinished, measures.kind)} that did not end by themselves")
    return [*lines, f"not counted: {', '.join(left)}"] if left else lines


def runs(count: int, kind: str) -> str:
    """`1 simulated run`, `1,200 real runs`."""
    return f"{count:,} {kind} run{'' if count == 1 else 's'}"


def ungraded(found: Frontier) -> bool:
    """Whether nothing is placed because nothing is graded."""
    if "accuracy" not in found.axes or found.placed or not found.left_out:
        return False
    return all("not graded" in each.reason for each in found.left_out)


def subtitle(found: Frontier) -> str:
    """`6 systems · 164 shared tasks`."""
    systems, tasks = len(found.placed), found.tasks
    return f"{systems:,} system{'s' * (systems != 1)} · {tasks:,} shared task{'s' * (tasks != 1)}"


def provenance(found: Frontier, query: RunQuery, now_ns: int, version: str) -> Provenance:
    """Where a chart of this comes from: some of each system's newest runs, and what the ledger was asked."""
    each = max(1, NAMED_RUNS // max(1, len(found.placed)))
    named = [run for placed in found.placed for run in placed.runs[:each]]
    made = datetime.fromtimestamp(now_ns // 10**9, UTC).isoformat().replace("+00:00", "Z")
    return Provenance(
        kind=found.kind,
        query=query.said(),
        runs=tuple(named[:NAMED_RUNS]),
        version=version,
        created_at=made,
        method=found.method,
    )
