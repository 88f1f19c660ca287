"""Rows and columns of the lanes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.scripted import PRICES, long_run, race_and_judge, until
from workbench.engine.view import RunView
from workbench.tui import figures, lane_table
from workbench.tui.lane_table import SORTS, Sort
from workbench.tui.reading import Frame, standing


def frame(ms: int) -> Frame:
    view = RunView().apply_all(until(long_run(), ms))
    return Frame(view, elapsed=view.t, standing=standing(view), price_of=lambda model: PRICES)


def drawn(frame: Frame, call: str, width: int = 112) -> str:
    full = figures.scale(max(c.tokens for c in frame.view.calls.values()))
    columns = lane_table.columns(width, lane_table.contents(frame))
    return "".join(text for text, _ in lane_table.lane(frame, frame.view.calls[call], columns, full))


@given(st.integers(66, 240), st.integers(1, 10_000), st.integers(1, 90), st.integers(1, 90), st.integers(1, 20))
def test_titles_and_lanes_are_as_wide_as_each_other_and_fit(
    width: int, replicas: int, model: int, answer: int, cost: int
) -> None:
    columns = lane_table.columns(width, lane_table.Contents(replicas, model, answer, cost))
    there = frame(9000)
    head = "".join(text for text, _ in lane_table.head(columns))
    lane = "".join(text for text, _ in lane_table.lane(there, there.view.calls["c1"], columns, 500))
    assert cell_len(head) == cell_len(lane) <= width


@given(st.integers(66, 240), st.integers(1, 999), st.integers(1, 90), st.integers(1, 90), st.integers(1, 20))
def test_progress_or_speed_is_always_there(width: int, replicas: int, model: int, answer: int, cost: int) -> None:
    columns = lane_table.columns(width, lane_table.Contents(replicas, model, answer, cost))
    assert columns.bar or columns.speed


def test_a_simulated_lane_among_real_ones_says_so() -> None:
    there = frame(9000)
    there.view.calls["c2"].kind = "simulated"
    assert "sim/deepseek-reasone" in drawn(there, "c2")
    assert "sim/" not in drawn(there, "c1")
    there.view.kind = "simulated"
    assert "sim/" not in drawn(there, "c2")


def test_a_lane_in_each_state() -> None:
    there = frame(6200)
    assert "✓ done 1st 6.1 s" in drawn(there, "c1")
    assert " 42 " in drawn(there, "c1")
    assert "● thinking" in drawn(there, "c3")
    assert "~$0.000318" in drawn(there, "c3")
    assert "↻ retry 1 · 429 too many" in drawn(there, "c9")
    assert "✗ failed · connection re…" in drawn(there, "c10")
    ended = frame(9000)
    assert "⚑ answered 1st 6.1 s" in drawn(ended, "c1")
    assert "✕ cancelled" in drawn(ended, "c5")


def test_a_node_with_one_call_has_no_ranks() -> None:
    assert "⚑ answered 8.1 s" in drawn(frame(9000), "j1")


def test_groups_are_headed_by_the_way_to_their_node() -> None:
    there = frame(9000)
    rows = lane_table.rows(there, race_and_judge().root, "replica")
    assert [row.heading for row in rows if row.call is None] == [
        "judge › race › deepseek-reasoner",
        "judge › claude-sonnet-4-5 · judge",
    ]
    assert [row.call for row in rows if row.call][:3] == ["c1", "c2", "c3"]


def test_a_single_node_has_no_heading() -> None:
    there = frame(6200)
    assert all(row.call for row in lane_table.rows(there, race_and_judge().root.of[0], "replica"))  # type: ignore[union-attr]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_keeps_every_lane(sort: Sort) -> None:
    there = frame(9000)
    calls = [row.call for row in lane_table.rows(there, None, sort) if row.call]
    assert sorted(calls) == sorted(there.view.calls)


def test_orders() -> None:
    there = frame(9000)
    by = {sort: [row.call for row in lane_table.rows(there, None, sort) if row.call] for sort in SORTS}
    assert by["finish"][:3] == ["c1", "c2", "c3"]
    assert by["tokens"][:2] == ["c1", "c2"]
    assert by["answer"][:3] == ["c3", "c1", "c2"]
    assert by["cost"][0] == "c1"


def test_the_stamp_changes_with_all_that_is_shown() -> None:
    stamps = set()
    for ms in (100, 1000, 2500, 5000, 6200, 9000):
        there = frame(ms)
        stamps.add(lane_table.stamp(there.view.calls["c1"], there.standing))
    assert len(stamps) == 6
