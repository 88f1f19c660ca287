"""What the formulas say: verification with three numbers, votes over a mixture of queries, and fits of both to draws.

Formulas and test vectors: docs/lab.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

Z = 1.959963984540054
"""95 %, two-sided."""


class Verified(Struct, frozen=True, kw_only=True):
    """The three numbers of a query, or of a set: P(right), P(accepted | right), P(rejected | wrong)."""

    p: float
    c: float
    s: float

    @property
    def accept(self) -> float:
        """a: the odds that one draw is accepted."""
        return self.p * self.c + (1 - self.p) * (1 - self.s)

    @property
    def gains(self) -> bool:
        """Whether every K > 1 is better than one draw."""
        return self.c + self.s > 1 and 0 < self.p < 1

    @property
    def ceiling(self) -> float:
        """Acc(∞); p where nothing is ever accepted."""
        return self.p * self.c / self.accept if self.accept > 0 else self.p

    def accuracy(self, k: float) -> float:
        """Acc(K): the first accepted of K, else one of them at random."""
        if k == math.inf:
            return self.ceiling
        if self.accept <= 0:
            return self.p
        missed = max(0.0, 1 - self.accept)
        return self.ceiling * (1 - math.pow(missed, k)) + self.p * (1 - self.c) * math.pow(missed, k - 1)

    def serial_calls(self, k: int) -> float:
        """Generator calls of K at most, one at a time, on average; in parallel it is K."""
        return float(k) if self.accept <= 0 else (1 - (1 - self.accept) ** k) / self.accept


class Mixture(Struct, frozen=True, kw_only=True):
    """A share of easy queries and the rest hard ones, with two-way answers."""

    alpha: float
    p1: float
    p2: float

    def accuracy(self, k: int) -> float:
        """F(K): the majority of K; an even K breaks its ties by a coin, and is worth K - 1."""
        return self.alpha * majority(self.p1, k) + (1 - self.alpha) * majority(self.p2, k)

    @property
    def best_k(self) -> float | None:
        """K*, where F turns; None where it never does (it only rises, or only falls)."""
        return turning_point(self.alpha, self.p1, self.p2)


def majority(p: float, k: int) -> float:
    """I_p((K+1)/2, (K+1)/2) for odd K: the odds that more than half of K are right. An even K is worth K - 1."""
    k -= 1 - k % 2
    if p <= 0 or p >= 1:
        return float(p >= 1)
    log_p, log_q = math.log(p), math.log1p(-p)
    whole = math.lgamma(k + 1)
    terms = (
        math.exp(whole - math.lgamma(i + 1) - math.lgamma(k - i + 1) + i * log_p + (k - i) * log_q)
        for i in range((k + 1) // 2, k + 1)
    )
    return min(1.0, math.fsum(terms))


def turning_point(alpha: float, p1: float, p2: float) -> float | None:
    """K* = 2 ln[α/(1-α) (2p1-1)/(1-2p2)] / ln[p2(1-p2) / (p1(1-p1))]; None where there is no turn."""
    if not (0 < alpha < 1 and 0.5 < p1 < 1 and 0 < p2 < 0.5):
        return None
    ratio = math.log(p2 * (1 - p2) / (p1 * (1 - p1)))
    odds = math.log(alpha / (1 - alpha) * (2 * p1 - 1) / (1 - 2 * p2))
    if ratio == 0:
        return None
    found = 2 * odds / ratio
    # Easy queries that are nearer to certain than the hard ones settle first: F rises, then falls. Else F dips.
    return found if ratio > 0 and found > 0 else None


def dataset_accuracy(queries: Sequence[Verified], k: float) -> float:
    """Acc(K) averaged over the queries' own three numbers. The formula at their averages is wrong."""
    return math.fsum(query.accuracy(k) for query in queries) / len(queries)


def averaged(queries: Sequence[Verified]) -> Verified:
    """The averages of the three numbers: for people, not for the formula."""
    n = len(queries)
    return Verified(p=sum(q.p for q in queries) / n, c=sum(q.c for q in queries) / n, s=sum(q.s for q in queries) / n)


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share; all of [0, 1] for no draws."""
    if not n:
        return 0.0, 1.0
    share, z2 = right / n, Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
