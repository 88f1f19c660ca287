"""What-ifs of the Lab: a system is asked for, and its figures stand under those of the curves."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from tests.tui.lab_pilot import ask, lab, meant, pool, press, ready, toast, words
from tests.tui.scripted import FakeSystems
from workbench.analysis.pool import Pool
from workbench.systems.nodes import System
from workbench.systems.notation import parse_system
from workbench.tui import lab_what_if
from workbench.tui.lab_what_if import WhatIf


async def test_what_any_system_would_have_come_to() -> None:
    async with lab(pool()) as (pilot, screen):
        await press(pilot, "w")
        assert "996 runs over 12 tasks" in meant(pilot)
        await press(pilot, "enter")
        said = words(screen, "#lab-what-ifs").splitlines()
        assert said[0] == "what if · recorded · 996 runs each"
        assert said[1].split() == ["accuracy", "95", "%", "time", "cost", "tokens"]
        assert said[2] == "vote(3*m)"
        assert re.fullmatch(r" +\.\d{3}  \.\d{3} to \S+ +\d\.\d\d s  \$0\.0\d+ +\d\d", said[3]), said[3]
        await ask(pilot, "race(m, m) >> m")
        assert words(screen, "#lab-what-ifs").splitlines()[4] == "race(m, m) >> m"
        assert "what chain would ask is not the task's own prompt" in words(screen, "#lab-what-ifs").replace("\n", " ")
        await ask(pilot, "vote(3*m)")
        last = words(screen, "#lab-what-ifs").splitlines()
        assert (last[2], last[4]) == ("race(m, m) >> m", "vote(3*m)")
        assert last[5] == said[3]
        assert "not the task's own" not in " ".join(last)
        await press(pilot, "o", "escape", "w")
        assert pilot.app.screen.query_one(Input).value == "vote(3*m)"


async def test_a_what_if_that_can_t_be_asked_says_why_and_other_draws_take_them_away() -> None:
    async with lab(pool()) as (pilot, screen):
        for text, why in (("vote(2*gpt)", "no draws of gpt"), ("race(", "expected"), ("", "A system over m")):
            await press(pilot, "w", "ctrl+a", "delete")
            pilot.app.screen.query_one(Input).value = text
            await press(pilot, "enter")
            assert why in meant(pilot)
            await press(pilot, "escape")
        assert words(screen, "#lab-what-ifs") == ""
        await ask(pilot, "race(2*m)")
        assert "race(2*m)" in words(screen, "#lab-what-ifs")
        screen.take_runs(["7f3a91c2"])
        await ready(pilot)
        assert words(screen, "#lab-what-ifs") == ""


async def test_without_draws_there_is_nothing_to_ask_of() -> None:
    async with lab() as (pilot, _):
        await press(pilot, "w")
        assert "There are no draws yet" in toast(pilot)


async def test_one_task_has_no_interval_and_ungraded_draws_no_accuracy() -> None:
    made = pool(graded=False)
    one = Pool(tasks={"t0": made.tasks["t0"]}, kind="simulated", source="a run")
    async with lab(one) as (pilot, screen):
        await ask(pilot, "race(2*m)")
        row = words(screen, "#lab-what-ifs").splitlines()[3].split()
        assert row[0] == "?"
        assert "to" not in row


FIGURE = st.sampled_from(
    ["?", ".646", "4.40 s", "298.85 s", "1201.26 s", "$0.000000123", "$1,204.00", "38", "1,204,000"]
)
ROW = st.tuples(
    st.tuples(st.sampled_from(["?", ".646", "1.00"]), st.sampled_from(["", ".499 to .788", "1.00 to 1.00"])),
    *[st.tuples(FIGURE, st.just(""))] * 3,
)


@given(st.lists(ROW, min_size=1, max_size=4), st.integers(20, 90))
def test_columns_never_run_together_and_all_rows_have_the_same(rows: list[Any], width: int) -> None:
    said = lab_what_if.words([WhatIf(f"s{i}", 9, row) for i, row in enumerate(rows)], width).plain.splitlines()
    head, figures = said[1], said[3::2]
    kept = len(re.findall(r"accuracy|95 %|time|cost|tokens", head))
    for row, line in zip(rows, figures, strict=True):
        (accuracy, interval), *others = row
        cells = [accuracy, interval, *(value for value, _ in others)][:kept]
        assert re.split(r" {2,}", line.strip()) == [cell for cell in cells if cell]
        assert len(line) <= max(width, len("accuracy"))


def slow(until: list[str]) -> Callable[..., Any]:
    """A what-if that goes on until it is not wanted any more."""

    def work(pool: Pool, system: Any, stop: Callable[[], bool]) -> None:
        until.append("begun")
        end = time.monotonic() + 20
        while not stop() and time.monotonic() < end:
            threading.Event().wait(0.005)
        until.append("stopped" if stop() else "forgotten")

    return work


@pytest.mark.parametrize("how", ["leave", "other draws", "another"])
async def test_one_that_is_not_wanted_any_more_ends(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    async with lab(pool()) as (pilot, screen):
        monkeypatch.setattr(lab_what_if, "work", slow(told))
        await pilot.press("w", "enter")
        while not told:
            await pilot.pause(0.01)
        assert "asking what if" in words(screen, "#lab-source")
        if how == "leave":
            pilot.app.exit()
        elif how == "other draws":
            screen.take_runs(["7f3a91c2"])
        else:
            await pilot.press("w", "enter")
        while how != "leave" and "stopped" not in told:
            await pilot.pause(0.01)
    for _ in range(2_000):
        if told.count("begun") == len(told) / 2:
            break
        await asyncio.sleep(0.005)
    assert "forgotten" not in told
    assert told.count("begun") == told.count("stopped") >= 1, told


ROOT = parse_system("race(2*m)").root
SYSTEMS = FakeSystems(
    System(name="strict", root=ROOT, on_none="fail"), System(name="lenient", root=ROOT, on_none="best_effort")
)


async def test_two_systems_of_one_notation_stand_there_both() -> None:
    async with lab(pool(), systems=SYSTEMS) as (pilot, screen):
        await ask(pilot, "strict")
        await ask(pilot, "lenient")
        said = words(screen, "#lab-what-ifs").splitlines()
        assert (said[2], said[4]) == ("strict", "lenient")
