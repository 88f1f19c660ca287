"""Runs of several systems side by side: medians, ranges, and which is best. What is unknown stays unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

H = TypeVar("H", bound=Hashable)


class Spread(Struct, frozen=True):
    """Median and range. A figure that is unknown for one of the runs is unknown for all of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread | None:
        """Of at least one value; None where there is none or one is unknown."""
        from statistics import median

        every = list(values)
        known = [value for value in every if value is not None]
        return cls(median(known), min(known), max(known)) if known and len(known) == len(every) else None


def shared(values: Iterable[H], otherwise: H) -> H:
    """What all have in common; `otherwise` where they differ or there are none."""
    every = set(values)
    return every.pop() if len(every) == 1 else otherwise


def tally(answers: Iterable[H]) -> list[tuple[H, int]]:
    """Each answer with how often it was given, most frequent first."""
    return Counter(answers).most_common()


def best(values: Sequence[float | None], *, highest: bool = False) -> frozenset[int]:
    """Indices of the best of at least two values, by default the lowest; empty where one is unknown or all are
    equal."""
    known = [value for value in values if value is not None]
    if len(known) < 2 or len(known) < len(values) or min(known) == max(known):
        return frozenset()
    top = max(known) if highest else min(known)
    return frozenset(index for index, value in enumerate(known) if value == top)
