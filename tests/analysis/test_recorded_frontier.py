"""The frontier of systems that were really run, within rounding. WORKBENCH_RECORDED_DATA names the folder; skipped
where it is absent."""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from pathlib import Path

import pytest

from workbench.analysis.frontier import Frontier, Options, frontier
from workbench.analysis.measures import Cell, Measured

NAMED = os.environ.get("WORKBENCH_RECORDED_DATA")
FILE = "humaneval-systems.csv.gz"
FOLDERS = [Path(NAMED)] if NAMED else [each / "data" for each in sorted(Path(__file__).parents[3].glob("*/"))]
FOUND = next((folder / FILE for folder in FOLDERS if (folder / FILE).is_file()), None)
RUNS = 5
"""Repeats of a task; the two systems that ran once are no part of the recorded table."""

pytestmark = pytest.mark.skipif(FOUND is None, reason=f"no {FILE}: WORKBENCH_RECORDED_DATA names its folder")

TABLE = [
    ("simple gpt-3.5-turbo-0125", 0.739, 0.00033, 1.99, 1.00),
    ("simple_incr_temp gpt-3.5-turbo-0613-5step", 0.812, 0.00089, 2.27, 0.99),
    ("simple_boosting l3_8b-gpt-3.5-turbo-0613-l3_70b-gpt4-0613", 0.876, 0.00266, 2.51, 0.90),
    ("simple gpt-4-turbo-2024-04-09", 0.896, 0.01177, 11.25, 0.75),
    ("simple_incr_temp gpt-4-turbo-0409-5step", 0.932, 0.01493, 16.91, 0.72),
    ("simple gpt-4-0613", 0.865, 0.01790, 9.18, 0.00),
]


def _measured(path: Path) -> list[Measured]:
    repeats: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            repeats[f"{row['strategy']} {row['system']}"][row["task_id"]].append(row)
    found = [Measured(system=name, kind="recorded", cells=_cells(tasks)) for name, tasks in repeats.items()]
    return [each for each in found if all(cell.repeats == RUNS for cell in each.cells.values())]


def _cells(tasks: dict[str, list[dict[str, str]]]) -> dict[str, Cell]:
    return {
        task: Cell(
            repeats=len(rows),
            graded=len(rows),
            right=sum(int(row["correct"]) for row in rows),
            cost=sum(float(row["cost_usd"]) for row in rows) / len(rows) * 1e12,
            latency=sum(float(row["latency_s"]) for row in rows) / len(rows) * 1e9,
        )
        for task, rows in tasks.items()
    }


@pytest.fixture(scope="module")
def found() -> Frontier:
    assert FOUND is not None
    return frontier(_measured(FOUND), ("cost", "accuracy"), Options(resamples=20_000))


@pytest.mark.parametrize(("label", "right", "cost", "latency", "odds"), TABLE)
def test_the_recorded_table(
    found: Frontier, label: str, right: float, cost: float, latency: float, odds: float
) -> None:
    placed = next(each for each in found.placed if each.label == label)
    assert round(placed.means["accuracy"].value, 3) == right
    assert round(placed.means["cost"].value / 1e12, 5) == cost
    assert round(placed.means["latency"].value / 1e9, 2) == latency
    assert placed.p == pytest.approx(odds, abs=0.015)


def test_five_of_the_six_stand_on_the_line(found: Frontier) -> None:
    assert found.tasks == 164
    assert {label for label, *_ in TABLE} & set(found.line) == {label for label, *_ in TABLE[:5]}


def test_a_warming_gains_what_the_paired_difference_says(found: Frontier) -> None:
    """.0354 with a paired standard error of .0113."""
    assert FOUND is not None
    pair = [each for each in _measured(FOUND) if each.system in (TABLE[3][0], TABLE[4][0])]
    against = frontier(pair, ("cost", "accuracy")).placed[1].against
    assert against is not None
    assert round(against.gain.value, 4) == 0.0354
    assert against.gain.low == pytest.approx(0.0354 - 1.96 * 0.0113, abs=0.004)
    assert against.gain.high == pytest.approx(0.0354 + 1.96 * 0.0113, abs=0.004)
