"""Each compared system by itself and beside one other: its means, its odds of being on the frontier, what it costs per
solved task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from workbench.analysis import resampling
from workbench.analysis.comparable import Shared, labels
from workbench.analysis.measures import QUANTITIES, Measured, Quantity
from workbench.analysis.resampling import Interval

if TYPE_CHECKING:
    from workbench.analysis.draws import Bools, Floats

Mark: TypeAlias = Literal["frontier", "ambiguous", "dominated"]

FRONTIER_FROM = 0.8
"""P(on the frontier) from which a system is called `frontier`."""
DOMINATED_UP_TO = 0.05
"""P(on the frontier) up to which a system is called `dominated`; between the two it is `ambiguous`."""


class Against(Struct, frozen=True, kw_only=True):
    """A system beside another one, on the same resampled tasks."""

    label: str
    """The other: the next cheaper one on the frontier, or for a dominated system the one that beats it."""
    ratio: Interval
    """This system's x as a multiple of the other's."""
    gain: Interval
    """This system's y less the other's."""


class Placed(Struct, frozen=True, kw_only=True):
    """One compared system. Units as in `Measured`."""

    label: str
    notation: str
    system: str
    means: dict[Quantity, Interval]
    """The axes, and whatever else is known of all shared tasks."""
    on_frontier: bool
    """By the means themselves."""
    p: float | None
    """Share of the resamples in which it is on the frontier; None of one task."""
    mark: Mark
    solved: Interval | None = None
    """Cost per solved task, pico-dollars: all that was paid over what was right. None where either is unknown or
    nothing was right."""
    against: Against | None = None
    runs_counted: int = 0
    runs: tuple[str, ...] = ()
    estimated: bool = False
    """Whether a figure rests on estimated token counts."""


class Table:
    """What every compared system came to."""

    def __init__(self, measured: Sequence[Measured], found: Shared, means: Floats, again: Floats) -> None:
        self._measured, self._found, self._means, self._again = measured, found, means, again
        every = labels(measured)
        self.names = [every[index] for index in found.systems]

    def placed(self, at: int, on: bool, p: float | None, against: Against | None) -> Placed:
        """One row."""
        import numpy as np

        index = self._found.systems[at]
        source = self._measured[index]
        cells = [source.cells[task] for task in self._found.tasks]
        known = {name: i for i, name in enumerate(QUANTITIES) if not np.isnan(self._means[at, i])}
        return Placed(
            label=self.names[at],
            notation=source.notation,
            system=source.system,
            means={n: resampling.interval(float(self._means[at, i]), self._again[:, at, i]) for n, i in known.items()},
            on_frontier=on,
            p=p,
            mark=_mark(p),
            against=against,
            solved=self._solved(at),
            runs_counted=sum(cell.repeats for cell in cells),
            runs=source.runs,
            estimated=any(cell.estimated for cell in cells),
        )

    def _solved(self, at: int) -> Interval | None:
        import numpy as np

        cost, right = (QUANTITIES.index(name) for name in ("cost", "accuracy"))
        paid, solved = self._means[at, cost], self._means[at, right]
        if not paid >= 0 or not solved > 0:  # unknown is neither
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            again = self._again[:, at, cost] / self._again[:, at, right]
        again = np.where(self._again[:, at, right] > 0, again, np.inf)
        return resampling.interval(float(paid / solved), again)


def _mark(p: float | None) -> Mark:
    if p is None:
        return "ambiguous"
    return "frontier" if p >= FRONTIER_FROM else "dominated" if p <= DOMINATED_UP_TO else "ambiguous"


class Pairs:
    """Each system beside one other, by x and y."""

    def __init__(
        self, points: Floats, on: Bools, columns: list[int], means: Floats, again: Floats, names: list[str]
    ) -> None:
        self._points, self._on, self._names = points, on, names
        self._means, self._again = means[:, columns], again[:, :, columns]

    def of(self, at: int) -> Against | None:
        """Beside the nearest on the frontier that is better in x; of a beaten one, beside what beats it."""
        other = self._other(at)
        if other is None:
            return None
        x, y = (self._means[at, axis] for axis in (0, 1))
        x2, y2 = (self._means[other, axis] for axis in (0, 1))
        if not x2 > 0:
            return None
        again = self._again
        ratio = again[:, at, 0] / again[:, other, 0] if (again[:, other, 0] > 0).all() else again[:0, at, 0]
        gain = again[:, at, 1] - again[:, other, 1]
        return Against(
            label=self._names[other],
            ratio=resampling.interval(float(x / x2), ratio),
            gain=resampling.interval(float(y - y2), gain),
        )

    def _other(self, at: int) -> int | None:
        mine = self._points[at]
        others = [i for i in range(len(self._points)) if i != at and self._on[i]]
        beating = [i for i in others if not self._on[at] and bool((self._points[i] <= mine).all())]
        better = [i for i in others if self._points[i, 0] < mine[0]]
        return max(beating or better, key=lambda i: (self._points[i, 0], -self._points[i, 1]), default=None)
