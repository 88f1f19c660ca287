"""Curves over k against brute force: every subset and every order of a few draws, looked at one by one."""

from __future__ import annotations

import math
import random
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from workbench.analysis import draws_exact, draws_sampled
from workbench.analysis.draws import columns
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import Options, curve
from workbench.errors import InputError

DRAWS = st.builds(
    Draw,
    done=st.sampled_from([True, True, True, False]),
    correct=st.booleans(),
    key=st.sampled_from(["a", "b", "c", None]),
    latency=st.integers(1, 4).map(float),
    tokens=st.integers(1, 9),
    cost=st.integers(10, 20),
    prompt_cost=st.integers(0, 9),
    accepted=st.booleans(),
    score=st.sampled_from([0.1, 0.5, 0.9]),
)
SOME = st.lists(DRAWS, min_size=1, max_size=5)


def orders(draws: list[Draw], k: int) -> list[tuple[Draw, ...]]:
    """Every way to draw k one after another; equal latencies come in this order."""
    return list(permutations(draws, k))


def sent(draw: Draw, until: float) -> float:
    assert draw.latency is not None
    return min(1.0, until / draw.latency)


def raced(run: tuple[Draw, ...], eligible: list[bool]) -> tuple[float, float, float, float]:
    """(right, latency, tokens, cost) of a race by hand."""
    at = sorted(range(len(run)), key=lambda i: (run[i].latency, i))
    winner = next((i for i in at if eligible[i]), None)
    end = run[winner].latency if winner is not None else max(d.latency or 0 for d in run)
    if winner is None:
        winner = next((i for i in at if run[i].done), None)
    right = float(winner is not None and bool(run[winner].correct))
    assert end is not None
    tokens = sum((d.tokens or 0) * sent(d, end) for d in run)
    cost = sum((d.prompt_cost or 0) + ((d.cost or 0) - (d.prompt_cost or 0)) * sent(d, end) for d in run)
    return right, end, tokens, cost


@settings(max_examples=examples(60), deadline=None)
@given(SOME, st.booleans())
def test_race_and_parallel_verification_are_what_all_orders_come_to(draws: list[Draw], verified: bool) -> None:
    ks = tuple(range(1, len(draws) + 1))
    found = (draws_exact.verify_parallel if verified else draws_exact.race)(columns(draws), ks)
    for row, k in enumerate(ks):
        runs = [raced(run, [d.done and (bool(d.accepted) or not verified) for d in run]) for run in orders(draws, k)]
        want = np.mean(runs, axis=0)
        got = [
            float(part[row]) for part in (found.accuracy, found.latency, found.tokens, found.cost) if part is not None
        ]
        assert got == pytest.approx(list(want))


@settings(max_examples=examples(60), deadline=None)
@given(SOME)
def test_one_by_one_is_what_all_orders_come_to(draws: list[Draw]) -> None:
    ks = tuple(range(1, len(draws) + 1))
    found = draws_exact.verify_serial(columns(draws), ks)
    for row, k in enumerate(ks):
        outcomes = []
        for run in orders(draws, k):
            stop = next((i for i, d in enumerate(run) if d.done and d.accepted), k - 1)
            chosen = run[stop] if run[stop].done and run[stop].accepted else next((d for d in run if d.done), None)
            seen = run[: stop + 1]
            outcomes.append(
                (
                    float(chosen is not None and bool(chosen.correct)),
                    sum(d.latency or 0 for d in seen),
                    sum(d.tokens or 0 for d in seen),
                    sum(d.cost or 0 for d in seen),
                )
            )
        want = np.mean(outcomes, axis=0)
        got = [
            float(part[row]) for part in (found.accuracy, found.latency, found.tokens, found.cost) if part is not None
        ]
        assert got == pytest.approx(list(want))


@settings(max_examples=examples(60), deadline=None)
@given(SOME)
def test_coverage_reliability_and_best_are_what_all_subsets_come_to(draws: list[Draw]) -> None:
    ks = tuple(range(1, len(draws) + 1))
    drawn = columns(draws)
    good = [d.done and bool(d.correct) for d in draws]
    for row, k in enumerate(ks):
        sets = list(combinations(range(len(draws)), k))
        some, every = draws_exact.coverage(drawn, ks).accuracy, draws_exact.reliability(drawn, ks).accuracy
        assert some is not None
        assert every is not None
        assert some[row] == pytest.approx(np.mean([any(good[i] for i in s) for s in sets]))
        assert every[row] == pytest.approx(np.mean([all(good[i] for i in s) for s in sets]))
        scores = [d.score if d.done else -math.inf for d in draws]
        chosen = []
        for s in sets:
            top = max(scores[i] or 0 for i in s)
            chosen.append(np.mean([good[i] for i in s if scores[i] == top]))
        best = draws_exact.best(drawn, ks)
        assert best.accuracy is not None
        assert best.latency is not None
        assert best.accuracy[row] == pytest.approx(np.mean(chosen))
        assert best.latency[row] == pytest.approx(np.mean([max(draws[i].latency or 0 for i in s) for s in sets]))


def elected(run: tuple[Draw, ...], tie: str) -> float:
    """Who wins a vote by hand, ties by lot taken in expectation."""
    keyed = [d for d in run if d.done and d.key is not None]
    pool = keyed or [d for d in run if d.done]
    if not pool:
        return 0.0
    if not keyed:
        least = min(d.latency or 0 for d in pool)
        return float(np.mean([bool(d.correct) for d in pool if d.latency == least]))
    piles: dict[str, list[Draw]] = {}
    for d in keyed:
        piles.setdefault(d.key or "", []).append(d)
    size = max(map(len, piles.values()))
    top = [pile for pile in piles.values() if len(pile) == size]
    if tie == "random":
        return float(np.mean([np.mean([bool(d.correct) for d in pile]) for pile in top]))

    def rank(d: Draw) -> tuple[float, ...]:
        return (d.latency or 0,) if tie == "first" else (d.tokens or 0, d.latency or 0)

    leading = [d for pile in top for d in pile]
    least_rank = min(map(rank, leading))
    return float(np.mean([bool(d.correct) for d in leading if rank(d) == least_rank]))


@settings(max_examples=examples(60), deadline=None)
@given(SOME, st.sampled_from(["random", "first", "shortest"]))
def test_a_vote_is_what_all_subsets_come_to(draws: list[Draw], tie: draws_sampled.Tie) -> None:
    ks = tuple(range(1, len(draws) + 1))
    found = draws_sampled.vote(columns(draws), ks, tie, 10, np.random.default_rng(1))
    assert found.accuracy is not None
    for row, k in enumerate(ks):
        want = np.mean([elected(run, tie) for run in combinations(draws, k)])
        assert found.accuracy[row] == pytest.approx(want)


@settings(max_examples=examples(30), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 50)), min_size=12, max_size=14, unique_by=lambda pair: pair[1]
    ),
    st.integers(0, 1),
)
def test_sampled_votes_by_running_counts_agree_with_those_looked_at_one_by_one(
    answers: list[tuple[str, int]], lot: int
) -> None:
    tie: draws_sampled.Tie = "random" if lot else "first"
    drawn = columns([Draw(key=k, correct=k == "a", latency=float(t), tokens=t) for k, t in answers])
    ks = tuple(range(1, drawn.n + 1))
    order = np.random.default_rng(3).permuted(np.tile(np.arange(drawn.n), (40, 1)), axis=1)
    counted = draws_sampled._by_counts(drawn, order, ks, draws_sampled._rank(drawn, tie))
    place = np.argsort(order, axis=1)
    one_by_one = [draws_sampled._elected(drawn, place < k, tie).mean() for k in ks]
    assert counted == pytest.approx(one_by_one)


@pytest.mark.parametrize("tie", ["first", "shortest", "random"])
def test_orders_are_looked_at_only_as_far_as_k_goes(tie: draws_sampled.Tie) -> None:
    """Of 40 draws with equal finishes among them: all 9,880 threes against sampled orders."""
    chance = random.Random(8)
    draws = [
        Draw(
            key=(key := chance.choice("aab")),
            correct=key == "a",
            latency=float(chance.randint(1, 9)),
            tokens=chance.randint(1, 5),
        )
        for _ in range(40)
    ]
    drawn = columns(draws)
    found = draws_sampled.vote(drawn, (1, 2, 3), tie, 40_000, np.random.default_rng(1)).accuracy
    assert found is not None
    for k, value in zip((1, 2, 3), found, strict=True):
        exact = draws_sampled._elected(drawn, draws_sampled._masks(draws_sampled.subsets(40, k), 40), tie).mean()
        assert value == pytest.approx(exact, abs=0.01), k


def test_equal_finishes_are_decided_by_lot() -> None:
    answers = "aab" * 4
    drawn = columns([Draw(key=k, correct=k == "a", latency=1.0) for k in answers])
    order = np.random.default_rng(3).permuted(np.tile(np.arange(drawn.n), (20_000, 1)), axis=1)
    ks = (1, 2, 4)
    counted = draws_sampled._by_counts(drawn, order, ks, draws_sampled._rank(drawn, "first"))
    place = np.argsort(order, axis=1)
    assert counted == pytest.approx([draws_sampled._elected(drawn, place < k, "first").mean() for k in ks], abs=0.02)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(DRAWS, min_size=1, max_size=5, unique_by=lambda d: d.latency), st.integers(1, 3))
def test_short_m_is_what_all_subsets_come_to(draws: list[Draw], m: int) -> None:
    ks = tuple(range(1, len(draws) + 1))
    found = draws_sampled.short_m(columns(draws), ks, m, 10, np.random.default_rng(1))
    for row, k in enumerate(ks):
        outcomes = []
        for run in combinations(draws, k):
            line = sorted((d for d in run if d.done), key=lambda d: d.latency or 0)[:m]
            end = max(d.latency or 0 for d in (line if len(line) == m else run))
            tokens = sum((d.tokens or 0) * sent(d, end) for d in run)
            outcomes.append((elected(tuple(line), "shortest"), end, tokens))
        want = np.mean(outcomes, axis=0)
        got = [float(part[row]) for part in (found.accuracy, found.latency, found.tokens) if part is not None]
        assert got == pytest.approx(list(want))


def test_short_m_waits_for_m_and_cancels_the_rest() -> None:
    draws = [
        Draw(key=k, correct=k == "a", latency=t, tokens=int(10 * t)) for k, t in (("a", 1.0), ("b", 2.0), ("a", 4.0))
    ]
    found = curve(Pool(tasks={"t": tuple(draws)}), "short-m", [3], Options(m=2))
    assert found.latency is not None
    assert found.tokens is not None
    assert found.accuracy is not None
    assert found.latency.value == (2.0,)
    assert found.tokens.value == (50.0,)  # 10 + 20 + half of 40
    assert found.accuracy.value == (1.0,)  # tied: the shortest wins
    assert found.method == "exact"


def test_every_figure_lies_in_its_interval_and_names_how_it_was_made() -> None:
    random = np.random.default_rng(5)
    tasks = {
        str(t): tuple(
            Draw(key=str(k), correct=k == 0, latency=float(s), tokens=int(s * 9) + 1)
            for k, s in zip(random.integers(0, 3, 12), random.exponential(1, 12), strict=True)
        )
        for t in range(20)
    }
    for rule in ("race", "vote", "pass", "all", "short-m"):
        found = curve(Pool(tasks=tasks), rule, range(1, 13))
        assert found.accuracy is not None
        assert all(
            a <= b <= c for a, b, c in zip(found.accuracy.low, found.accuracy.value, found.accuracy.high, strict=True)
        )
        assert found == curve(Pool(tasks=tasks), rule, range(1, 13))
        assert "seed 7" in (found.method if rule in ("vote", "short-m") else found.interval)
    assert "20 tasks" in found.interval


def test_what_is_unknown_is_none_and_one_model_is_asked_for() -> None:
    bare = Pool(tasks={"t": (Draw(latency=1.0), Draw(latency=3.0))})
    found = curve(bare, "race", [1, 2])
    assert found.accuracy is None
    assert found.tokens is None
    assert found.latency is not None
    assert found.latency.value == (2.0, 1.0)
    with pytest.raises(InputError, match="no task has 3 draws"):
        curve(bare, "race", [3])
    with pytest.raises(InputError, match="not exchangeable"):
        curve(Pool(tasks={"t": (Draw(model="a"), Draw(model="b"))}), "race", [1])


def test_a_cascade_goes_down_the_models_in_order() -> None:
    cheap = (Draw(model="s", score=0.9, correct=True, cost=1), Draw(model="s", score=0.2, correct=False, cost=1))
    dear = (Draw(model="l", score=0.9, correct=True, cost=10),)
    found = curve(Pool(tasks={"t": cheap + dear}), "cascade", [1], Options(tau=0.5))
    assert found.accuracy is not None
    assert found.cost is not None
    assert found.accuracy.value == (0.5, 1.0)
    assert found.cost.value == (1.0, 6.0)
