"""What a score was worth: AUROC, risk over coverage, and the error near a score."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.analysis.calibration import FEWEST, GradedScore, auroc, expected_error, of, risk_coverage

ROWS = st.lists(
    st.builds(GradedScore, score=st.integers(0, 10).map(lambda n: n / 10), wrong=st.booleans()), min_size=1, max_size=40
)


@given(ROWS)
def test_auroc_is_the_share_of_pairs_in_the_right_order(rows: list[GradedScore]) -> None:
    wrong, right = [r.score for r in rows if r.wrong], [r.score for r in rows if not r.wrong]
    found = auroc(rows)
    if not wrong or not right:
        assert found is None
        return
    assert found is not None
    pairs = [(w > r) + (w == r) / 2 for w in wrong for r in right]
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value + 1e-12
        assert found.value - 1e-12 <= found.high <= 1
    turned = auroc([GradedScore(1 - row.score, row.wrong) for row in rows])
    assert turned is not None
    assert turned.value == pytest.approx(1 - found.value)


def test_scores_that_differ_in_the_last_bit_alone_are_one_score() -> None:
    rows = [GradedScore(1.0, True), GradedScore(0.9999999999999998, False)]
    found = auroc(rows)
    assert found is not None
    assert found.value == 0.5
    assert risk_coverage(rows).risk == (0.5,)


def test_the_interval_of_auroc_holds_the_truth_as_often_as_it_says() -> None:
    chance, held, rounds = random.Random(3), 0, 300
    truth = 0.7602499  # of N(1, 1) against N(0, 1): Φ(1/√2)
    for _ in range(rounds):
        rows = [GradedScore(chance.gauss(1, 1), True) for _ in range(60)]
        rows += [GradedScore(chance.gauss(0, 1), False) for _ in range(120)]
        found = auroc(rows)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.92 <= held / rounds <= 0.98


@given(ROWS)
def test_risk_over_coverage(rows: list[GradedScore]) -> None:
    found = risk_coverage(rows)
    assert found.coverage[-1] == 1
    assert found.risk[-1] == pytest.approx(sum(row.wrong for row in rows) / len(rows))
    assert list(found.score) == sorted(set(found.score))
    for score, coverage, risk in zip(found.score, found.coverage, found.risk, strict=True):
        answered = [row.wrong for row in rows if row.score <= score]
        assert coverage == pytest.approx(len(answered) / len(rows))
        assert risk == pytest.approx(sum(answered) / len(answered))
    assert min(found.risk) - 1e-12 <= found.area <= max(found.risk) + 1e-12


@given(ROWS, st.floats(0, 1))
def test_the_error_near_a_score_counts_those_near_it(rows: list[GradedScore], score: float) -> None:
    there = [row.wrong for row in rows if abs(row.score - score) <= 0.1 + 1e-12]
    found = expected_error(rows, score)
    if len(there) < FEWEST:
        assert found is None
        return
    assert found is not None
    assert (found.wrong, found.n) == (sum(there), len(there))
    assert found.low <= found.wrong / found.n <= found.high
    assert f"{found.wrong} of {found.n}" in found.words


@given(ROWS)
def test_two_scores_and_two_scopes_are_kept_apart(rows: list[GradedScore]) -> None:
    assume(len(rows) > 2)
    mixed = [
        GradedScore(row.score, row.wrong, "entropy" if i % 2 else "minority", "cross" if i % 3 else "within")
        for i, row in enumerate(rows)
    ]
    parts = [of(mixed, name, scope) for name in ("entropy", "minority") for scope in ("within", "cross")]
    assert sum(map(len, parts)) == len(rows)
    assert all(len({(row.name, row.scope) for row in part}) <= 1 for part in parts)


def test_nothing_graded_says_nothing() -> None:
    assert auroc([]) is None
    assert expected_error([], 0.5) is None
    with pytest.raises(ValueError):
        risk_coverage([])
