"""The list of runs as columns: which of them fit, and what stands in them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from workbench import money
from workbench.tui import figures, states
from workbench.tui.text import Cells, fit, one_line

if TYPE_CHECKING:
    from workbench.ledger.queries import RunRow

ORDER = ("when", "kind", "system", "prompt", "answer", "status", "time", "cost", "calls", "score", "grade", "tags")
RIGHT = ("time", "cost", "calls", "score")
WANTED = (
    ("grade", 5),
    ("answer", 10),
    ("time", 8),
    ("system", 18),
    ("calls", 5),
    ("kind", 9),
    ("score", 5),
    ("tags", 14),
)
"""What comes in where there is room, in this order; below it always stand when, kind, prompt, status and cost."""
SHORT = {"real": "real", "simulated": "sim", "recorded": "rec"}
KINDS = {"real": "muted", "simulated": "retrying", "recorded": "thinking"}
GRADES = {"right": "done", "wrong": "failed", "skip": "muted"}
UNDER_WAY = states.Look("●", "under way", "answering")
_FINAL = re.compile(r"^\W*final answer\W*", re.IGNORECASE)
CLIPPED = 400
"""Characters of a text that are looked at for one line."""


class Column(msgspec.Struct, frozen=True):
    """A column's name and cells."""

    name: str
    width: int


@lru_cache(16)
def columns(width: int) -> tuple[Column, ...]:
    """The columns that fit into so many cells, gaps and the mark included; prompt and answer take what is left."""
    gap = gap_of(width)
    widths = {"when": 11, "kind": 4, "prompt": 15, "status": 11, "cost": 11}
    for name, cells in WANTED:
        wider = {**widths, name: cells}
        if _total(wider, gap) + (8 if name in ("score", "tags", "calls") else 0) <= width:
            widths = wider
    left = max(0, width - _total(widths, gap))
    if "answer" in widths:
        share = left * 2 // 5
        widths["answer"] += share
        left -= share
    widths["prompt"] += left
    return tuple(Column(name, widths[name]) for name in ORDER if name in widths)


def gap_of(width: int) -> int:
    """Cells between columns."""
    return 2 if width >= 110 else 1


def _total(widths: dict[str, int], gap: int) -> int:
    return 3 + sum(widths.values()) + gap * (len(widths) - 1)


def head(fitted: tuple[Column, ...], gap: int) -> Cells:
    """The titles."""
    titles = [(fit(column.name, column.width, right=column.name in RIGHT), "muted") for column in fitted]
    return _joined((("  ", ""), *titles), gap)


def line(row: RunRow, fitted: tuple[Column, ...], gap: int, *, marked: bool, now_ns: int) -> Cells:
    """One run."""
    cells = [_cell(row, column, now_ns) for column in fitted]
    padded = [
        (fit(text, column.width, right=column.name in RIGHT), style)
        for (text, style), column in zip(cells, fitted, strict=True)
    ]
    return _joined((("● " if marked else "  ", "brand"), *padded), gap)


def _joined(cells: Cells, gap: int) -> Cells:
    first, *rest = cells
    return (first, *(part for index, cell in enumerate(rest) for part in ((" " * gap if index else "", ""), cell)))


def _cell(row: RunRow, column: Column, now_ns: int) -> tuple[str, str]:
    match column.name:
        case "when":
            return when(row.started_at, now_ns), "muted"
        case "kind":
            return (row.kind if column.width >= 9 else SHORT.get(row.kind, row.kind)), KINDS.get(row.kind, "muted")
        case "system":
            return short(row.system or row.notation), "model"
        case "prompt":
            return short(row.prompt), ""
        case "answer":
            return short(_last_line(row.answer or "")), "muted"
        case "status":
            look = look_of(row)
            return f"{look.glyph} {look.word}", look.colour
        case "time":
            return ("" if row.wall_ns is None else figures.seconds(row.wall_ns)), "muted"
        case "cost":
            return cost(row, column.width), ""
        case "calls":
            return figures.count(row.calls), "muted"
        case "score":
            return ("" if row.score is None else f"{row.score:.2f}"), "muted"
        case "grade":
            return row.grade or "", GRADES.get(row.grade or "", "muted")
        case _:
            return short(" ".join(row.tags)), "muted"


def when(started_ns: int, now_ns: int) -> str:
    """`today 14:03`, `11-24 09:12`, or the date of another year; local time."""
    then, now = datetime.fromtimestamp(started_ns // 10**9), datetime.fromtimestamp(now_ns // 10**9)
    if then.date() == now.date():
        return f"today {then:%H:%M}"
    return f"{then:%m-%d %H:%M}" if then.year == now.year else f"{then:%Y-%m-%d}"


def look_of(row: RunRow) -> states.Look:
    """How it ended."""
    if row.status is None:
        return UNDER_WAY
    look = states.RUNS.get(row.status, states.IDLE)
    return replace(look, word=look.word.partition(":")[0])


def cost(row: RunRow, width: int = 40) -> str:
    """`$0.0021`, `~` where token counts are estimated, `+ ?` where a part is unknown, `?` where all is."""
    if row.cost is None and row.known_cost:
        said = f"{money.show(row.known_cost)} + ?"
        return said if len(said) <= width else f">{money.show(row.known_cost)}"
    return money.show(row.cost, estimated=row.estimated and row.cost != 0)


def _last_line(text: str) -> str:
    """Where an answer has several lines the last one says most, without the words before it."""
    last = text[-CLIPPED:].rstrip().rpartition("\n")[2]
    return _FINAL.sub("", last) or last


def short(text: str) -> str:
    """The beginning of a text on one line."""
    return one_line(text[:CLIPPED])
