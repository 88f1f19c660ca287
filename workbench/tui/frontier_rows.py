"""The table beside the Frontier's chart, and the words about one system. Nothing is drawn here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from textual.content import Content

from workbench.analysis.measures import QUANTITIES, Quantity
from workbench.tui import run_query
from workbench.tui.text import Cells, fit, fit_ends, one_line, wrap
from workbench.tui.widgets.pane import Part, line, lines, spread

if TYPE_CHECKING:
    from workbench.analysis.comparable import LeftOut
    from workbench.analysis.frontier import Frontier
    from workbench.analysis.placing import Placed
    from workbench.analysis.resampling import Interval
    from workbench.tui.frontier_asking import Answer

GLYPHS = {"frontier": "●", "ambiguous": "○", "dominated": "◦"}
COLOURS = {"frontier": "won", "ambiguous": "retrying", "dominated": "dominated"}
OUT = "·"
"""The glyph of a system that is not compared."""
GAP = 2
SHORT: dict[Quantity, str] = {
    "cost": "$/task",
    "latency": "latency",
    "accuracy": "accuracy",
    "disagreement": "disagree",
    "tokens": "tokens",
}


class Columns(msgspec.Struct, frozen=True):
    """Cells of each column; 0: not shown."""

    name: int
    y: int = 9
    spread: int = 0
    x: int = 11
    odds: int = 5
    solved: int = 0
    runs: int = 0


@lru_cache(64)
def columns(width: int) -> Columns:
    """What fits; the name takes what is left."""
    found = Columns(0)
    for wider in (replace(found, spread=6), replace(found, spread=6, solved=11),
                  replace(found, spread=6, solved=11, runs=6)):  # fmt: skip
        if width - _taken(wider) >= 22:
            found = wider
    return replace(found, name=max(8, width - _taken(found)))


def _taken(c: Columns) -> int:
    others = [each for each in (c.y, c.spread, c.x, c.odds, c.solved, c.runs) if each]
    return 3 + sum(others) + GAP * len(others)


def head(answer: Answer, c: Columns) -> Cells:
    """The titles."""
    x, y = answer.question.x, answer.question.y
    cells = ((SHORT[y], "muted"), ("±", "muted"), (SHORT[x], "muted"), ("P(fr)", "muted"), ("$/solved", "muted"))
    return _row(c, "", ("system", "muted"), (*cells, ("runs", "muted")))


def placed_cells(answer: Answer, placed: Placed, c: Columns) -> Cells:
    """One compared system."""
    from workbench.charts.frontier_chart import odds, written

    x, y = answer.question.x, answer.question.y
    colour = COLOURS[placed.mark]
    quiet = "dominated" if placed.mark == "dominated" else ""
    return _row(
        c,
        (GLYPHS[placed.mark], colour),
        (one_line(placed.label), quiet or "name"),
        (
            (written(placed.means[y], y, estimated=placed.estimated), quiet),
            (_half(placed.means[y], y), "muted"),
            (written(placed.means[x], x, estimated=placed.estimated), quiet),
            (odds(placed.p), colour),
            (written(placed.solved, "cost", estimated=placed.estimated), quiet),
            (f"{placed.runs_counted:,}", "muted"),
        ),
    )


def out_cells(left: LeftOut, c: Columns) -> Cells:
    """One that is not compared; its reason takes the place of its figures."""
    told = c.name + 3
    rest = _taken(c) - 3
    return ((f" {OUT} ", "dominated"), (fit_ends(one_line(left.label), told - 3), "dominated"),
            (fit(one_line(left.reason), rest, right=True), "dominated"))  # fmt: skip


def _half(held: Interval, quantity: Quantity) -> str:
    """Half of the interval's width."""
    from workbench.charts import ticks
    from workbench.charts.frontier_chart import AXES, converted

    here = converted(held, quantity)
    if here.low is None or here.high is None:
        return ""
    half = (here.high - here.low) / 2
    if AXES[quantity][1] == "share":
        return "±" + f"{half:.3f}".removeprefix("0")
    return f"±{ticks.write(half, '', 2)}"


def _row(c: Columns, glyph: tuple[str, str] | str, name: tuple[str, str], cells: tuple[tuple[str, str], ...]) -> Cells:
    mark = (f" {glyph[0]} ", glyph[1]) if isinstance(glyph, tuple) else ("   ", "")
    made: list[tuple[str, str]] = [mark, (fit_ends(name[0], c.name), name[1])]
    for width, (text, style) in zip((c.y, c.spread, c.x, c.odds, c.solved, c.runs), cells, strict=True):
        if width:
            made += [(" " * GAP, ""), (fit(text, width, right=True), style)]
    return tuple(made)


def card(answer: Answer, label: str, width: int) -> Content:
    """All that is known of one system, then of the frontier."""
    found = answer.found
    placed = next((each for each in found.placed if each.label == label), None)
    left = next((each for each in found.left_out if each.label == label), None)
    rows: list[Content] = []
    if placed is not None:
        rows = [*_head(placed.label, placed.notation, width, _state(placed)), *_figures(found, placed, width)]
    elif left is not None:
        rows = [*_head(left.label, left.notation, width, line(("not compared", "$muted"))), Content("")]
        rows += _folded(left.reason, width, "$state-retrying") + _folded(_advice(left.reason), width, "$muted")
    return lines(*rows, *([Content("")] if rows else []), *about(answer, width))


def _head(label: str, notation: str, width: int, right: Content) -> list[Content]:
    name, said = one_line(label), one_line(notation)
    rows = [spread(line((name, "bold $model")), right, width, keep_right=True)]
    return rows + (_folded(said, width, "$muted")[:3] if said and said != name else [])


def _state(placed: Placed) -> Content:
    colour = "$muted" if placed.mark == "dominated" else f"$state-{COLOURS[placed.mark]}"
    return line((f"{GLYPHS[placed.mark]} {placed.mark}", colour))


def _figures(found: Frontier, placed: Placed, width: int) -> list[Content]:
    from workbench.charts.frontier_chart import beside, odds, written
    from workbench.charts.frontier_chart import spread as between

    tasks = f"{found.tasks:,} task{'s' * (found.tasks != 1)}"
    kind = ("" if found.kind == "real" else f" · {found.kind}", "$state-retrying")
    rows = [line((f"{placed.runs_counted:,} runs on {tasks}", "$muted"), kind), Content("")]
    told = [(name, placed.means[name], name in found.axes) for name in QUANTITIES if name in placed.means]
    for name, held, strong in told:
        figure = written(held, name, estimated=placed.estimated)
        rows.append(_figure(name, figure, between(held, name), width, strong=strong))
    solved = written(placed.solved, "cost", estimated=placed.estimated)
    rows.append(_figure("per solved", solved, between(placed.solved, "cost"), width))
    rows.append(_figure("P(frontier)", odds(placed.p), "", width, strong=True))
    if placed.against is not None:
        other = one_line(placed.against.label)
        rows += [Content(""), line(("beside ", "$muted"), other).truncate(width, ellipsis=True)]
        rows += [part for text in beside(placed.against, found.axes) for part in _folded(text, width, "")]
    return rows


def _figure(name: str, value: str, ends: str, width: int, *, strong: bool = False) -> Content:
    parts: list[Part] = [(fit(name, 13), "$muted"), (fit(value, 12), "bold" if strong else ""), (ends, "$muted")]
    return line(*parts).truncate(width, ellipsis=True)


def about(answer: Answer, width: int) -> list[Content]:
    """What holds for all of them."""
    from workbench.analysis.resampling import Interval
    from workbench.charts.frontier_chart import written
    from workbench.charts.frontier_words import cautions

    found = answer.found
    rows: list[Content] = []
    if found.hypervolume is not None:
        ends = ", ".join(written(Interval(v), axis) for v, axis in zip(found.reference, found.axes, strict=True))
        rows.append(line(("hypervolume ", "$muted"), f"{found.hypervolume:.3f}", (f"  up to {ends}", "$muted")))
    rows += _folded(found.method, width, "$muted")
    for text in cautions(found, answer.measures):
        rows += _folded(text, width, "$state-retrying" if text in found.notes else "$muted")
    return rows


def _advice(reason: str) -> str:
    if "graded" in reason:
        return "Enter shows its runs: there r and w grade them. A run with a target is graded by its answer's key."
    if reason.startswith("shares"):
        return "Fire it at the tasks of the others, or choose by tag what is compared."
    return "Another axis shows it: x and y."


def _folded(text: str, width: int, style: str) -> list[Content]:
    return [line((part, style)) for part in wrap(one_line(text), max(10, width))]


def empty(answer: Answer) -> Content:
    """Why there is no chart, and what to do."""
    from workbench.charts.frontier_words import runs, ungraded

    measures, found = answer.measures, answer.found
    if ungraded(found):
        return lines(
            line((f"None of {runs(measures.runs, measures.kind)} is graded, so accuracy is unknown.", "bold")),
            Content(""),
            line(
                ("Enter", "$brand"),
                " shows the runs; there ",
                ("r", "$brand"),
                " is right, ",
                ("w", "$brand"),
                " wrong.",
            ),
            line("A run fired with a target (--target) is graded by its answer's key."),
            line(("y", "$brand"), " shows what needs no grade: latency, disagreement, tokens."),
        )
    if not measures.runs:
        return _no_run(answer, [runs(count, kind) for kind, count in sorted(measures.other_kinds.items())])
    reasons = [f"{one_line(each.label)}: {one_line(each.reason)}" for each in found.left_out]
    said = f"No system is known on {' and '.join(found.axes)}."
    return lines(
        line((said, "bold")), Content(""), *(line((text, "$muted")) for text in reasons[:8]),
        line(("x", "$brand"), " and ", ("y", "$brand"), " choose other axes."),
    )  # fmt: skip


def _no_run(answer: Answer, others: list[str]) -> Content:
    told = [line((f"No finished {answer.measures.kind} run fits.", "bold")), Content("")]
    if problem := run_query.problem(answer.query):
        told.insert(0, line((one_line(problem), "$state-failed")))
    if others:
        told.append(line(f"There are {' and '.join(others)}: ", ("r", "$brand"), " shows those."))
    if answer.question.search:
        told.append(line(("Esc", "$brand"), " empties the search."))
    if not others:
        told.append(line("Runs come from the Bench (", ("^R", "$brand"), ") and from Compare."))
    return lines(*told)
