"""A frontier as a chart: units, scales, lines, notes."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from workbench.analysis.frontier import Frontier, Options, frontier
from workbench.analysis.measures import Cell, Measured
from workbench.analysis.resampling import Interval
from workbench.charts.frontier_chart import beside, frontier_chart, odds, spread, written

TASKS = 40


def measured(name: str, cost: int, right: int, *, estimated: bool = False) -> Measured:
    cells = {
        str(task): Cell(
            repeats=2, graded=2, right=2 * (task < right), cost=cost * 10**9, latency=3e9, estimated=estimated
        )
        for task in range(TASKS)
    }
    return Measured(system=name, notation=f"{name}/m", kind="recorded", cells=cells)


SYSTEMS = [measured("cheap", 1, 10), measured("middle", 2, 13), measured("dear", 9, 30), measured("beaten", 20, 8)]


def found(**options: object) -> Frontier:
    return frontier(SYSTEMS, ("cost", "accuracy"), Options(**options))  # type: ignore[arg-type]


def test_points_are_in_dollars_and_shares_with_their_marks() -> None:
    spec = frontier_chart(found())
    cheap = next(point for point in spec.points if point.label == "cheap")
    assert (cheap.x, cheap.y, cheap.mark) == (0.001, 0.25, "frontier")
    assert cheap.y_low is not None
    assert cheap.y_low < 0.25
    assert {point.label: point.mark for point in spec.points}["beaten"] == "dominated"
    assert (spec.x.unit, spec.x.better, spec.y.unit, spec.y.better) == ("usd", "low", "share", "high")
    assert spec.provenance.kind == "recorded"
    assert "bootstrap 2,000 over 40 shared tasks · seed 7" in spec.provenance.method


def test_a_wide_axis_is_logarithmic_unless_asked_otherwise() -> None:
    assert (frontier_chart(found()).x.scale, frontier_chart(found()).y.scale) == ("log", "linear")
    assert frontier_chart(found(), scales={"cost": "linear"}).x.scale == "linear"
    assert frontier_chart(frontier(SYSTEMS, ("latency", "accuracy"))).x.scale == "linear"


def test_the_line_goes_through_the_frontier() -> None:
    (line,) = frontier_chart(found()).lines
    assert (line.label, line.shape, line.x) == ("frontier staircase", "stairs", (0.001, 0.002, 0.009))


def test_the_hull_is_straight_in_dollars_and_so_is_curved_on_a_logarithmic_axis() -> None:
    (straight,) = frontier_chart(found(shape="hull"), scales={"cost": "linear"}).lines
    (curved,) = frontier_chart(found(shape="hull")).lines
    assert (straight.label, straight.shape) == ("convex hull", "straight")
    assert len(curved.x) > len(straight.x)
    assert list(curved.x) == sorted(curved.x)
    for x, y in zip(curved.x, curved.y, strict=True):
        assert y == pytest.approx(np.interp(x, straight.x, straight.y))


def test_three_axes_have_no_line_and_tell_the_third_of_each_point() -> None:
    spec = frontier_chart(frontier(SYSTEMS, ("cost", "accuracy", "latency")))
    assert spec.lines == ()
    assert ("latency", "3 s (3 s to 3 s)") in spec.points[0].notes


def test_a_card_tells_odds_cost_per_solved_and_what_is_gained() -> None:
    notes = dict(next(point for point in frontier_chart(found()).points if point.label == "middle").notes)
    assert notes["P(frontier)"] == "0.96"
    assert notes["runs"] == "80 on 40 tasks"
    assert notes["system"] == "middle/m"
    assert notes["cost per solved task"].startswith("$0.00615 (")
    assert notes["beside"].startswith("cheap: 2 × the cost [2, 2], accuracy +0.075 [")


def test_estimated_tokens_are_marked() -> None:
    placed = frontier([measured("guessed", 1, 3, estimated=True)], ("cost", "accuracy")).placed[0]
    assert written(placed.means["cost"], "cost", estimated=placed.estimated) == "~$0.001"
    assert written(placed.means["accuracy"], "accuracy", estimated=placed.estimated) == "0.075"


def test_unknown_is_a_question_mark_and_no_upper_end_is_infinite() -> None:
    assert (written(None, "cost"), odds(None), spread(None, "cost")) == ("?", "?", "")
    assert spread(Interval(1e12, 1e12, None), "cost") == "$1 to ∞"


@pytest.mark.parametrize(("gain", "said"), [(0.0, "+0.000"), (-0.25, "-0.250")])
def test_differences_are_signed(gain: float, said: str) -> None:
    placed = next(each for each in found().placed if each.against is not None)
    assert placed.against is not None
    assert beside(replace(placed.against, gain=Interval(gain)), ("cost", "accuracy"))[1] == f"accuracy {said}"
