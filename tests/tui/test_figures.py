"""Figures as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.scripted import MS, PRICES, long_run, until
from workbench.engine.view import RunView
from workbench.models.base import Prices
from workbench.tui import figures


def test_counts_and_times() -> None:
    assert figures.count(1842) == "1 842"
    assert figures.count(None) == "–"
    assert figures.seconds(840 * MS) == "0.84 s"
    assert figures.seconds(6_200 * MS) == "6.2 s"
    assert figures.seconds(132_000 * MS) == "2 m 12 s"
    assert figures.seconds(None) == "–"
    assert [figures.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "111th",
    ]  # fmt: skip


@given(st.floats(0, 2), st.integers(0, 80))
def test_a_bar_fills_its_width(share: float, width: int) -> None:
    done, rest = figures.bar(share, width)
    assert len(done) + len(rest) == width
    assert not (share > 0 and width and not done)


@given(st.integers(0, 10**6))
def test_the_scale_holds_the_largest_and_is_not_far_above(largest: int) -> None:
    full = figures.scale(largest)
    assert full >= largest
    assert full == 64 or full < largest * 1.6 + 64


def test_a_running_call_costs_what_it_has_received_and_says_so() -> None:
    view = RunView().apply_all(until(long_run(), 5000))
    call = view.calls["c3"]
    assert call.state == "thinking"
    assert figures.running_cost(call, PRICES) == call.deltas * (PRICES.output or 0)
    assert figures.cost(call, PRICES).startswith("~$")
    assert figures.cost(call, None) == "?"


def test_an_ended_call_costs_what_its_end_said() -> None:
    view = RunView().apply_all(long_run())
    assert figures.cost(view.calls["c1"], None) == "$0.000696"
    assert figures.cost(view.calls["c5"], None).startswith("~")


@pytest.mark.parametrize(
    ("pico", "width", "shown"),
    [
        (7_740_000, 11, "$0.00000774"),
        (7_740_000, 10, "$0.0000077"),
        (7_740_000, 9, "$0.000008"),
        (1_000, 11, "<$0.0000001"),
        (1_234_560_000_000, 4, "$1.2"),
    ],
)
def test_a_narrow_column_gets_fewer_figures_never_a_cut_one(pico: int, width: int, shown: str) -> None:
    call = RunView().apply_all(long_run()).calls["c1"]
    call.cost = pico
    assert figures.cost(call, None, width) == shown


def test_what_is_free_is_no_estimate() -> None:
    view = RunView().apply_all(until(long_run(), 5000))
    assert figures.cost(view.calls["c3"], Prices(input=0, output=0)) == "$0.00"
    ended = RunView().apply_all(long_run()).calls["c5"]
    ended.cost = ended.cost_low = ended.cost_high = 0
    assert figures.cost(ended, None) == "$0.00"


@pytest.mark.parametrize(("call", "speed"), [("c1", "55"), ("c10", "13")])
def test_speed_is_tokens_over_the_time_between_first_and_last(call: str, speed: str) -> None:
    view = RunView().apply_all(long_run())
    assert figures.per_second(view.calls[call], view.t) == speed


def test_speed_of_a_call_that_has_said_nothing_is_unknown() -> None:
    view = RunView().apply_all(until(long_run(), 100))
    assert figures.per_second(view.calls["c1"], view.t) == "–"
