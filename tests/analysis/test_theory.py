"""The formulas against their vectors, exact fractions and draws that were made by them."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from workbench.analysis.curves import advised, over_k
from workbench.analysis.fits import advice, mixture, pooled, queries, verdict_on
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.theory import Mixture, Verified, averaged, dataset_accuracy, majority, wilson

THREE = Verified(p=0.6, c=0.9, s=0.7)
TWO_KINDS = Mixture(alpha=0.6, p1=0.85, p2=0.4)


def test_verification_by_three_numbers() -> None:
    assert [round(THREE.accuracy(k), 3) for k in (1, 3, 10)] == [0.600, 0.793, 0.818]
    assert round(THREE.ceiling, 3) == round(THREE.accuracy(math.inf), 3) == 0.818
    assert THREE.serial_calls(1) == pytest.approx(1)
    assert THREE.serial_calls(3) == pytest.approx((1 - 0.34**3) / 0.66)


def test_nothing_accepted_leaves_p() -> None:
    never = Verified(p=0.6, c=0, s=1)
    assert [never.accuracy(k) for k in (1, 5, math.inf)] == [0.6, 0.6, 0.6]
    assert never.serial_calls(4) == 4


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("c", "s"), [(0.9, 0.7), (0.4, 0.5), (0.5, 0.5), (0.2, 0.9)])
def test_it_gains_for_every_k_exactly_where_c_and_s_are_more_than_one(p: float, c: float, s: float) -> None:
    numbers = Verified(p=p, c=c, s=s)
    for k in (2, 3, 10, 100):
        gained = numbers.accuracy(k) - p
        assert (gained > 1e-12) == numbers.gains or abs(gained) < 1e-12
        assert (gained > 1e-12) == (c + s > 1 + 1e-12)


def test_acc_is_what_a_simulation_of_accept_first_gives() -> None:
    dice, right = random.Random(7), 0
    for _ in range(20_000):
        draws = [dice.random() < THREE.p for _ in range(3)]
        accepted = [d for d in draws if dice.random() < (THREE.c if d else 1 - THREE.s)]
        right += accepted[0] if accepted else dice.choice(draws)
    assert right / 20_000 == pytest.approx(THREE.accuracy(3), abs=0.01)


def test_the_formula_at_averages_is_wrong() -> None:
    halves = [Verified(p=0.95, c=0.95, s=0.9), Verified(p=0.05, c=0.3, s=0.5)]
    own, wrong = dataset_accuracy(halves, 10), averaged(halves).accuracy(10)
    assert own == pytest.approx(0.5126, abs=1e-4)
    assert wrong == pytest.approx(0.6750, abs=1e-4)


@pytest.mark.parametrize("k", [1, 2, 3, 9, 79, 501])
@pytest.mark.parametrize("p", [Fraction(0), Fraction(2, 5), Fraction(1, 2), Fraction(17, 20), Fraction(1)])
def test_the_majority_is_the_binomial_tail_in_fractions(p: Fraction, k: int) -> None:
    want = sum(math.comb(k, i) * p**i * (1 - p) ** (k - i) for i in range(k // 2 + 1, k + 1))
    if k % 2 == 0:
        want += math.comb(k, k // 2) * (p * (1 - p)) ** (k // 2) / 2
    assert majority(float(p), k) == pytest.approx(float(want), abs=1e-12)


def test_more_calls_can_hurt() -> None:
    assert TWO_KINDS.accuracy(1) == pytest.approx(0.670)
    assert max(range(1, 80, 2), key=TWO_KINDS.accuracy) == 5
    assert round(TWO_KINDS.accuracy(5), 3) == 0.711
    assert round(TWO_KINDS.accuracy(79), 3) == 0.614
    assert TWO_KINDS.best_k is not None
    assert round(TWO_KINDS.best_k, 2) == 5.24
    assert Mixture(alpha=1, p1=0.9, p2=0.4).best_k is None


def test_wilson() -> None:
    assert wilson(0, 0) == (0, 1)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def sampled(kinds: list[tuple[int, Verified]], draws: int, seed: int = 3) -> Pool:
    dice, tasks = random.Random(seed), {}
    for kind, (count, numbers) in enumerate(kinds):
        for task in range(count):
            made = []
            for _ in range(draws):
                right = dice.random() < numbers.p
                made.append(
                    Draw(
                        correct=right,
                        accepted=dice.random() < (numbers.c if right else 1 - numbers.s),
                        key="r" if right else "w",
                    )
                )
            tasks[f"{kind}.{task}"] = tuple(made)
    return Pool(tasks=tasks)


def test_fits_find_what_made_the_draws() -> None:
    pool = sampled([(300, Verified(p=0.85, c=0.9, s=0.7)), (200, Verified(p=0.4, c=0.9, s=0.7))], 15)
    fit = mixture([(round(q.p.value * q.p.n), q.p.n) for q in queries(pool)])
    for name in ("alpha", "p1", "p2"):
        low, value, high = (getattr(m, name) for m in (fit.low, fit.mixture, fit.high))
        assert low <= getattr(TWO_KINDS, name) <= high
        assert value == pytest.approx(getattr(TWO_KINDS, name), abs=0.06)
    assert fit.note == ""
    p, c, s = pooled(pool)
    assert p is not None
    assert c is not None
    assert s is not None
    assert c.low <= 0.9 <= c.high
    assert s.low <= 0.7 <= s.high


def test_what_can_not_be_told_apart_is_said() -> None:
    assert "not identifiable" in mixture([(1, 2)] * 50).note
    assert "not identifiable" in mixture([(7, 10)] * 50).note
    assert "only 5 queries" in mixture([(9, 10), (2, 10), (9, 10), (1, 10), (8, 10)]).note


def test_more_draws_that_make_it_worse_are_told_whatever_a_formula_says() -> None:
    """Quick answers are wrong here, and are accepted as often as the others."""
    draws = tuple(Draw(key=str(i), correct=i > 3, latency=float(i), accepted=i != 5) for i in range(8))
    drawn = Pool(tasks={"t": draws})
    race, *_ = advised(over_k(drawn, "race", range(1, 6)))
    said = "As measured, race@k is best at k = 1 (.50); at k = 5 it is .00. Those that come first are wrong more often."
    assert race == said
    verify, *_ = advised(over_k(drawn, "verify", range(1, 6)))
    assert "verify@k is best at k = 1" in verify
    assert verify.endswith("The formula does not know which of them come first.")
    assert advised(over_k(drawn, "pass", range(1, 6))) == advice(drawn)


@pytest.mark.parametrize(("p", "word"), [(0.0, "no"), (1.0, "every")])
def test_where_no_draw_is_right_or_every_one_verification_changes_nothing(p: float, word: str) -> None:
    assert verdict_on(Verified(p=p, c=0.9, s=0.7)) == f"Verification changes nothing: {word} draw is right."


def test_advice_in_words() -> None:
    pool = sampled([(300, Verified(p=0.85, c=0.9, s=0.7)), (200, Verified(p=0.3, c=0.9, s=0.7))], 15)
    vote, verify = advice(pool)
    assert vote.startswith("A vote over more than ")
    assert "% of the queries are below one half" in vote
    assert verify.startswith("Verification gains: c + s = 1.")
    assert "ceiling ." in verify
    assert verdict_on(THREE) == "Verification gains: c + s = 1.6 > 1; ceiling .82."
    assert verdict_on(Verified(p=0.6, c=0.4, s=0.4)).startswith("Verification loses: c + s = 0.8 < 1")
    assert advice(Pool(tasks={"t": (Draw(),)}))[0].startswith("Nothing is graded")
