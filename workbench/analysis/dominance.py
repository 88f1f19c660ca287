"""Which points no other beats: dominance on any mix of axes, the frontier's convex hull, and hypervolume.

Points are [..., point, axis] and every axis is to be small: `minimised` turns those that are to be large. Two or three
axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from workbench.analysis.draws import Bools, Floats

Sense: TypeAlias = Literal["min", "max"]
ROUNDING = 1e-12
"""Share of the largest value of an axis below which a difference is the arithmetic's, not the systems'."""


def minimised(points: Floats, senses: Sequence[Sense]) -> Floats:
    """The same points with every axis to be small."""
    import numpy as np

    return np.asarray(points * np.array([1.0 if sense == "min" else -1.0 for sense in senses]))


def on_frontier(points: Floats, eps: Sequence[float] = ()) -> Bools:
    """[..., point]: whether no other point dominates it. Equal points are all on the frontier.

    ε-dominance (additive, one ε an axis, in the axis' unit): a dominates b where it is worse by more than ε on no axis
    and better by more than ε on one; on three axes, also better in the sum of the differences measured in ε, without
    which points could dominate each other in a ring and none be left. ε = 0 is Pareto's dominance.
    """
    import numpy as np

    axes = points.shape[-1]
    if not points.size:
        return np.zeros(points.shape[:-1], bool)
    scale = np.abs(points).reshape(-1, axes).max(axis=0)
    slack = np.maximum(np.array(eps or [0.0] * axes, float), ROUNDING * scale)
    shape = (*points.shape[:-1], points.shape[-2])
    no_worse, better, gain = np.ones(shape, bool), np.zeros(shape, bool), np.zeros(shape)
    for axis in range(axes):
        column = points[..., axis]
        ahead = column[..., None, :] - column[..., :, None]  # how far the first index is ahead of the second
        no_worse &= ahead >= -slack[axis]
        better |= ahead > slack[axis]
        if axes > 2 and eps:
            gain += ahead / (slack[axis] or 1.0)
    beaten = no_worse & better
    if axes > 2 and eps:
        beaten &= gain > 0
    return np.asarray(~beaten.any(axis=-2))


def hull(points: Floats) -> list[int]:
    """Of two axes: the points that no mixture of two others reaches, by the first axis: the convex hull's side towards
    small values, equal points once. A mixture sends each task to one of two systems by lot."""
    import numpy as np

    kept: list[int] = []
    on = on_frontier(points)
    for index in np.lexsort((points[:, 1], points[:, 0])).tolist():
        if not on[index] or (kept and (points[kept[-1]] == points[index]).all()):
            continue
        while len(kept) > 1 and _turns_out(points[kept[-2]], points[kept[-1]], points[index]):
            kept.pop()
        kept.append(index)
    return kept


def _turns_out(first: Floats, middle: Floats, last: Floats) -> bool:
    """Whether the middle lies above the straight line from first to last."""
    (ax, ay), (bx, by), (cx, cy) = first, middle, last
    return bool((bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0)


def hypervolume(points: Floats, reference: Sequence[float]) -> float:
    """The volume between the points and a reference point that is worse than they are: what at least one of them is
    better than. Points that are no better than the reference add nothing. Units: the product of the axes' units.

    Zitzler and Thiele 1998; computed slice by slice along the last axis.
    """
    import numpy as np

    worst = np.asarray(reference, float)
    inside = points[(points < worst).all(axis=1)]
    if not len(inside):
        return 0.0
    if len(worst) == 1:
        return float(worst[0] - inside.min())
    ordered = inside[np.argsort(inside[:, -1], kind="stable")]
    ends = np.append(ordered[1:, -1], worst[-1])
    thick = ends - ordered[:, -1]
    return sum(
        float(thick[i]) * hypervolume(ordered[: i + 1, :-1], reference[:-1])
        for i in range(len(ordered))
        if thick[i] > 0
    )
