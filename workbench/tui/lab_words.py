"""The Lab in words: where the draws are from, the figures at k, and what they advise."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from textual.content import Content

from workbench.paths import stands
from workbench.paths import typed as typed_path
from workbench.tui import lab_reading
from workbench.tui.lab_knobs import Drawn, Knobs
from workbench.tui.lab_reading import Found
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, lines

NAME, FIGURE, GAP = 11, 9, 2
NARROW = 38
"""Cells under which an interval gets no line of its own."""
NOTHING = (
    "No draws yet: this is the formula alone. Take draws from past runs (3, then `l` on a run), from the run on the "
    "Bench (b) or from a file of samples (o). A race cancels its losers; “let losers finish” on the Bench keeps them "
    "to be studied."
)


def source(drawn: Drawn | None, working: str, width: int) -> Content:
    """Where the draws are from, how many, of what kind."""
    if drawn is None:
        return lines(line(("calculator", "bold")), line((working or "Acc(K) from three numbers", "$muted")))
    pool = drawn.pool
    many = sum(len(draws) for draws in pool.tasks.values())
    tasks = f"{len(pool.tasks):,} task{'' if len(pool.tasks) == 1 else 's'} · {many:,} draws · "
    kind = (pool.kind, "$state-won" if pool.kind == "real" else "bold $state-retrying")
    name = Content(one_line(pool.source)).truncate(width, ellipsis=True).stylize("bold")
    return lines(name, line((working, "$state-retrying")) if working else line((tasks, "$muted"), kind))


def figures(drawn: Drawn | None, found: Found, knobs: Knobs, width: int) -> Content:
    """The measured figures at k, and what the formula says where it is asked."""
    rows: list[Content] = []
    if found.problem:
        rows += [line((found.problem, "$state-failed")), Content("")]
    for head, said in lab_reading.readout(found, knobs):
        rows += [
            line((one_line(head), "bold")).truncate(width, ellipsis=True),
            *(row for each in said for row in _row(each, width)),
            Content(""),
        ]
    if drawn is None or knobs.formula:
        rows += [
            line(("Acc(K) by the formula", "bold")),
            *(row for each in lab_reading.calculator(knobs) for row in _row(each, width)),
        ]
    return lines(*rows)


def _row(said: tuple[str, str, str], width: int) -> Iterator[Content]:
    """An interval stands there whole: where it is too long in a line of its own, in a narrow pane not at all."""
    name, value, beside = said
    head = (name.ljust(NAME), "$muted"), value.rjust(FIGURE)
    if beside and len(beside) <= width - max(NAME + FIGURE, NAME + len(value)) - GAP:
        yield line(*head, (" " * GAP + beside, "$muted"))
        return
    yield line(*head)
    if beside and width >= NARROW:
        yield line((beside.rjust(min(width, NAME + FIGURE + GAP + len(beside))), "$muted"))


def advice(drawn: Drawn | None, found: Found, knobs: Knobs, width: int) -> Content:
    """One sentence each; what to do where there is nothing to advise from."""
    said = list(found.advice)
    if drawn is None or knobs.formula:
        said.insert(0, f"p {knobs.p:.2f}, c {knobs.c:.2f}, s {knobs.s:.2f}: {lab_reading.verdict(knobs)}")
    if drawn is None:
        said.append(NOTHING)
    elif not said and not found.problem:
        said.append("Nothing is graded, so nothing is known of right and wrong: grade the runs (3, then r or w).")
    rows = [
        (row, "" if i == 0 else "$muted") for i, text in enumerate(said) for row in wrap(one_line(text), max(20, width))
    ]
    return lines(*(line(row) for row in rows))


def file_meaning(text: str) -> tuple[bool, str]:
    """What a name means, and whether it can be read."""
    if not text.strip():
        return False, "A name ending in .jsonl or .jsonl.gz; docs/lab.md says what a line may hold."
    path = typed_path(text.strip())
    try:
        if stands(path, "folder"):
            names = sorted(each.name for each in path.iterdir() if each.name.endswith((".jsonl", ".jsonl.gz")))
            return False, f"A folder: {', '.join(map(one_line, names[:6])) or 'no .jsonl in it'}"
        if not stands(path, "file"):
            return False, f"There is no file {one_line(str(path))}."
        return True, f"{path.stat().st_size:,} bytes"
    except OSError as error:  # it may not be read, or has just gone
        return False, f"It can't be read: {one_line(error.strerror or str(error))}."
