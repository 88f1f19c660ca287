"""Dominance, hulls and hypervolumes against brute force, and the laws that they keep."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.analysis.dominance import Sense, hull, hypervolume, minimised, on_frontier

Points = list[tuple[int, ...]]


def points(axes: int, most: int = 8) -> st.SearchStrategy[Points]:
    return st.lists(st.tuples(*[st.integers(0, 6)] * axes), min_size=1, max_size=most)


SOME = st.sampled_from([2, 3]).flatmap(points)


def beats(a: Sequence[int], b: Sequence[int], senses: Sequence[Sense]) -> bool:
    gains = [(y - x) if sense == "min" else (x - y) for x, y, sense in zip(a, b, senses, strict=True)]
    return min(gains) >= 0 and max(gains) > 0


def found(given: Points, senses: Sequence[Sense] | None = None, eps: Sequence[float] = ()) -> list[bool]:
    array = np.array(given, float)
    return [bool(on) for on in on_frontier(minimised(array, senses) if senses else array, eps)]


@given(SOME, st.data())
def test_the_frontier_is_what_no_other_beats(given: Points, data: st.DataObject) -> None:
    senses: list[Sense] = [data.draw(st.sampled_from(["min", "max"])) for _ in given[0]]
    assert found(given, senses) == [not any(beats(b, a, senses) for b in given) for a in given]


@given(SOME, st.data())
def test_order_and_units_change_nothing(given: Points, data: st.DataObject) -> None:
    on = found(given)
    order = data.draw(st.permutations(range(len(given))))
    assert found([given[i] for i in order]) == [on[i] for i in order]
    scale = [data.draw(st.sampled_from([1e-12, 0.3, 7.0, 1e12])) for _ in given[0]]
    scaled = np.array(given, float) * np.array(scale)
    assert [bool(each) for each in on_frontier(scaled)] == on


@given(SOME)
def test_a_dominated_point_changes_neither_frontier_nor_hypervolume(given: Points) -> None:
    worse = tuple(value + 1 for value in given[0])
    assert found([*given, worse]) == [*found(given), False]
    reference = [9.0] * len(given[0])
    assert hypervolume(np.array([*given, worse], float), reference) == pytest.approx(
        hypervolume(np.array(given, float), reference)
    )


def test_ties_are_all_on_the_frontier() -> None:
    assert found([(1, 1), (1, 1), (1, 2)]) == [True, True, False]


def test_a_difference_of_rounding_is_none() -> None:
    array = np.array([[1.0, 0.3], [2.0, 0.1 + 0.2 - 1e-16]])
    assert on_frontier(array).tolist() == [True, False]


def test_a_gain_within_epsilon_does_not_count() -> None:
    cheap, dear = (1, 10), (5, 9)
    assert found([cheap, dear]) == [True, True]
    assert found([cheap, dear], eps=(0, 1)) == [True, False]
    assert found([cheap, dear], eps=(0, 0.5)) == [True, True]
    assert found([cheap, dear], eps=(9, 9)) == [True, True]


@given(SOME, st.floats(0, 4))
def test_epsilon_always_leaves_a_point(given: Points, eps: float) -> None:
    assert any(found(given, eps=[eps] * len(given[0])))


def test_many_sets_at_once_are_as_one_by_one() -> None:
    sets = np.random.default_rng(3).integers(0, 5, (20, 6, 3)).astype(float)
    together = on_frontier(sets)
    assert all((together[i] == on_frontier(sets[i])).all() for i in range(20))


@given(points(2))
@example([(0, 2), (3, 1), (3, 1), (4, 0)])
def test_the_hull_is_the_part_of_the_frontier_that_no_mixture_reaches(given: Points) -> None:
    array, kept = np.array(given, float), hull(np.array(given, float))
    on = found(given)
    assert all(on[i] for i in kept)
    corners = {given[i] for i in kept}
    for i, (x, y) in enumerate(given):
        mixed = any(
            b != c and min(b[0], c[0]) <= x <= max(b[0], c[0]) and _at(b, c, x) < y - 1e-9
            for b, c in product(given, given)
            if b[0] != c[0]
        )
        assert not (mixed and i in kept)
        if on[i] and not mixed:
            assert given[i] in corners
    assert (np.diff(array[kept, 0]) >= 0).all()


def _at(b: tuple[int, ...], c: tuple[int, ...], x: float) -> float:
    return b[1] + (c[1] - b[1]) * (x - b[0]) / (c[0] - b[0])


@given(SOME)
def test_the_hypervolume_counts_the_cells_that_are_beaten(given: Points) -> None:
    edge = 7
    cells = product(range(edge), repeat=len(given[0]))
    beaten = sum(any(all(p <= c for p, c in zip(point, cell, strict=True)) for point in given) for cell in cells)
    assert hypervolume(np.array(given, float), [float(edge)] * len(given[0])) == pytest.approx(beaten)


@given(SOME, st.data())
def test_the_hypervolume_grows_with_points_and_with_the_reference(given: Points, data: st.DataObject) -> None:
    one_more = data.draw(st.tuples(*[st.integers(0, 6)] * len(given[0])))
    small, large = [6.0] * len(given[0]), [6.5] * len(given[0])
    before = hypervolume(np.array(given, float), small)
    assert hypervolume(np.array([*given, one_more], float), small) >= before - 1e-9
    assert hypervolume(np.array(given, float), large) >= before - 1e-9


def test_a_point_beyond_the_reference_adds_nothing() -> None:
    assert hypervolume(np.array([[1.0, 9.0]]), [5.0, 5.0]) == 0
