"""Every system against one of them, by the differences within the tasks that both met."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from workbench.analysis.comparable import labels
from workbench.analysis.measures import Measured, Quantity
from workbench.analysis.statistics import Paired, holm, paired
from workbench.errors import InputError


class Against(Struct, frozen=True, kw_only=True):
    """A system less the base. `adjusted`: the p-value, adjusted (Holm) for how many systems are compared with it."""

    label: str
    found: Paired
    adjusted: float


def against(measured: Sequence[Measured], base: str, quantity: Quantity) -> list[Against]:
    """All that share a known task with the base (its label or its system's name). Raises `InputError` where there is no
    such system."""
    named = dict(zip(labels(measured), measured, strict=True))
    home = base if base in named else next((label for label, each in named.items() if each.system == base), None)
    if home is None:
        raise InputError(
            f"there is no system {base!r} among these runs", where="--against", hint=f"There are {', '.join(named)}."
        )
    values = {label: _values(each, quantity) for label, each in named.items()}
    found = [
        (label, paired(cells, values[home]))
        for label, cells in values.items()
        if label != home and cells.keys() & values[home].keys()
    ]
    adjusted = holm([made.p for _, made in found])
    return [Against(label=label, found=made, adjusted=p) for (label, made), p in zip(found, adjusted, strict=True)]


def _values(measured: Measured, quantity: Quantity) -> dict[str, float]:
    known = {task: getattr(cell, quantity) for task, cell in measured.cells.items()}
    return {task: value for task, value in known.items() if value is not None}
