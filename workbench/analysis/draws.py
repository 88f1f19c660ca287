"""A task's recorded draws as arrays, and the odds of who comes first, last or best in a random k of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.analysis.pool import Draw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]
    Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The draws of one task in columns; a column that one draw has no figure for is None."""

    done: Bools
    correct: Floats | None
    """1 right, 0 wrong; what is not done is wrong."""
    key: Ints
    """Equal answers have equal numbers; -1 abstains."""
    latency: Floats | None
    tokens: Floats | None
    cost: Floats | None
    prompt_cost: Floats
    accepted: Bools | None
    score: Floats | None

    @property
    def n(self) -> int:
        """How many draws."""
        return len(self.done)

    def take(self, rows: Ints) -> Drawn:
        """These draws, each as often as it is named."""
        held: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        taken: dict[str, Any] = {name: None if column is None else column[rows] for name, column in held.items()}
        return Drawn(**taken)


def columns(draws: Sequence[Draw]) -> Drawn:
    """The draws of one task as arrays."""
    import numpy as np

    def known(values: list[float | None]) -> Floats | None:
        return None if None in values else np.array(values, float)

    done = np.array([d.done for d in draws], bool)
    codes: dict[str, int] = {}
    keys = [codes.setdefault(d.key, len(codes)) if d.done and d.key is not None else -1 for d in draws]
    accepted = [d.accepted if d.done else False for d in draws]
    return Drawn(
        done=done,
        correct=known([d.correct if d.done else 0.0 for d in draws]),
        key=np.array(keys, np.int64),
        latency=known([d.latency for d in draws]),
        tokens=known([d.tokens for d in draws]),
        cost=known([d.cost for d in draws]),
        prompt_cost=np.array([min(d.prompt_cost or 0, d.cost or 0) for d in draws], float),
        accepted=None if None in accepted else np.array(accepted, bool),
        score=known([d.score if d.done else -math.inf for d in draws]),
    )


@lru_cache(maxsize=256)
def first_odds(n: int, ks: tuple[int, ...]) -> Floats:
    """[k, i] = C(n-1-i, k-1) / C(n, k): the odds that the i-th in order (from 0) is the first of a random k of n."""
    import numpy as np

    odds = np.zeros((len(ks), n))
    for row, k in enumerate(ks):
        odds[row, 0] = k / n
        for i in range(1, n):  # product form: no large number is ever made
            odds[row, i] = odds[row, i - 1] * (n - i - k + 1) / (n - i) if n - i >= k else 0.0
    odds.setflags(write=False)
    return odds


@lru_cache(maxsize=4096)
def none_odds(n: int, marked: int, ks: tuple[int, ...]) -> Floats:
    """[k] = C(n-marked, k) / C(n, k): the odds that a random k of n has none of the marked ones."""
    import numpy as np

    return np.array([none_of(n, marked, k) for k in ks])


def none_of(n: int, marked: int, k: int) -> float:
    """C(n-marked, k) / C(n, k) as a product."""
    if k > n - marked:
        return 0.0
    return math.prod(1 - marked / (n - j) for j in range(k))


def ranked(order_by: Floats, *values: Floats) -> tuple[Ints, list[Floats]]:
    """(the order by which they come, the values in it). Equal ones come in any order with equal odds: each of them has
    the mean of its group."""
    import numpy as np

    order = np.argsort(order_by, kind="stable")
    ordered = order_by[order]
    sorted_values = [value[order] for value in values]
    if len(ordered) > 1 and (ordered[1:] == ordered[:-1]).any():
        starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
        sizes = np.diff(np.concatenate((starts, [len(ordered)])))
        sorted_values = [np.repeat(np.add.reduceat(value, starts) / sizes, sizes) for value in sorted_values]
    return order, sorted_values


def last_of(values: Floats, ks: tuple[int, ...]) -> Floats:
    """[k]: the expected largest of a random k."""
    import numpy as np

    return np.asarray(first_odds(len(values), ks) @ np.sort(values)[::-1])
