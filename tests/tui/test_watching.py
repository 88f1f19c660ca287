"""Watching a run: filters, order, the leader, columns, why, and what it came to."""

from __future__ import annotations

import pytest

from tests.tui.piloting import Bench, bench, fire, said, seen, settle
from tests.tui.scripted import SONNET, Puppet, long_run, until
from workbench.engine.view import RunView
from workbench.systems.nodes import Budget
from workbench.tui import after, lane_filter, lane_table
from workbench.tui.lane_filter import ALL, Only
from workbench.tui.reading import Frame, standing, totals
from workbench.tui.screens.pick import Pick
from workbench.tui.why import chain
from workbench.tui.widgets.columns import LaneColumns
from workbench.tui.widgets.focus import Detail
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.run_bar import RunBar


def frame_at(ms: int) -> Frame:
    view = RunView().apply_all(until(long_run(), ms))
    return Frame(view, elapsed=ms * 1_000_000, live=True, standing=standing(view))


def test_filters_part_the_lanes() -> None:
    frame = frame_at(9000)
    found = lane_filter.choices(frame, lambda node: f"<{node}>")
    assert found[ALL] == "11 lanes"
    assert found[Only("state", "cancelled")] == "6 lanes"
    assert found[Only("answer", "42")] == "3 lanes"
    assert found[Only("node", "of.0/of.0")] == "<of.0/of.0> · 10 lanes"
    rows = lane_table.rows(frame, None, "replica", Only("state", "failed"))
    assert [row.call for row in rows] == [None, None, "c10"]
    assert rows[0].heading.startswith("only state failed · 1 of 11")


def test_by_cluster_the_most_frequent_answer_comes_first() -> None:
    rows = lane_table.rows(frame_at(9000), None, "cluster")
    assert [row.call for row in rows if row.call][:4] == ["c1", "c2", "c3", "c4"]


def test_the_leader_is_who_is_furthest_and_does_not_flicker() -> None:
    frame = frame_at(1500)
    assert lane_filter.leader(frame, None) == "c1"
    assert lane_filter.leader(frame, "c2") == "c2"
    assert lane_filter.leader(frame, "c10") == "c10"
    assert lane_filter.leader(frame_at(4000), "c10") == "c1"
    assert lane_filter.leader(frame_at(6050), "c4") == "c1"
    assert lane_filter.leader(frame_at(9000), None) == "j1"
    assert lane_filter.leader(Frame(RunView()), None) is None


async def focus(pilot: Bench, *keys: str) -> None:
    await pilot.press("alt+l")
    await pilot.pause()
    await pilot.press(*keys)
    await settle(pilot)


async def test_lanes_of_one_state_alone() -> None:
    async with bench(Puppet(long_run()), size=(150, 45)) as pilot:
        await focus(pilot, "f")
        assert "no lanes yet" in said(pilot)
        await fire(pilot)
        await focus(pilot, "f")
        assert isinstance(pilot.app.screen, Pick)
        await pilot.press(*"failed", "enter")
        await settle(pilot)
        shown = seen(pilot, Lanes)
        assert "only state failed · 1 of 11" in shown
        assert "✕ cancelled" not in shown
        await focus(pilot, "f", "enter")
        assert "✕ cancelled" in seen(pilot, Lanes)


async def test_the_cursor_follows_the_leader_until_it_is_moved() -> None:
    async with bench(Puppet(until(long_run(), 4000), ends=False)) as pilot:
        await fire(pilot)
        await focus(pilot, "j", "j", "F")
        assert pilot.app.screen.query_one(Lanes).cursor == 1
        await focus(pilot, "j")
        assert "follows" in said(pilot)
        assert pilot.app.screen.query_one(Lanes).cursor == 2
        await focus(pilot, "F", "F")
        assert "stays" in said(pilot)


async def test_columns_show_replicas_side_by_side() -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    async with bench(puppet, size=(150, 45)) as pilot:
        await fire(pilot)
        await focus(pilot, "c")
        columns = pilot.app.screen.query_one(LaneColumns)
        assert columns.has_focus
        shown = seen(pilot, LaneColumns)
        assert "1–6 of 10 side by side" in shown
        assert "1 deepseek-rea" in shown
        assert "step 120" in shown
        assert "● thinking" in shown
        await pilot.press(*["right"] * 6)
        await settle(pilot)
        assert "2–7 of 10 side by side" in seen(pilot, LaneColumns)
        await pilot.click(LaneColumns, offset=(5, 5))
        await settle(pilot)
        assert columns.neighbour(0) == "c2"
        await pilot.press("left", "x", "enter")
        await settle(pilot)
        assert puppet.stopped_calls == ["c1"]
        assert pilot.app.screen.query_one(Detail).has_focus
        assert not columns.display


async def test_columns_go_back_to_lanes() -> None:
    async with bench(size=(80, 24)) as pilot:
        await focus(pilot, "c")
        assert "side by side" in seen(pilot, LaneColumns)
        await pilot.press("c")
        await settle(pilot)
        assert pilot.app.screen.query_one(Lanes).has_focus


def outcomes(call: str, ms: int = 9000) -> list[tuple[str, str]]:
    view = frame_at(ms).view
    return [(step.outcome, step.by) for step in chain(view, view.calls[call])]


def test_the_way_of_an_answer_through_the_choices() -> None:
    judged = [("chosen", "race"), ("said", SONNET), ("read", "judge"), ("chosen", "judge"), ("answer", "")]
    assert outcomes("c1") == [("made", "model"), *judged]
    assert outcomes("j1") == [("made", "judge"), ("chosen", "judge"), ("answer", "")]
    assert outcomes("c5") == [("left", "race")]
    assert outcomes("c10") == [("left", "")]
    assert outcomes("c5", 3000) == [("open", "")]
    assert outcomes("c1", 6200) == [("made", "model"), ("open", "")]


async def test_why_this_one() -> None:
    async with bench(Puppet(long_run()), size=(150, 45)) as pilot:
        await fire(pilot)
        await focus(pilot, "home", "enter", "5")
        told = pilot.app.screen.query_one(Detail).text
        assert "⚑ chosen by race          the first three to finish thinking" in told
        assert "✓ accepted by claude-son…" in told
        assert "⚑ the run's answer" in told
        await focus(pilot, *["j"] * 5)
        assert "left out by race" in pilot.app.screen.query_one(Detail).text
        assert "1, 2, 3 instead" in pilot.app.screen.query_one(Detail).text


async def test_answers_as_they_were_written() -> None:
    async with bench(Puppet(long_run()), size=(150, 45)) as pilot:
        await fire(pilot)
        await focus(pilot, "home", "enter", "r")
        assert pilot.app.screen.query_one("#plain").display
        assert "Final answer: **42**" in seen(pilot, Detail) or "**42**" in pilot.app.screen.query_one(Detail).text
        await pilot.press("r")
        await settle(pilot)
        assert pilot.app.screen.query_one("#rendered").display


def test_the_limit_that_is_nearest_is_told() -> None:
    frame = frame_at(9000)
    for budget, most, share in (
        (Budget(max_usd=0.05, max_tokens=2000), "2 000 tokens", 0.95),
        (Budget(max_usd=0.002, deadline=50.0), "$0.002", 1.85),
        (Budget(deadline=10.0), "10 s", 0.9),
    ):
        frame.view.budget = budget
        limit = after.limit(frame, totals(frame))
        assert limit is not None
        assert limit.most == most
        assert limit.share == pytest.approx(share, abs=0.1)
    frame.view.budget = Budget()
    assert after.limit(frame, totals(frame)) is None


async def test_after_a_run_it_is_said_what_it_came_to() -> None:
    async with bench(Puppet(long_run()), size=(220, 60)) as pilot:
        await fire(pilot)
        told = seen(pilot, RunBar)
        for words in ("× one call", "× its time", "waste ", "all to completion ~$"):
            assert words in told
