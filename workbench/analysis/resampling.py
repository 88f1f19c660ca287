"""One bootstrap over tasks, shared by everything that is compared: all systems meet the same resampled tasks, so what
is common to them does not blur their differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from workbench.analysis.draws import Floats

RESAMPLES = 2_000
LEVEL = 0.95
_AT_ONCE = 2_000_000
"""Weights held at once, at most: 16 MB."""


class Interval(Struct, frozen=True):
    """A figure with its 95 % interval; None where there is none: one task says nothing of others, and a ratio may have
    no upper end."""

    value: float
    low: float | None = None
    high: float | None = None


def weights(tasks: int, resamples: int, seed: int) -> Iterator[Floats]:
    """[resample, task] how much each task counts, summing to one, a part of the resamples at a time; the parts are the
    same whatever their size."""
    import numpy as np

    random, odds = np.random.default_rng(seed), np.full(tasks, 1 / tasks)
    step = max(1, _AT_ONCE // tasks)
    for start in range(0, resamples, step):
        yield random.multinomial(tasks, odds, size=min(step, resamples - start)) / tasks


def means(values: Floats, resamples: int, seed: int) -> Floats:
    """[resample, system, quantity] means of [system, task, quantity]; what is unknown of one task is unknown."""
    import numpy as np

    systems, tasks, quantities = values.shape
    flat = np.ascontiguousarray(values.transpose(1, 0, 2).reshape(tasks, systems * quantities))
    parts = [part @ flat for part in weights(tasks, resamples, seed)]
    return np.concatenate(parts).reshape(resamples, systems, quantities)


def interval(value: float, resampled: Floats) -> Interval:
    """The value with the percentiles of its resamples, widened to hold it; ends that are no number are None."""
    import numpy as np

    if not len(resampled) or np.isnan(resampled).any():
        return Interval(value)
    ordered = np.sort(resampled)
    low, high = (_at(ordered, share) for share in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(value, _finite(min(low, value)), _finite(max(high, value)))


def _at(ordered: Floats, share: float) -> float:
    """The percentile, linear between two; np.quantile makes no number of two infinite ones."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low if low == high else low + (place - below) * (high - low)


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
