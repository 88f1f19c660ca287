"""The frontier of systems: which of them no other beats at once on all axes, and how sure that is.

Means over the tasks that all compared systems share, 95 % intervals and P(on the frontier) from one bootstrap over
those tasks. docs/frontier.md says what each figure means.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from workbench.analysis import dominance, resampling
from workbench.analysis.comparable import LeftOut, Shared, shared
from workbench.analysis.dominance import Sense
from workbench.analysis.measures import QUANTITIES, Kind, Measured, Quantity
from workbench.analysis.placing import Pairs, Placed, Table
from workbench.analysis.resampling import RESAMPLES
from workbench.errors import InputError
from workbench.money import PICO

if TYPE_CHECKING:
    from workbench.analysis.draws import Bools, Floats

Shape: TypeAlias = Literal["staircase", "hull"]

FEW_TASKS = 20
"""Below so many tasks a bootstrap's intervals are too narrow, and the result says so."""
SENSES: dict[Quantity, Sense] = {name: "max" if name == "accuracy" else "min" for name in QUANTITIES}
BEST: dict[Quantity, float] = {name: 1.0 if name == "accuracy" else 0.0 for name in QUANTITIES}
"""What no system can better: the corner from which the hypervolume's share is taken."""
FACTORS: dict[Quantity, float] = {
    "cost": 1 / PICO,
    "latency": 1e-9,
    "accuracy": 1.0,
    "disagreement": 1.0,
    "tokens": 1.0,
}
"""From the units of `Measured` to those that people are told: dollars, seconds, shares, tokens."""
_SPARE = 1.1
"""The reference point that is chosen where none is given lies so far beyond the worst value."""


class Options(Struct, frozen=True, kw_only=True):
    """How a frontier is computed. Axis by axis, in the units of `Measured`: pico-dollars, ns, tokens, shares."""

    shape: Shape = "staircase"
    eps: tuple[float, ...] = ()
    """Differences up to this, one an axis, are none (ε-dominance); empty is Pareto's dominance."""
    reference: tuple[float, ...] = ()
    """Where the hypervolume ends, one value an axis. Empty: 1.1 × the worst value; accuracy 0, disagreement 1.1 ×."""
    resamples: int = RESAMPLES
    seed: int = 7


class Frontier(Struct, frozen=True, kw_only=True):
    """A comparison of systems."""

    kind: Kind
    axes: tuple[Quantity, ...]
    tasks: int
    """How many tasks all of `placed` share: all figures are means over these."""
    placed: tuple[Placed, ...]
    """By x, then y, the best first."""
    line: tuple[str, ...]
    """Labels of the systems that the frontier line goes through, by x."""
    left_out: tuple[LeftOut, ...]
    hypervolume: float | None
    """Share of the box between the reference point and perfection (free, at once, always right) that the frontier
    covers."""
    reference: tuple[float, ...]
    options: Options
    notes: tuple[str, ...] = ()
    """Cautions to show beside the figures."""

    @property
    def method(self) -> str:
        """How it was made, in words that every drawing and export carries."""
        parts = [f"frontier {'convex hull' if self.options.shape == 'hull' else 'staircase'}"]
        if self.options.eps:
            parts.append(f"ε {', '.join(map(_eps, self.axes, self.options.eps))}")
        if self.tasks > 1:
            parts.append(f"bootstrap {self.options.resamples:,} over {self.tasks:,} shared tasks")
            parts.append(f"seed {self.options.seed}")
        return " · ".join(parts)


def frontier(measured: Sequence[Measured], axes: Sequence[Quantity], options: Options | None = None) -> Frontier:
    """Systems placed on two or three axes. Raises `InputError` for other numbers of axes, one axis twice, an ε or a
    reference point of another length, and kinds that would mix."""
    options, axes = options or Options(), tuple(axes)
    _check(axes, options)
    found = shared(measured, axes)
    means, again = _means(found, options)
    points, resampled = _points(means, axes), _points(again, axes)
    on = dominance.on_frontier(points, options.eps)
    p = _odds(resampled, options.eps) if len(again) else None
    table = Table(measured, found, means, again)
    pairs = Pairs(points, on, [QUANTITIES.index(axis) for axis in axes[:2]], means, again, table.names)
    placed = [table.placed(i, bool(on[i]), None if p is None else float(p[i]), pairs.of(i)) for i in range(len(means))]
    reference = options.reference or _reference(means, axes)
    return Frontier(
        kind=measured[0].kind if measured else "real",
        axes=axes,
        tasks=len(found.tasks),
        placed=tuple(placed[i] for i in sorted(range(len(placed)), key=lambda i: (*points[i], placed[i].label))),
        line=tuple(placed[i].label for i in _line(points, on, options.shape)),
        left_out=found.left_out,
        hypervolume=_covered(points, reference, axes),
        reference=reference,
        options=options,
        notes=_notes(len(found.tasks), len(placed)),
    )


def _eps(axis: Quantity, value: float) -> str:
    """`$0.0001 cost`, `0.5 s latency`, `0.05 accuracy`: as it was asked for, never with an exponent."""
    said = format(Decimal(f"{value * FACTORS[axis]:.6g}"), "f")
    return f"${said} cost" if axis == "cost" else f"{said} s latency" if axis == "latency" else f"{said} {axis}"


def _check(axes: tuple[Quantity, ...], options: Options) -> None:
    if not 2 <= len(axes) <= 3 or len(set(axes)) < len(axes):
        raise InputError("takes two or three different axes", where="frontier", hint=f"Of {', '.join(QUANTITIES)}.")
    if options.shape == "hull" and len(axes) > 2:
        raise InputError("a convex hull is drawn over two axes", where="hull", hint="Leave --z out, or the hull.")
    for name, given in (("eps", options.eps), ("reference", options.reference)):
        if given and len(given) != len(axes):
            raise InputError(f"needs {len(axes)} values, one an axis, not {len(given)}", where=name)
    if any(each < 0 for each in options.eps):
        raise InputError("must be at least 0", where="eps")
    if options.resamples < 1:
        raise InputError("must be at least 1", where="resamples")


def _means(found: Shared, options: Options) -> tuple[Floats, Floats]:
    """([system, quantity], [resample, system, quantity]); no resamples of one task."""
    import numpy as np

    tasks = len(found.tasks)
    if not tasks:
        return np.empty((0, len(QUANTITIES))), np.empty((0, 0, len(QUANTITIES)))
    again = resampling.means(found.values, options.resamples, options.seed) if tasks > 1 else None
    blank = np.empty((0, len(found.systems), len(QUANTITIES)))
    return found.values.mean(axis=1), blank if again is None else again


def _points(means: Floats, axes: tuple[Quantity, ...]) -> Floats:
    """[…, system, axis], every axis to be small."""
    columns = means[..., [QUANTITIES.index(axis) for axis in axes]]
    return dominance.minimised(columns, [SENSES[axis] for axis in axes])


def _odds(points: Floats, eps: tuple[float, ...]) -> Floats:
    """[system] share of the resamples in which it is on the frontier; a part of them at a time, by the memory that
    all pairs take."""
    import numpy as np

    resamples, systems, _ = points.shape
    step = max(1, 1_000_000 // max(1, systems * systems))
    counts = np.zeros(systems)
    for start in range(0, resamples, step):
        counts += dominance.on_frontier(points[start : start + step], eps).sum(axis=0)
    return np.asarray(counts / resamples)


def _line(points: Floats, on: Bools, shape: Shape) -> list[int]:
    import numpy as np

    if shape == "hull":
        return dominance.hull(points)
    return sorted(np.flatnonzero(on).tolist(), key=lambda i: tuple(points[i].tolist()))


def _reference(means: Floats, axes: tuple[Quantity, ...]) -> tuple[float, ...]:
    if not len(means):
        return ()
    worst = means.max(axis=0)
    return tuple(0.0 if axis == "accuracy" else float(worst[QUANTITIES.index(axis)]) * _SPARE for axis in axes)


def _covered(points: Floats, reference: tuple[float, ...], axes: tuple[Quantity, ...]) -> float | None:
    import numpy as np

    if not len(points):
        return None
    senses = [SENSES[axis] for axis in axes]
    worst = dominance.minimised(np.array(reference, float), senses)
    best = dominance.minimised(np.array([BEST[axis] for axis in axes]), senses)
    box = float(np.prod(worst - best))
    return dominance.hypervolume(points, worst.tolist()) / box if box > 0 else None


def _notes(tasks: int, systems: int) -> tuple[str, ...]:
    if not systems:
        return ()
    if tasks == 1:
        return ("one task: it says nothing of others, so nothing has an interval",)
    return (f"few tasks: intervals over {tasks} are too narrow",) if tasks < FEW_TASKS else ()
