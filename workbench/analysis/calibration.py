"""What a disagreement score was worth: how often answers at this score were wrong, on runs whose answers are graded.

Agreement of one model's draws and agreement of several models are two things: they are never put together here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from workbench.analysis.theory import Z, wilson

if TYPE_CHECKING:
    from workbench.analysis.draws import Floats

Scope: TypeAlias = Literal["within", "cross"]
"""Whether the candidates that agree or not are one model's, or several models'."""
NEAR = 0.1
"""Scores as far as this from one another are taken for the same."""
FEWEST = 5
"""Graded answers under which nothing is said of a score."""


class GradedScore(Struct, frozen=True):
    """A run's headline score, and whether its answer was wrong."""

    score: float
    wrong: bool
    name: str = "entropy"
    scope: Scope = "within"

    @property
    def same(self) -> float:
        """Equal for equal scores: that of three different answers and that of four differ in the last bit."""
        return round(self.score, 12)


class Auroc(Struct, frozen=True, kw_only=True):
    """The odds that a wrong answer has a higher score than a right one, ties counted half; 0.5 is chance. The interval
    is DeLong's (1988), on the logit; None where one of each is too few for it."""

    value: float
    low: float | None
    high: float | None
    wrong: int
    right: int


class RiskCoverage(Struct, frozen=True, kw_only=True):
    """Answering only up to a score: the share that is answered, and the share of these that is wrong."""

    score: tuple[float, ...]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    area: float
    """Under the curve: the mean risk over all coverages; less is better."""


class Expected(Struct, frozen=True, kw_only=True):
    """Answers near a score: how many of how many were wrong, with the 95 % Wilson interval."""

    wrong: int
    n: int
    low: float
    high: float
    words: str


def auroc(rows: Sequence[GradedScore]) -> Auroc | None:
    """Of scores against wrong answers; None where all are right or all wrong."""
    import numpy as np

    wrong = np.array([row.same for row in rows if row.wrong])
    right = np.array([row.same for row in rows if not row.wrong])
    if not len(wrong) or not len(right):
        return None
    over = _placements(wrong, right)
    value, spread = float(over.mean()), 0.0
    if len(wrong) > 1 and len(right) > 1:
        spread = math.sqrt(over.var(ddof=1) / len(wrong) + _placements(right, wrong).var(ddof=1) / len(right))
    low, high = _logit_interval(value, spread) if len(wrong) > 1 and len(right) > 1 else (None, None)
    return Auroc(value=value, low=low, high=high, wrong=len(wrong), right=len(right))


def _placements(those: Floats, others: Floats) -> Floats:
    """For each of those the share of others below it, ties half."""
    import numpy as np

    ordered = np.sort(others)
    below, up_to = np.searchsorted(ordered, those, "left"), np.searchsorted(ordered, those, "right")
    return np.asarray((below + up_to) / (2 * len(others)))


def _logit_interval(value: float, spread: float) -> tuple[float, float]:
    """An interval that stays within [0, 1]; of a perfect score DeLong's variance is nought and says nothing."""
    if not 0 < value < 1:
        return value, value
    middle, half = math.log(value / (1 - value)), Z * spread / (value * (1 - value))
    return 1 / (1 + math.exp(-(middle - half))), 1 / (1 + math.exp(-(middle + half)))


def risk_coverage(rows: Sequence[GradedScore]) -> RiskCoverage:
    """From the surest answers on; equal scores are answered together. Raises `ValueError` for none."""
    if not rows:
        raise ValueError("there is no graded answer")
    ordered = sorted(rows, key=lambda row: row.same)
    scores: list[float] = []
    coverage: list[float] = []
    risk: list[float] = []
    area, wrong, at = 0.0, 0, 0
    while at < len(ordered):
        score, start = ordered[at].same, at
        while at < len(ordered) and ordered[at].same == score:
            wrong += ordered[at].wrong
            at += 1
        scores.append(score)
        coverage.append(at / len(ordered))
        risk.append(wrong / at)
        area += (at - start) / len(ordered) * risk[-1]
    return RiskCoverage(score=tuple(scores), coverage=tuple(coverage), risk=tuple(risk), area=area)


def expected_error(rows: Sequence[GradedScore], score: float, near: float = NEAR) -> Expected | None:
    """What became of answers near this score; None where too few of them are graded."""
    there = [row.wrong for row in rows if abs(row.score - score) <= near + 1e-12]
    if len(there) < FEWEST:
        return None
    wrong = sum(there)
    low, high = wilson(wrong, len(there))
    words = f"near this score {wrong} of {len(there)} answers were wrong ({low * 100:.0f}–{high * 100:.0f} %)"
    return Expected(wrong=wrong, n=len(there), low=low, high=high, words=words)


def of(rows: Sequence[GradedScore], name: str, scope: Scope) -> list[GradedScore]:
    """Those of one score and one scope: figures of two are not comparable."""
    return [row for row in rows if row.name == name and row.scope == scope]
