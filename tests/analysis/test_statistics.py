"""Paired differences, exact tests and sample sizes, against brute force and published values."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from statistics import NormalDist, fmean, stdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.analysis.statistics import (
    clustered,
    holm,
    mcnemar,
    needed_words,
    paired,
    ratio,
    smallest_seen,
    tasks_needed,
)

P = st.floats(0, 1)
CELLS = st.dictionaries(st.integers(0, 40).map(str), P, min_size=2, max_size=30)


def sign_test(won: int, lost: int) -> float:
    """Over every outcome of that many fair coins."""
    n = won + lost
    as_far = sum(abs(sum(coins) - n / 2) >= abs(won - n / 2) for coins in itertools.product((0, 1), repeat=n))
    return float(Fraction(as_far, 2**n))


@given(st.integers(0, 7), st.integers(0, 7))
def test_mcnemar_is_the_exact_test(won: int, lost: int) -> None:
    assert mcnemar(won, lost) == pytest.approx(sign_test(won, lost))
    assert mcnemar(won, lost) == mcnemar(lost, won)


def test_mcnemar_as_scipy_has_it() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(59, 121) == pytest.approx(4.434e-6, rel=1e-3)  # scipy.stats.binomtest(59, 180)


@given(st.lists(P, min_size=1, max_size=12))
def test_holm_steps_down(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(before <= after <= 1 for before, after in zip(values, adjusted, strict=True))
    assert min(adjusted) == pytest.approx(min(1.0, len(values) * min(values)))
    assert max(adjusted) >= max(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)
    for level in (0.01, 0.05, 0.2):
        rejected = 0
        while rejected < len(order) and values[order[rejected]] * (len(values) - rejected) <= level:
            rejected += 1
        assert sum(p <= level for p in adjusted) == rejected


def test_holm_as_it_is_published() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(CELLS, CELLS)
def test_a_paired_difference_is_of_the_tasks_that_both_met(first: dict[str, float], second: dict[str, float]) -> None:
    shared = first.keys() & second.keys()
    assume(len(shared) > 1)
    found, back = paired(first, second), paired(second, first)
    differences = [first[task] - second[task] for task in shared]
    assert found.difference.value == pytest.approx(fmean(differences), abs=1e-12)
    assert found.difference.se == pytest.approx(stdev(differences) / math.sqrt(len(shared)), abs=1e-9)
    assert found.difference.tasks == len(shared)
    assert back.difference.value == pytest.approx(-found.difference.value, abs=1e-12)
    assert (back.won, back.lost, back.p) == (found.lost, found.won, found.p)
    assert found.difference.low is not None
    assert found.difference.high is not None
    assert found.difference.low <= found.difference.value <= found.difference.high


def test_pairing_leaves_out_how_hard_the_tasks_are() -> None:
    hard = {str(i): i / 100 for i in range(100)}
    better = {task: value + 0.02 + (0.01 if int(task) % 2 else -0.01) for task, value in hard.items()}
    found = paired(better, hard)
    assert found.difference.se is not None
    assert found.unpaired_se is not None
    assert found.difference.se < found.unpaired_se / 20


def test_systems_without_a_task_in_common_can_t_be_compared() -> None:
    with pytest.raises(ValueError):
        paired({"a": 1.0}, {"b": 1.0})


def test_one_task_has_no_error() -> None:
    found = paired({"a": 1.0}, {"a": 0.0})
    assert (found.difference.se, found.difference.low, found.spread) == (None, None, None)
    assert "several are needed" in needed_words(found)


def test_repeats_are_averaged_within_their_task_first() -> None:
    many = clustered({"a": [1.0] * 99, "b": [0.0], "c": [1.0, 0.0]})
    assert many.value == pytest.approx(0.5)
    assert many.se == pytest.approx(0.5 / math.sqrt(3))
    assert many.tasks == 3


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance, held = random.Random(5), 0
    for _ in range(400):
        tasks = {str(i): [float(chance.random() < p) for _ in range(3)] for i in range(60) for p in [chance.random()]}
        found = clustered(tasks)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.5 <= found.high
    assert 0.92 <= held / 400 <= 0.975


def test_a_ratio_of_sums_with_its_interval() -> None:
    value, low, high = ratio([(2.0, 1.0)] * 20)
    assert (value, low, high) == pytest.approx((2, 2, 2))
    value, low, high = ratio([(1.0, float(i % 3 == 0)) for i in range(60)])
    assert value == pytest.approx(3)
    assert 1.9 < low < 3 < high < 5
    assert ratio([(1.0, 0.0)] * 5)[0] == math.inf
    assert ratio([(1.0, 1.0)] + [(1.0, 0.0)] * 3)[2] == math.inf


@given(st.floats(0.05, 1), st.floats(0.005, 0.3), st.floats(0.5, 0.99))
def test_so_many_tasks_show_the_difference_and_fewer_do_not(spread: float, difference: float, power: float) -> None:
    need = tasks_needed(spread, difference, power=power)
    assert smallest_seen(spread, need, power=power) <= difference * 1.0000001
    if need > 2:
        assert smallest_seen(spread, need - 1, power=power) > difference
    z = NormalDist().inv_cdf(0.975)
    reached = 1 - NormalDist().cdf(z - difference / (spread / math.sqrt(need)))
    assert reached >= power - 1e-6


def test_it_is_said_in_words() -> None:
    first = {str(i): float(i % 2) for i in range(164)}
    second = {str(i): float(i % 2 and i % 5 > 0) for i in range(164)}
    said = needed_words(paired(first, second))
    assert said.startswith("You need about ")
    assert "tasks to see 3 points; these 164 show" in said
    assert "never differ" in needed_words(paired(first, first))
