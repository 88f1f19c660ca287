"""A chart of every kind, by name: what each format is opened with."""

from __future__ import annotations

from msgspec.structs import replace

from tests.charts import samples
from tests.charts.strategies import HOSTILE
from workbench.analysis.curves import Theory
from workbench.analysis.frontier import frontier
from workbench.analysis.measures import Cell, Measured
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import curve
from workbench.charts.frontier_chart import frontier_chart
from workbench.charts.lab_chart import curve_chart
from workbench.charts.spec import ChartAxis, ChartPoint, ChartSpec, Provenance


def hostile() -> ChartSpec:
    """Every bad label on a point, in the title and in the notes."""
    spec = samples.frontier()
    labels = [each for each in HOSTILE if each != "\ud800"]
    points = tuple(
        ChartPoint(label=label, x=0.001 * (1 + i), y=0.5 + i / 50, notes=((label, label),))
        for i, label in enumerate(labels)
    )
    return replace(spec, title=HOSTILE[0], subtitle=HOSTILE[0], points=points)


def curves() -> ChartSpec:
    """Measured accuracy with its band, and a theory."""
    draws = tuple(Draw(key=str(i % 3), correct=i % 3 == 0, latency=1.0 + i, tokens=9, cost=10**9) for i in range(9))
    found = curve(Pool(tasks={"a": draws, "b": draws[1:]}), "vote", range(1, 6))
    return curve_chart([found], [Theory(label="iid", k=found.k, value=(0.4, 0.45, 0.5, 0.55, 0.6))])


def systems() -> ChartSpec:
    """A computed frontier of three systems, of which one is beaten."""
    rows = (("cheap", 1, 10), ("dear", 9, 30), ("beaten", 20, 8))
    measured = [
        Measured(
            system=name,
            notation=f"{name}/m",
            kind="recorded",
            cells={
                str(task): Cell(repeats=2, graded=2, right=2 * (task < right), cost=cost * 10**9, latency=3e9)
                for task in range(40)
            },
        )
        for name, cost, right in rows
    ]
    return frontier_chart(frontier(measured, ("cost", "accuracy")))


def empty() -> ChartSpec:
    """Axes, and nothing between them."""
    return ChartSpec(
        title="nothing yet",
        x=ChartAxis(title="cost per task", unit="usd", scale="log"),
        y=ChartAxis(title="accuracy", unit="share"),
        provenance=Provenance(kind="recorded"),
    )


KINDS: dict[str, ChartSpec] = {
    "points": samples.frontier(),
    "lines": samples.curves(),
    "curves": curves(),
    "systems": systems(),
    "empty": empty(),
    "hostile": hostile(),
}
