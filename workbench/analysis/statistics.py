"""Whether one system is better than another, and how many tasks it takes to see it. Pure; the standard library alone.

Repeats of a task are not independent of each other: they are averaged within the task first, and tasks are what is
counted (Miller 2024, "Adding Error Bars to Evals"). Two systems that met the same tasks are compared by the differences
within tasks, which leaves out how hard each task is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, variance

from msgspec import Struct

LEVEL = 0.95
POWER = 0.8
"""The odds with which a difference that is there is to be seen."""
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


class Estimate(Struct, frozen=True, kw_only=True):
    """A mean over tasks with its standard error and its 95 % interval; None where one task can't tell."""

    value: float
    se: float | None
    low: float | None
    high: float | None
    tasks: int


class Paired(Struct, frozen=True, kw_only=True):
    """One system less another over the tasks that both met."""

    difference: Estimate
    unpaired_se: float | None
    """What the standard error would be were the tasks of the two not the same."""
    won: int
    """Tasks on which the first one is better, by the means of the repeats."""
    lost: int
    p: float
    """Two-sided, of the null hypothesis that both are as good: the exact sign test of won against lost. With one graded
    answer a task that is McNemar's exact test."""
    spread: float | None
    """Standard deviation of the differences over tasks: what `tasks_needed` starts from."""


def clustered(repeats: Mapping[str, Sequence[float]]) -> Estimate:
    """The mean over tasks of the means over their repeats. Raises `ValueError` for no task, or one without repeats."""
    return _estimate([fmean(values) for values in repeats.values()])


def paired(first: Mapping[str, float], second: Mapping[str, float]) -> Paired:
    """Task → mean over its repeats, of two systems; tasks that only one of them met are left out. Raises `ValueError`
    where they share none."""
    shared = sorted(first.keys() & second.keys())
    differences = [first[task] - second[task] for task in shared]
    made = _estimate(differences)
    alone = [_estimate([values[task] for task in shared]).se for values in (first, second)]
    won, lost = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    return Paired(
        difference=made,
        unpaired_se=None if alone[0] is None or alone[1] is None else math.hypot(alone[0], alone[1]),
        won=won,
        lost=lost,
        p=mcnemar(won, lost),
        spread=None if made.se is None else made.se * math.sqrt(made.tasks),
    )


def _estimate(values: Sequence[float]) -> Estimate:
    if not values:
        raise ValueError("there is no task that both met")
    value = fmean(values)
    if len(values) < 2:
        return Estimate(value=value, se=None, low=None, high=None, tasks=1)
    se = math.sqrt(variance(values, value) / len(values))
    return Estimate(value=value, se=se, low=value - _Z * se, high=value + _Z * se, tasks=len(values))


def mcnemar(won: int, lost: int) -> float:
    """The exact two-sided p-value of so many discordant pairs: a fair coin's odds of a split at least as uneven."""
    n, fewer = won + lost, min(won, lost)
    tail = sum(math.comb(n, i) for i in range(fewer + 1))
    return min(1.0, 2 * tail / 2**n) if n else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being so many (Holm 1979), in their order: the odds of one false finding among all
    those at or below a level stay at that level."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = worst
    return adjusted


def ratio(pairs: Sequence[tuple[float, float]], *, resamples: int = 2_000, seed: int = 7) -> tuple[float, float, float]:
    """Σ numerators ÷ Σ denominators over tasks, with its 95 % bootstrap interval over tasks. An end without limit is
    `inf`, as is a ratio to nothing."""
    import numpy as np

    from workbench.analysis.resampling import interval, weights

    table = np.array(pairs, dtype=float)
    over, under = table.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.concatenate([part @ table for part in weights(len(table), resamples, seed)])
        resampled = sums[:, 0] / sums[:, 1]
    value = float(over / under) if under else math.inf
    resampled = np.where(np.isnan(resampled), math.inf, resampled)
    found = interval(value, resampled)
    return value, found.low if found.low is not None else value, found.high if found.high is not None else math.inf


def tasks_needed(spread: float, difference: float, *, power: float = POWER) -> int:
    """How many tasks show a difference of this size with these odds, at 5 % two-sided, where the differences over tasks
    have this standard deviation. Raises `ValueError` for no difference."""
    if difference == 0:
        raise ValueError("no number of tasks shows a difference of zero")
    z = _Z + NormalDist().inv_cdf(power)
    return max(2, math.ceil((z * spread / difference) ** 2))


def smallest_seen(spread: float, tasks: int, *, power: float = POWER) -> float:
    """The smallest difference that so many tasks show with these odds."""
    return (_Z + NormalDist().inv_cdf(power)) * spread / math.sqrt(tasks)


def needed_words(found: Paired, points: float = 0.03) -> str:
    """`You need about 240 tasks to see 3 points; these 164 show 3.6 or more.` Shares alone have points."""
    if found.spread is None:
        return "One task shows no difference between systems: several are needed."
    if found.spread == 0:
        return f"The two never differ on these {found.difference.tasks:,} tasks."
    tasks = found.difference.tasks
    seen = smallest_seen(found.spread, tasks) * 100
    need = tasks_needed(found.spread, points)
    most = f"these {tasks:,} show {seen:.1f} or more."
    return f"You need about {_round(need):,} tasks to see {points * 100:g} points; {most}"


def _round(value: int) -> int:
    """Two digits are enough for a number that is a guess."""
    step: int = 10 ** max(0, len(str(value)) - 2)
    return -(-value // step) * step
