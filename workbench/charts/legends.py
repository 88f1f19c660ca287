"""Legends of exported charts: never wider than the plot. Knows Vega-Lite's words for them."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct
from rich.cells import cell_len

from workbench.charts.words import cut, ends

Json: TypeAlias = dict[str, Any]
_CELL = 5
"""Pixels that a character takes, on the safe side."""
_SYMBOL, _SPARE = 26, 4
"""Pixels that a symbol takes with what is free around it, and that short names in wide letters need besides."""
UNCUT: Json = {"labelLimit": 0}
"""Vega cuts between the halves of a character beyond the first 65,536, and fails then: names come cut to it."""
_FEW = 6
"""So many names may stand below each other in one column."""


class Legend(Struct, frozen=True):
    """Names as they are written, no two the same, and in how many columns."""

    names: tuple[str, ...]
    columns: int

    def vega(self) -> Json:
        """As Vega-Lite takes it."""
        return {"columns": self.columns, **UNCUT, "symbolLimit": len(self.names)}


def legend(names: list[str], room: int) -> Legend:
    """At least one name. They stand side by side as far as they have room; many long ones in two columns, cut, if that
    leaves no two the same, else below each other."""
    whole = _unique(names)
    columns = max(1, min(len(whole), room // max(map(width, whole))))
    if columns == 1 and len(whole) > _FEW:
        for shorten in (ends, cut):
            short = tuple(shorten(name, _cells(room, 2)) for name in whole)
            if len(set(short)) == len(short):
                return Legend(short, 2)
    return Legend(_unique([ends(name, _cells(room, columns)) for name in whole]), columns)


def width(name: str) -> int:
    """Pixels that a name takes with its symbol, at most."""
    return cell_len(name) * _CELL + _SYMBOL + _SPARE


def fitted(name: str, pixels: int) -> str:
    """The name, cut to so many pixels."""
    return cut(name, max(1, pixels // _CELL))


def _cells(room: int, columns: int) -> int:
    return (room // columns - _SYMBOL) // _CELL


def _unique(names: list[str]) -> tuple[str, ...]:
    """A name that was there already gets its number: a legend tells lines apart by name."""
    found: dict[str, None] = {}
    for name in names:
        number, said = 1, name
        while said in found:
            number += 1
            said = f"{name} ({number})"
        found[said] = None
    return tuple(found)
