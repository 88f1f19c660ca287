"""What-ifs without the engine: the same as the engine, on systems chosen by hand and at random."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.evals.trees import pool, systems, unknown_tokens
from tests.laws import examples
from workbench.analysis.pool import Draw, Pool
from workbench.evals import direct
from workbench.evals.whatif import Path, evaluate
from workbench.systems.nodes import System
from workbench.systems.notation import parse_system

SHORT = (
    "race(7*m)",
    "race(race(2*m), race(m, m))",
    "race[take=2](3*m)",
    "race(race[take=2](3*m), m)",
    "race[rule=thinking, take=2](4*m)",
    "race[rule=shortest](4*m)",
    "vote(4*m)",
    "vote(race(2*m), m)",
    "vote[stop=decided](3*m)",
    "vote[tie=shortest](race[take=3](5*m))",
    "vote(race[losers=finish](3*m))",
    "cascade[recorded/score, threshold=0.7](m, 2*m, m)",
    "cascade[agreement](3*m, vote(3*m))",
    "verify[recorded/verdict](2*race(3*m))",
    "verify[recorded/verdict, mode=serial](5*m)",
    "verify[recorded/verdict, fallback=plurality](3*m)",
    "verify[recorded/verdict, votes=3](3*m)",
    "verify[recorded/verdict](race[take=2](3*m))",
    "vote(filter[recorded/verdict](5*m))",
    "best[recorded/score](4*m)",
    "race(vote(3*m), verify[recorded/verdict](2*m))",
    "ensemble[quorum=1](vote[stop=decided](m, 2*m))",
    "vote[tie=random](4*m)",
    "verify[recorded/verdict, fallback=random](3*m)",
    "vote[weights=verifier](filter[recorded/score, threshold=0.2](5*m))",
    "vote[weights=verifier, stop=decided](best[recorded/score, take=3](4*m), m)",
    "judge[m](3*m)",
    "judge[m, mode=select, swap=true](3*m)",
    "judge[m, mode=rank, quorum=2](4*m)",
    "judge[m, wait=2](race(2*m), m)",
    "2*m >> vote(3*m)",
    "refine[recorded/verdict, rounds=2](m)",
    "refine[m](race(2*m))",
    "debate[rounds=2](3*m)",
    "route[m](x: race(2*m), else: m)",
    "vote[weights=verifier, tie=random](filter[recorded/score, votes=3, threshold=0](4*m))",
)


def agree(system: System, drawn: Pool, seed: int) -> Path:
    """Every outcome of the short way is the engine's; returns the way taken."""
    short, full = evaluate(system, drawn, runs=9, seed=seed), evaluate(system, drawn, runs=9, seed=seed, engine=True)
    assert full.path == "engine"
    for a, b in zip(short.outcomes, full.outcomes, strict=True):
        assert (a.task, a.status, a.draw, a.correct) == (b.task, b.status, b.draw, b.correct)
        assert a.latency == pytest.approx(b.latency, abs=1e-6)
        assert a.tokens == pytest.approx(b.tokens, rel=1e-6, abs=1e-6)
        assert a.cost == pytest.approx(b.cost, rel=1e-6, abs=1e-6)
        assert a.disagreement == pytest.approx(b.disagreement)
        assert a.lost == b.lost
    return short.path


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SHORT), st.sampled_from(["fail", "best_effort"]))
def test_the_short_way_is_the_engine(seed: int, notation: str, on_none: Literal["fail", "best_effort"]) -> None:
    system = structs.replace(parse_system(notation), on_none=on_none)
    assert agree(system, pool(seed, draws=7), seed) != "engine"


MODELS = st.sampled_from([("",), ("m", "n")])
MANY = st.sampled_from([4, 9])


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 10**6), systems(), MODELS, MANY)
def test_the_short_way_is_the_engine_whatever_the_tree(
    seed: int, system: System, models: tuple[str, ...], draws: int
) -> None:
    drawn = pool(seed, models=models, draws=draws, odd=True)
    assert direct.fits(system, drawn)
    agree(system, drawn, seed)


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 10**6), systems(), MODELS, MANY)
def test_where_draws_end_at_one_moment_too(seed: int, system: System, models: tuple[str, ...], draws: int) -> None:
    agree(system, pool(seed, models=models, draws=draws, odd=True, ties=True), seed)


@pytest.mark.slow
@settings(max_examples=1_500, deadline=None)
@given(st.integers(0, 10**6), systems(), MODELS, MANY, st.booleans())
def test_the_short_way_is_the_engine_on_very_many_trees(
    seed: int, system: System, models: tuple[str, ...], draws: int, ties: bool
) -> None:
    agree(system, pool(seed, models=models, draws=draws, odd=True, ties=ties), seed)


def test_lengths_that_the_engine_estimates_decide_a_tie_the_same_way() -> None:
    assert agree(parse_system("vote[tie=shortest](4*m)"), unknown_tokens(pool(3)), 3) == "direct"


@pytest.mark.parametrize(
    "notation",
    [
        "verify[vote(recorded/verdict)](3*m)",
        "judge[m, see=all](2*m)",
        "judge[vote(3*m)](2*m)",
        "verify[m](2*m)",
        "race[rule=thinking, grace=1](3*m)",
    ],
)
def test_what_the_short_way_does_not_know_goes_through_the_engine(notation: str) -> None:
    assert evaluate(parse_system(notation), pool(1), runs=3).path == "engine"


def test_two_calls_that_end_at_one_moment_are_left_to_the_engine() -> None:
    draws = tuple(Draw(text="a", latency=t) for t in (1.0, 1.0, 2.0, 3.0))
    found = evaluate(parse_system("vote(race(2*m), race(2*m))"), Pool(tasks={"t": draws}), runs=60)
    assert found.path == "both"


def test_a_race_that_is_won_while_its_losers_are_being_closed_has_no_word_on_their_disagreement() -> None:
    draws = tuple(Draw(key=key, latency=t) for key, t in (("a", 0.5), ("b", 1.0), ("a", 2.0), ("b", 3.0)))
    system = parse_system("vote[stop=decided](m, race[rule=thinking, take=2](3*m))")
    both = [
        evaluate(system, Pool(tasks={"t": draws}), runs=1, shuffle=False, engine=engine) for engine in (True, False)
    ]
    assert [found.path for found in both] == ["engine", "direct"]
    assert both[0].outcomes[0].disagreement == both[1].outcomes[0].disagreement
