"""Charts that tests and pictures use: the recorded six systems, curves with a band and a theory."""

from __future__ import annotations

from workbench.charts.spec import ChartAxis, ChartLine, ChartPoint, ChartSpec, Mark, Provenance

_ROWS: tuple[tuple[str, float, float, float, Mark], ...] = (
    ("single gpt-3.5", 0.00033, 0.739, 0.030, "frontier"),
    ("warming 3.5", 0.00089, 0.812, 0.028, "frontier"),
    ("cascade → gpt-4", 0.00266, 0.876, 0.024, "frontier"),
    ("gpt-4-turbo", 0.01177, 0.896, 0.022, "ambiguous"),
    ("warming 4-turbo", 0.01493, 0.932, 0.018, "frontier"),
    ("gpt-4", 0.01790, 0.865, 0.025, "dominated"),
)


def frontier() -> ChartSpec:
    """HumanEval, recorded."""
    points = tuple(
        ChartPoint(label=label, x=x, y=y, y_low=y - e, y_high=y + e, mark=mark, notes=(("runs", "820"),))
        for label, x, y, e, mark in _ROWS
    )
    on = [point for point in points if point.mark != "dominated"]
    stairs = ChartLine(label="frontier", x=tuple(p.x for p in on), y=tuple(p.y for p in on), shape="stairs")
    return ChartSpec(
        title="accuracy against cost",
        subtitle="HumanEval · 6 systems · 4,920 runs",
        x=ChartAxis(title="cost per task", unit="usd", scale="log", better="low"),
        y=ChartAxis(title="accuracy", unit="share", better="high"),
        points=points,
        lines=(stairs,),
        provenance=Provenance(
            kind="recorded", query="task-set = 'humaneval'", runs=("r1", "r2"), version="0.1.0",
            created_at="2026-01-02T03:04:05Z", method="frontier staircase · bootstrap 2,000 · seed 7",
        ),
    )  # fmt: skip


def curves() -> ChartSpec:
    """Accuracy over k: measured with a band, theory dashed."""
    ks = tuple(float(k) for k in range(1, 21))
    measured = tuple(0.95 - 0.3 * 0.8**k for k in ks)
    return ChartSpec(
        title="accuracy over k",
        x=ChartAxis(title="replicas k", unit="count"),
        y=ChartAxis(title="accuracy", unit="share", better="high"),
        lines=(
            ChartLine(
                label="measured", x=ks, y=measured,
                low=tuple(y - 0.02 for y in measured), high=tuple(y + 0.02 for y in measured),
            ),
            ChartLine(label="theory", x=ks, y=tuple(0.97 - 0.35 * 0.82**k for k in ks), dash=True),
        ),
        provenance=Provenance(kind="simulated", created_at="2026-01-02T03:04:05Z"),
    )  # fmt: skip
