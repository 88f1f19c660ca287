"""Differences between systems that were really run, within rounding. WORKBENCH_RECORDED_DATA names the folder; skipped
where it is absent."""

from __future__ import annotations

import gzip
import json
import math

import pytest

from tests.analysis.test_recorded_frontier import FOLDERS, FOUND, _measured
from workbench.analysis import calibration, disagreement
from workbench.analysis.answers import Key
from workbench.analysis.calibration import GradedScore
from workbench.analysis.statistics import paired

GSM8K = next((folder / name for folder in FOLDERS if (folder / (name := "gsm8k-predictions.json.gz")).is_file()), None)


@pytest.mark.skipif(FOUND is None, reason="no recorded systems: WORKBENCH_RECORDED_DATA names their folder")
def test_warming_against_a_single_call_by_differences_within_tasks() -> None:
    assert FOUND is not None
    cells = {each.system: {t: c.accuracy or 0.0 for t, c in each.cells.items()} for each in _measured(FOUND)}
    found = paired(cells["simple_incr_temp gpt-4-turbo-0409-5step"], cells["simple gpt-4-turbo-2024-04-09"])
    assert round(found.difference.value, 4) == 0.0354
    assert found.difference.se is not None
    assert found.unpaired_se is not None
    assert round(found.difference.se, 4) == 0.0113
    assert round(found.unpaired_se, 4) == 0.0286


def graded() -> list[GradedScore]:
    """Each question's disagreement among the recorded systems, and whether their most frequent answer is wrong."""
    assert GSM8K is not None
    with gzip.open(GSM8K, "rt", encoding="utf-8") as file:
        data = json.load(file)
    rows = []
    for question, gold in data["gold"].items():
        keys = [(name, Key(_number(answers.get(question)))) for name, answers in data["pred"].items()]
        said = [(name, "", key) for name, key in keys if key.value is not None]
        if len(said) < 2:
            continue
        scored = disagreement.score(said, headline="entropy")
        most = scored.clusters[0].key
        rows.append(GradedScore(score=scored.score, wrong=most != Key(_number(gold)).value, scope="cross"))
    return rows


def _number(value: object) -> str | None:
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        return None
    return f"{number:g}" if math.isfinite(number) else None


@pytest.mark.skipif(GSM8K is None, reason="no recorded predictions: WORKBENCH_RECORDED_DATA names their folder")
def test_where_systems_disagree_their_most_frequent_answer_is_wrong_more_often() -> None:
    rows = graded()
    found = calibration.auroc(rows)
    assert found is not None
    slow = sum(
        (wrong.score > right.score) + (wrong.score == right.score) / 2
        for wrong in rows
        if wrong.wrong
        for right in rows
        if not right.wrong
    ) / (found.wrong * found.right)
    assert found.value == pytest.approx(slow, abs=1e-9)
    assert (len(rows), found.wrong, round(found.value, 3)) == (1319, 167, 0.811)
    assert found.low is not None
    assert found.low > 0.75
    curve = calibration.risk_coverage(rows)
    assert curve.risk[0] < curve.risk[-1] / 5
    assert curve.risk[-1] == pytest.approx(found.wrong / len(rows))
