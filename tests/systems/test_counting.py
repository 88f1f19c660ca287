"""How many calls a system may make, by hand and against bounds that hold for every tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.laws import examples
from tests.systems import trees
from workbench.systems.checks import count_calls, count_candidates
from workbench.systems.nodes import AnyNode, Ensemble
from workbench.systems.notation import parse


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("m", 1, 1),
        ("5*m", 5, 5),
        ("ensemble(3*m, n)", 4, 4),
        ("ensemble[quorum=2](3*m)", 3, 3),
        ("race(10*m)", 10, 10),
        ("race[stagger=1](10*m)", 1, 10),
        ("vote(9*m)", 9, 9),
        ("vote[extract='model:x'](9*m)", 9, 18),
        ("judge[j](9*m)", 10, 10),
        ("judge[j, swap=true](9*m)", 11, 11),
        ("judge[3*j](9*m)", 12, 12),
        ("verify[v](5*m)", 6, 10),
        ("verify[v, votes=3](5*m)", 8, 20),
        ("verify[v, mode=serial](5*m)", 2, 10),
        ("verify[number](5*m)", 5, 5),
        ("filter[v](5*m)", 10, 10),
        ("best[s](5*m)", 10, 10),
        ("cascade[v](a, b, c)", 2, 5),
        ("cascade[agreement](ensemble(3*a), b)", 3, 4),
        ("route[r](x: a, y: 5*b, else: c)", 2, 6),
        ("a >> 2*b >> c", 4, 4),
        ("refine[c, rounds=2](m)", 2, 5),
        ("debate[rounds=3](4*m)", 4, 12),
        ("judge[o3](3*verify[haiku](5*sonnet))", 19, 31),
        ("3*(a >> b)", 6, 6),
        ("$x", 1, 1),
    ],
)
def test_calls(text: str, low: int, high: int) -> None:
    count = count_calls(parse(text))
    assert (count.low, count.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5*m", 5, 5),
        ("race[take=3](10*m)", 1, 3),
        ("race(10*m)", 1, 1),
        ("vote(9*m)", 1, 1),
        ("2*vote(9*m)", 2, 2),
        ("filter[v](5*m)", 1, 5),
        ("best[s, take=2](5*m)", 2, 2),
        ("a >> 3*b", 3, 3),
        ("debate(4*m)", 4, 4),
        ("route[r](x: a, else: 5*b)", 1, 5),
    ],
)
def test_candidates(text: str, low: int, high: int) -> None:
    count = count_candidates(parse(text))
    assert (count.low, count.high) == (low, high)


@settings(max_examples=examples(60), deadline=None)
@given(trees.nodes)
def test_bounds_are_bounds_and_copies_add_up(node: AnyNode) -> None:
    for counted in (count_calls, count_candidates):
        one, two = counted(node), counted(Ensemble(of=(node, node)))
        assert 0 <= one.low <= one.high
        assert (two.low, two.high) == (2 * one.low, 2 * one.high)
