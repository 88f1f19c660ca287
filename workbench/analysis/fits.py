"""The formulas' numbers from recorded draws, each with its uncertainty, and what they advise in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from workbench.analysis.pool import Draw, Pool
from workbench.analysis.theory import Mixture, Verified, averaged, wilson

if TYPE_CHECKING:
    from workbench.analysis.draws import Floats, Ints

RESAMPLES = 200
_ROUNDS = 300


class Share(Struct, frozen=True):
    """A share with its 95 % interval (Wilson)."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, right: int, n: int) -> Share | None:
        """None where nothing was counted."""
        return cls(right / n, *wilson(right, n), n) if n else None


class Query(Struct, frozen=True, kw_only=True):
    """One query's (p, c, s); None where no draw tells (c needs right draws, s wrong ones, both need verdicts)."""

    task: str
    p: Share
    c: Share | None = None
    s: Share | None = None


class MixtureFit(Struct, frozen=True, kw_only=True):
    """(α, p1, p2) by maximum likelihood over the queries' counts of right draws; intervals: bootstrap over queries."""

    mixture: Mixture
    low: Mixture
    high: Mixture
    queries: int
    note: str = ""
    """Why the three can't be told apart, where they can't."""


def queries(pool: Pool) -> list[Query]:
    """(p, c, s) of every query whose draws are graded. What is not done is wrong, and is not accepted."""
    return [_query(task, draws) for task, draws in pool.tasks.items() if draws and all(map(_graded, draws))]


def pooled(pool: Pool) -> tuple[Share | None, Share | None, Share | None]:
    """(p, c, s) over all graded draws together: with few draws a query has too few of its own."""
    graded = [draw for draws in pool.tasks.values() for draw in draws if _graded(draw)]
    return _shares(graded)


def _graded(draw: Draw) -> bool:
    return not draw.done or draw.correct is not None


def _query(task: str, draws: Sequence[Draw]) -> Query:
    p, c, s = _shares(draws)
    assert p is not None
    return Query(task=task, p=p, c=c, s=s)


def _shares(draws: Sequence[Draw]) -> tuple[Share | None, Share | None, Share | None]:
    right = [d for d in draws if d.done and d.correct]
    judged = [d for d in draws if d.done and d.accepted is not None]
    kept = [d for d in judged if d.correct]
    wrong = [d for d in judged if not d.correct]
    return (
        Share.of(len(right), len(draws)),
        Share.of(sum(bool(d.accepted) for d in kept), len(kept)),
        Share.of(sum(not d.accepted for d in wrong), len(wrong)),
    )


def smoothed(found: Sequence[Query]) -> list[Verified]:
    """Each query's own three numbers for the formula. A query that says nothing of c or s takes the mean of those that
    do; none where no query does."""
    c = [q.c.value for q in found if q.c is not None]
    s = [q.s.value for q in found if q.s is not None]
    if not c and not s:
        return []
    mean_c, mean_s = (sum(c) / len(c) if c else 1.0), (sum(s) / len(s) if s else 1.0)
    return [Verified(p=q.p.value, c=q.c.value if q.c else mean_c, s=q.s.value if q.s else mean_s) for q in found]


def mixture(counts: Sequence[tuple[int, int]], *, seed: int = 7) -> MixtureFit:
    """(right, draws) of each query → two kinds of queries. Raises `ValueError` for none."""
    import numpy as np

    if not counts:
        raise ValueError("no graded query")
    right, n = (np.array(column, np.int64) for column in zip(*counts, strict=True))
    random = np.random.default_rng(seed)
    fitted = _em(right, n)
    again = [_em(right[rows], n[rows]) for rows in random.integers(0, len(right), (RESAMPLES, len(right)))]
    low, high = np.quantile(np.array(again), [0.025, 0.975], axis=0)
    return MixtureFit(
        mixture=Mixture(alpha=fitted[0], p1=fitted[1], p2=fitted[2]),
        low=Mixture(alpha=float(low[0]), p1=float(low[1]), p2=float(low[2])),
        high=Mixture(alpha=float(high[0]), p1=float(high[1]), p2=float(high[2])),
        queries=len(counts),
        note=_doubt(fitted, right, n),
    )


def _em(right: Ints, n: Ints) -> tuple[float, float, float]:
    """Expectation and maximisation over the distinct counts, from the split at one half."""
    import numpy as np

    pairs, weight = np.unique(np.stack((right, n)), axis=1, return_counts=True)
    c, n = pairs
    easy: Floats = np.where(2 * c > n, 0.9, 0.1)
    alpha = p1 = p2 = 0.5
    for _ in range(_ROUNDS):
        before = (alpha, p1, p2)
        alpha = float((weight * easy).sum() / weight.sum())
        p1 = _rate(np.asarray(weight * easy), c, n)
        p2 = _rate(np.asarray(weight * (1 - easy)), c, n)
        odds = _loglik(c, n, p1) + math.log(max(alpha, 1e-12)) - _loglik(c, n, p2) - math.log(max(1 - alpha, 1e-12))
        easy = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        if max(abs(a - b) for a, b in zip(before, (alpha, p1, p2), strict=True)) < 1e-7:
            break
    return (alpha, p1, p2) if p1 >= p2 else (1 - alpha, p2, p1)


def _rate(weight: Floats, c: Ints, n: Ints) -> float:
    total = float((weight * n).sum())
    return min(1 - 1e-9, max(1e-9, float((weight * c).sum()) / total)) if total else 0.5


def _loglik(c: Ints, n: Ints, p: float) -> Floats:
    return c * math.log(p) + (n - c) * math.log1p(-p)


def _doubt(fitted: tuple[float, float, float], right: Ints, n: Ints) -> str:
    alpha, p1, p2 = fitted
    if int(n.max()) < 3:
        return "not identifiable: fewer than 3 draws a query can't tell two kinds of queries from one"
    if len(right) < 20:
        return f"only {len(right)} {'query' if len(right) == 1 else 'queries'}: a coarse figure"
    if p1 - p2 < 0.1 or min(alpha, 1 - alpha) < 0.02:
        return "not identifiable: one kind of query describes the draws as well"
    return "" if p1 > 0.5 > p2 else "the two kinds are not on both sides of one half: the formula of K* does not hold"


def advice(pool: Pool) -> list[str]:
    """What the draws say about voting and verifying, one sentence each; empty where nothing is graded."""
    found = queries(pool)
    if not found:
        return ["Nothing is graded: only latency, tokens and cost are known."]
    return [*_on_votes(found), *_on_verifying(pool, found)]


def _on_votes(found: Sequence[Query]) -> list[str]:
    below = sum(q.p.value < 0.5 for q in found) / len(found)
    if max(q.p.n for q in found) < 3:
        return ["Fewer than 3 draws a query: nothing can be said about a vote."]
    fit = mixture([(round(q.p.value * q.p.n), q.p.n) for q in found])
    share = f"{below:.0%} of the queries are below one half".replace("%", " %")
    turn = fit.mixture.best_k
    doubt = f" ({fit.note})" if fit.note else ""
    if turn is not None and fit.mixture.p1 > 0.5 > fit.mixture.p2:
        # A majority has an odd number of calls; F turns between the two around K*.
        best = max((max(1, 2 * math.floor(turn / 2) + d) for d in (-1, 1)), key=fit.mixture.accuracy)
        return [f"A vote over more than {best} call{'s' * (best > 1)} loses here: {share}{doubt}."]
    if below == 0:
        return [f"A vote gains with every call: none of the queries is below one half{doubt}."]
    one, many = fit.mixture.accuracy(1), fit.mixture.accuracy(99)
    word = "gains" if many - one > 0.005 else "loses" if many - one < -0.005 else "changes little"
    return [f"A vote {word} here as it grows, from {hundredths(one)} to {hundredths(many)}: {share}{doubt}."]


def _on_verifying(pool: Pool, found: Sequence[Query]) -> list[str]:
    _, c, s = pooled(pool)
    numbers = smoothed(found)
    if c is None or s is None or not numbers:
        return []
    ceiling = sum(q.ceiling for q in numbers) / len(numbers)
    low, high = c.low + s.low, c.high + s.high
    said = [verdict_on(averaged(numbers), c.value + s.value, ceiling)]
    if low <= 1 <= high:
        said.append(f"That is not certain: c + s is between {low:.2f} and {high:.2f} from {c.n + s.n} verdicts.")
    return said


def verdict_on(numbers: Verified, total: float | None = None, ceiling: float | None = None) -> str:
    """`Verification gains: c + s = 1.6 > 1; ceiling .82.`"""
    total = numbers.c + numbers.s if total is None else total
    top = hundredths(numbers.ceiling if ceiling is None else ceiling)
    if ceiling is None and numbers.p in (0, 1):
        return f"Verification changes nothing: {'every' if numbers.p else 'no'} draw is right."
    if abs(total - 1) < 1e-9:
        return "Verification changes nothing: c + s = 1, its verdicts say nothing about who is right."
    if total < 1:
        return f"Verification loses: c + s = {total:.2g} < 1; it falls to {top}."
    return f"Verification gains: c + s = {total:.3g} > 1; ceiling {top}."


def hundredths(value: float) -> str:
    """A share as `.82`."""
    return f"{value:.2f}".removeprefix("0")
