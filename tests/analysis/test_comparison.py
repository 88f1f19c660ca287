"""Medians, ranges and the best of a row."""

from __future__ import annotations

import pytest

from workbench.analysis.comparison import Spread, best, shared, tally


def test_median_and_range() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(median=2.0, low=1.0, high=3.0)
    assert Spread.of([4]) == Spread(median=4, low=4, high=4)


def test_one_unknown_makes_all_unknown() -> None:
    assert Spread.of([1.0, None]) is None
    assert Spread.of([]) is None


@pytest.mark.parametrize(
    ("values", "highest", "marked"),
    [
        ([3, 1, 2], False, {1}),
        ([3, 1, 2], True, {0}),
        ([1, 1, 2], False, {0, 1}),
        ([1, None], False, set()),
        ([1, 1], False, set()),
        ([1], False, set()),
        ([], False, set()),
    ],
)
def test_the_best_is_marked_only_where_all_are_known_and_differ(
    values: list[float | None], highest: bool, marked: set[int]
) -> None:
    assert best(values, highest=highest) == marked


def test_what_all_share() -> None:
    assert shared(["real", "real"], "mixed") == "real"
    assert shared(["real", "simulated"], "mixed") == "mixed"
    assert shared([], "mixed") == "mixed"


def test_answers_by_how_often_they_were_given() -> None:
    assert tally(["41", "42", "42"]) == [("42", 2), ("41", 1)]
