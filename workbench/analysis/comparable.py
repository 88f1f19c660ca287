"""Which systems can be compared, and on which tasks: a mean over other tasks would compare the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from workbench.analysis.measures import QUANTITIES, Cell, Measured, Quantity
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.analysis.draws import Bools, Floats

REASONS: dict[Quantity, str] = {
    "accuracy": "not graded",
    "cost": "cost unknown",
    "latency": "latency unknown",
    "tokens": "tokens unknown",
    "disagreement": "no disagreement measured",
}


class LeftOut(Struct, frozen=True, kw_only=True):
    """A system that is not compared, and why."""

    label: str
    notation: str
    reason: str
    """`not graded`, `cost unknown`, `shares 3 of 164 tasks`."""
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What is compared."""

    systems: tuple[int, ...]
    """Places in what was given."""
    tasks: tuple[str, ...]
    values: Floats
    """[system, task, quantity] in the order of `QUANTITIES`, of the systems and tasks compared; NaN is unknown."""
    left_out: tuple[LeftOut, ...]


def labels(measured: Sequence[Measured]) -> tuple[str, ...]:
    """A name for each, no two alike: its own, with its notation where two systems share one, else numbered."""
    names = [each.system or each.notation or "(unnamed)" for each in measured]
    longer = [
        f"{name} · {each.notation}" if names.count(name) > 1 and each.notation and name != each.notation else name
        for name, each in zip(names, measured, strict=True)
    ]
    found: list[str] = []
    for name in longer:
        number, said = 1, name
        while said in found:
            number += 1
            said = f"{name} ({number})"
        found.append(said)
    return tuple(found)


def shared(measured: Sequence[Measured], axes: Sequence[Quantity]) -> Shared:
    """The systems and tasks of which every axis is known for every pair: begun with the two systems that share most
    tasks, each next one is that which leaves most, as long as systems × tasks grows. Raises `InputError` where real,
    simulated and recorded figures would mix."""
    import numpy as np

    kinds = {each.kind for each in measured}
    if len(kinds) > 1:
        raise InputError(f"{', '.join(sorted(kinds))} figures are never mixed", hint="--kind chooses one.")
    tasks = tuple(dict.fromkeys(task for each in measured for task in each.cells))
    names = labels(measured)
    table = _values(measured, tasks)
    known = ~_unknown(table[:, :, [QUANTITIES.index(axis) for axis in axes]])
    chosen = _chosen(known)
    common = np.asarray(known[chosen].all(axis=0) if chosen else known.any(axis=0), bool)
    out = [
        LeftOut(label=names[i], notation=each.notation, reason=_why(each, axes, known[i], common), runs=each.runs)
        for i, each in enumerate(measured)
        if i not in chosen
    ]
    return Shared(
        systems=tuple(chosen),
        tasks=tuple(task for task, here in zip(tasks, common.tolist(), strict=True) if here and chosen),
        values=table[chosen][:, common],
        left_out=tuple(out),
    )


def _values(measured: Sequence[Measured], tasks: Sequence[str]) -> Floats:
    """[system, task, quantity]"""
    import numpy as np

    blank = (None,) * len(QUANTITIES)
    rows = [[_row(each.cells[task]) if task in each.cells else blank for task in tasks] for each in measured]
    return np.array(rows, float).reshape(len(measured), len(tasks), len(QUANTITIES))


def _unknown(table: Floats) -> Bools:
    """[system, task]"""
    import numpy as np

    return np.asarray(np.isnan(table).any(axis=2))


def _row(cell: Cell) -> tuple[float | None, ...]:
    """In the order of `QUANTITIES`; numpy takes None for NaN."""
    return cell.cost, cell.latency, cell.accuracy, cell.disagreement, cell.tokens


def _chosen(known: Bools) -> list[int]:
    """Systems, in the order in which they were given."""
    import numpy as np

    usable = np.flatnonzero(known.any(axis=1)).tolist()
    if len(usable) < 2 or known[usable].all(axis=0).sum() == known[usable].sum(axis=1).max():
        return list(usable)
    counts = known.astype(float)
    overlap = counts @ counts.T
    np.fill_diagonal(overlap, -1)
    first, second = divmod(int(np.argmax(overlap)), len(known))
    if overlap[first, second] < 1:  # no two share a task: the best known stands alone
        return [int(np.argmax(known.sum(axis=1)))]
    kept, common = [first, second], known[first] & known[second]
    rest = [i for i in usable if i not in kept]
    best, cells = list(kept), 2 * int(common.sum())
    while rest:
        left = (known[rest] & common).sum(axis=1)
        at = int(np.argmax(left))
        if not left[at]:
            break
        common = common & known[rest[at]]
        kept.append(rest.pop(at))
        if len(kept) * int(common.sum()) >= cells:
            best, cells = list(kept), len(kept) * int(common.sum())
    return sorted(best)


def _why(each: Measured, axes: Sequence[Quantity], known: Bools, common: Bools) -> str:
    if known.any():
        return f"shares {int((known & common).sum()):,} of {int(common.sum()):,} tasks"
    lacking = [axis for axis in axes if all(_lacks(cell, axis) for cell in each.cells.values())]
    return ", ".join(REASONS[axis] for axis in lacking) or f"{' and '.join(axes)} are known of no one task"


def _lacks(cell: Cell, axis: Quantity) -> bool:
    return getattr(cell, axis) is None
