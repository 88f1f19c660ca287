"""What-ifs of the Lab: any system over the draws, in figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.content import Content

from workbench.analysis.pool import Pool
from workbench.charts.lab_words import figure
from workbench.errors import WorkbenchError
from workbench.tui.lab_reading import SEED
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, lines

if TYPE_CHECKING:
    from workbench.systems.nodes import System
    from workbench.tui.services import Systems

RUNS = 1_000
"""In all, over the tasks."""
SHOWN = ("accuracy", "latency", "cost", "tokens")
GAP, INTERVAL = 2, 1
"""Cells between columns; which of them is the interval."""
HEAD = (("accuracy", "95 %"), ("time", ""), ("cost", ""), ("tokens", ""))


class WhatIf(Struct, frozen=True):
    """What one system would have come to."""

    name: str
    """The system's, or its notation."""
    runs: int
    figures: tuple[tuple[str, str], ...]
    """Of each of `SHOWN`: the figure, and its interval."""
    notes: tuple[str, ...] = ()


def work(pool: Pool, system: System, stop: Callable[[], bool]) -> WhatIf | None:
    """To be called in a thread; None where it was stopped. Raises `InputError`."""
    from workbench.evals import whatif

    try:
        found = whatif.evaluate(system, pool, runs=RUNS, seed=SEED, stop=stop)
    except whatif.Stopped:
        return None
    bands = whatif.intervals(found)
    said = [figure(name, bands[name]) for name in SHOWN]
    if len(pool.tasks) == 1:  # it says nothing of others
        said = [(value, "") for value, _ in said]
    return WhatIf(found.measured.system, len(found.outcomes), tuple(said), found.notes)


def meant(text: str, pool: Pool, systems: Systems) -> System:
    """The system that a person typed, which the draws can answer. Raises `WorkbenchError`."""
    from workbench.evals import asking

    system = systems.resolve(systems.find(text.strip()), systems.file_of(text.strip()))
    asking.check(system, pool)
    return system


def meaning(text: str, pool: Pool, systems: Systems) -> tuple[bool, str]:
    """What a text means, and whether it can be asked."""
    if not text.strip():
        return False, f"A system over {_generators(pool)}, as {example(pool)} or race[take=2](…) >> …"
    try:
        meant(text, pool, systems)
    except WorkbenchError as error:
        return False, one_line(str(error))
    tasks = len(pool.tasks)
    runs = max(1, round(RUNS / tasks)) * tasks
    return True, f"{runs:,} runs over {tasks:,} task{'s' * (tasks != 1)}; nothing is called or paid"


def example(pool: Pool) -> str:
    """What might be asked of these draws."""
    return f"vote(3*{pool.models[0] or 'm'})"


def _generators(pool: Pool) -> str:
    names = [one_line(name) for name in pool.models if name]
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "") or "m"


def words(asked: Sequence[WhatIf], width: int) -> Content:
    """One under the other, the newest last, with what the newest can't know."""
    if not asked:
        return Content("")
    head = line(("what if", "bold"), (f" · recorded · {asked[-1].runs:,} runs each", "$muted"))
    titles, *figures = _columns([HEAD, *(each.figures for each in asked)], width)
    rows = [head.truncate(width, ellipsis=True), line((titles, "$muted"))]
    for each, said in zip(asked, figures, strict=True):
        rows += [Content(one_line(each.name)).truncate(width, ellipsis=True), line((said, ""))]
    for note in asked[-1].notes:
        rows += [line((row, "$muted")) for row in ("", *wrap(one_line(note), max(20, width)))]
    return lines(*rows)


def _columns(rows: Sequence[Sequence[tuple[str, str]]], width: int) -> list[str]:
    """In columns as wide as their widest cell, as many as there is room for."""
    cells = [(accuracy, interval, *(value for value, _ in others)) for (accuracy, interval), *others in rows]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    kept = max(n for n in range(1, len(wide) + 1) if n == 1 or sum(wide[:n]) + GAP * (n - 1) <= width)
    return [
        (" " * GAP)
        .join(
            cell.ljust(size) if at == INTERVAL else cell.rjust(size)
            for at, (cell, size) in enumerate(zip(row[:kept], wide, strict=False))
        )
        .rstrip()
        for row in cells
    ]
