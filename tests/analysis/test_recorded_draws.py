"""Curves of draws that real models made. WORKBENCH_RECORDED_DATA names the folder; skipped where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.analysis.pool import Pool
from workbench.analysis.scaling import curve
from workbench.evals.pools import from_file

NAMED = os.environ.get("WORKBENCH_RECORDED_DATA")
FILE = "humaneval-samples.jsonl.gz"
FOLDERS = [Path(NAMED)] if NAMED else [each / "data" for each in sorted(Path(__file__).parents[3].glob("*/"))]
FOUND = next((folder / FILE for folder in FOLDERS if (folder / FILE).is_file()), None)

pytestmark = pytest.mark.skipif(FOUND is None, reason=f"no {FILE}: WORKBENCH_RECORDED_DATA names its folder")


@pytest.fixture(scope="module")
def pool() -> Pool:
    assert FOUND is not None
    return from_file(FOUND)


def test_the_fastest_of_k_recorded_calls(pool: Pool) -> None:
    found = curve(pool.of("gpt-4-turbo-2024-04-09"), "race", [1, 2, 3, 5])
    assert found.latency is not None
    assert [round(value, 2) for value in found.latency.value] == [11.25, 9.41, 8.72, 8.06]
    assert found.tasks == 164
    assert found.method == "exact"


@pytest.mark.parametrize(
    ("model", "right", "latency"),
    [("gpt-3.5-turbo-0125", 0.739, 1.99), ("gpt-4-turbo-2024-04-09", 0.896, 11.25), ("gpt-4-0613", 0.865, 9.18)],
)
def test_one_call_is_the_recorded_mean(pool: Pool, model: str, right: float, latency: float) -> None:
    found = curve(pool.of(model), "pass", [1, 5])
    assert found.accuracy is not None
    assert found.latency is not None
    assert round(found.accuracy.value[0], 3) == right
    assert round(found.latency.value[0], 2) == latency
    assert found.accuracy.value[1] > right
