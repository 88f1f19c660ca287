"""The drawing in cells: nothing overlaps, nothing leaves its place, nothing drives a terminal."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from tests.charts import samples
from tests.charts.strategies import specs
from tests.laws import examples
from workbench.charts import ticks
from workbench.charts.plane import lay
from workbench.charts.spec import ChartAxis, ChartPoint, ChartSpec, Scale, Unit
from workbench.charts.terminal import draw

widths, heights = st.integers(0, 150), st.integers(0, 50)


@settings(max_examples=examples(40), deadline=None)
@given(specs, widths, heights)
def test_labels_never_overlap_and_points_stay_inside(spec: ChartSpec, width: int, height: int) -> None:
    laid = lay(spec, width, height, chosen=spec.points[0].label if spec.points else "")
    left, top, columns, rows = laid.area
    for column, row in laid.spots.values():
        assert left <= column < left + columns
        assert top <= row < top + rows
    cells = [{(at, row) for at in range(column, column + n)} for column, row, n in laid.labelled.values()]
    assert all(not one & other for one, other in itertools.combinations(cells, 2))
    assert all(not set(laid.spots.values()) & each for each in cells)
    assert len(laid.lines) == height
    assert all(sum(cell_len(text) for text, _ in line) <= width for line in laid.lines)


@settings(max_examples=examples(30), deadline=None)
@given(specs, widths, heights)
def test_text_is_never_larger_than_asked_and_drives_nothing(spec: ChartSpec, width: int, height: int) -> None:
    text = draw(spec, width, height, colour=False)
    assert max(cell_len(line) for line in text.splitlines() or [""]) <= width
    assert text.count("\n") <= max(1, height)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    coloured = draw(spec, width, height, colour=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured).replace(" ", "") == text.replace(" ", "")


@settings(max_examples=examples(60), deadline=None)
@given(specs, st.integers(2, 9))
def test_ticks_are_in_range_in_order_few_and_told_apart(spec: ChartSpec, most: int) -> None:
    for ruler in ticks.rulers(spec):
        found = ruler.ticks(most)
        values = [tick.value for tick in found]
        assert len(found) <= most
        assert values == sorted(values)
        assert all(ruler.low <= value <= ruler.high for value in values)


@pytest.mark.parametrize(
    ("low", "high", "axis", "said"),
    [
        (0.0003, 0.018, ChartAxis(title="", unit="usd", scale="log"), "$0.0005 $0.001 $0.002 $0.005 $0.01 $0.02"),
        (0.3, 40, ChartAxis(title="", unit="seconds", scale="log"), "0.3 s|1 s|3 s|10 s|30 s"),
        (0.7, 0.95, ChartAxis(title="", unit="share"), "0.70 0.75 0.80 0.85 0.90 0.95"),
        (0, 12000, ChartAxis(title="", unit="tokens"), "0 5k 10k"),
        (1, 9, ChartAxis(title="", unit="count"), "2 4 6 8"),
    ],
)
def test_ticks_are_round_and_said_in_their_unit(low: float, high: float, axis: ChartAxis, said: str) -> None:
    found = [tick.label for tick in ticks.ruler(axis, [low, high]).ticks(6)]
    assert found == said.split("|" if "|" in said else " ")


@settings(max_examples=examples(60), deadline=None)
@given(st.floats(0, 2e4), st.floats(0.01, 1), st.sampled_from(["usd", "tokens", "share", "seconds"]), st.integers(1, 9))
def test_a_tick_says_the_value_at_which_it_stands(low: float, part: float, unit: Unit, most: int) -> None:
    low = low / 2e4 if unit == "share" else low
    found = ticks.ruler(ChartAxis(title="", unit=unit), [low, low + max(1e-4, low * part)]).ticks(most)
    assert len(found) >= min(2, most)
    for tick in found:
        number = tick.label.strip("$ s").replace("k", "e3").replace("M", "e6")
        assert float(number) == pytest.approx(tick.value, rel=1e-9)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("values", [[0.0], [1.0], [0.0, 1.0], [0.3, 1.0], [0.0, 0.02], [0.97, 0.99]])
def test_an_axis_of_shares_ends_where_shares_do_however_it_is_moved(values: list[float], scale: Scale) -> None:
    whole = ticks.ruler(ChartAxis(title="accuracy", unit="share", scale=scale), values)
    assert 0 <= whole.low < whole.high <= 1
    if scale == "linear":
        for moved in (whole.between(-0.2, 0.8), whole.between(0.2, 1.2), whole.between(-0.3, 1.3)):
            assert 0 <= moved.low < moved.high <= 1
    shown = [value for value in values if whole.share(value) is not None]
    points = tuple(ChartPoint(label=f"{value}", x=0.0, y=value) for value in shown)
    y = ChartAxis(title="accuracy", unit="share", scale=scale)
    x = ChartAxis(title="cost", unit="usd")
    assert len(lay(replace(samples.frontier(), x=x, y=y, points=points, lines=()), 40, 12).spots) == len(shown)


@pytest.mark.parametrize("unit", ["usd", "seconds", "tokens", "count"])
def test_nothing_costs_or_lasts_less_than_nothing(unit: Unit) -> None:
    for values in ([0.0], [0.0, 5.0], [0.1, 9.0]):
        assert ticks.ruler(ChartAxis(title="", unit=unit), values).low >= 0
    assert ticks.ruler(ChartAxis(title="", unit=unit), [-1.0, 5.0]).low < -1
    whole = ticks.ruler(ChartAxis(title="", unit=unit), [1.0, 9.0])
    assert whole.between(-0.5, 0.5).low == 0


@settings(max_examples=examples(60), deadline=None)
@example(1, 1, 6, "linear")
@example(1, 1, 6, "log")
@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 9), st.sampled_from(["linear", "log"]))
def test_an_axis_of_counts_has_whole_numbers_alone(low: int, more: int, most: int, scale: Scale) -> None:
    found = ticks.ruler(ChartAxis(title="k", unit="count", scale=scale), [low, low + more]).ticks(most)
    assert found
    assert all(tick.value == int(tick.value) for tick in found)


def test_in_few_rows_two_ticks_say_their_values_in_the_rows_of_their_points() -> None:
    axis = ChartAxis(title="accuracy", unit="share")
    assert [tick.label for tick in ticks.ruler(axis, [0.44, 0.68]).ticks(2)] == ["0.50", "0.60"]
    points = [ChartPoint(label=f"{value}", x=1.0, y=value) for value in (0.44, 0.5, 0.6, 0.7, 0.72)]
    spec = replace(samples.frontier(), y=axis, points=tuple(points), lines=())
    for height in range(6, 30):
        laid = lay(spec, 60, height)
        said = [(line[:4], row) for row, line in enumerate(laid.text().splitlines()) if line.startswith("0.")]
        assert len(said) > 1
        for label, row in said:
            value = f"{float(label)}"
            assert laid.spots.get(value, ("", row))[1] == row


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0003, "usd", "$0.0003"), (8.14, "seconds", "8.14 s"), (0.95, "share", "0.95"), (1234, "tokens", "1.23k"),
        (None, "usd", "?"), (float("nan"), "", "?"), (-2.5, "usd", "-$2.5"), (0, "usd", "$0"), (1e-20, "", "1.00e-20"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_read_them(value: float | None, unit: Unit, said: str) -> None:
    assert ticks.write(value, unit) == said


def test_the_frontier_is_drawn_with_every_label_and_its_stairs() -> None:
    spec = samples.frontier()
    laid = lay(spec, 100, 30, chosen="gpt-4-turbo")
    assert set(laid.labelled) == {point.label for point in spec.points}
    text = laid.text()
    assert text.count("●") == 4
    assert text.count("◆") == text.count("◦") == 1
    assert "╯" in text
    assert "╎" in text


def test_a_label_takes_the_room_that_is_left_but_no_other_label_s() -> None:
    spec = samples.frontier()
    long = "race[losers=finish](4*sim/small)"
    alone = replace(spec.points[0], label=long, y_low=None, y_high=None)
    assert long in lay(replace(spec, points=(alone,), lines=()), 60, 20).text()
    crowd = tuple(replace(point, label=f"{index} {long}") for index, point in enumerate(spec.points))
    laid = lay(replace(spec, points=crowd), 60, 20)
    assert set(laid.labelled) == {point.label for point in crowd}
    bare = lay(spec, 60, 20, bare=True)
    assert bare.area == (0, 0, 60, 20)
    assert "accuracy" not in bare.text()


def test_a_method_too_long_for_a_line_goes_on_below_and_breaks_between_its_facts() -> None:
    spec = samples.frontier()
    facts = ["frontier staircase", "ε $0.0001 cost, 0.05 accuracy", "bootstrap 2,000 over 164 shared tasks", "seed 7"]
    long = replace(spec, provenance=replace(spec.provenance, method=" · ".join(facts)))
    lines = draw(long, 80, 20, colour=False).splitlines()
    assert len(lines) == 20
    assert lines[-2:] == [" · ".join(facts[:2]), " · ".join(facts[2:])]
    low = draw(long, 80, 12, colour=False).splitlines()
    assert len(low) == 12
    assert low[-1].startswith(" · ".join(facts[:2]))
    assert low[-1].endswith("…")


def test_what_a_log_axis_cannot_show_is_said() -> None:
    spec = samples.frontier()
    first, *rest = spec.points
    said = draw(replace(spec, points=(replace(first, x=0.0), *rest)), 100, 30, colour=False)
    assert "1 not drawn" in said
    assert "recorded" in said
