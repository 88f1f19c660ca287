"""The run in one line: id, state, time, tokens, and cost against its budget."""

from __future__ import annotations

from textual.content import Content

from workbench import money
from workbench.engine.view import RunView
from workbench.tui import figures, states
from workbench.tui.reading import Frame, Totals, totals
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import Pane, Part, line, spread

ROOM = 92
"""Cells from which gaps are wide and the budget has a bar."""


class RunBar(Pane):
    """One line above the lanes."""

    def draw(self, frame: Frame, width: int) -> Content:
        """The line."""
        if not frame.view.id:
            return line(("no run yet", "$muted")) if not frame.live else line(("◌ starting", "$state-waiting"))
        sums = totals(frame)
        left = Content.assemble(self._state(frame), "   ", *self._figures(frame, sums, width))
        budget = line(*_of_budget(frame.view, sums, width))
        if left.cell_length + budget.cell_length <= width:
            left = Content.assemble(left, budget)
        return spread(left, _against_one(frame, sums), width)

    def _state(self, frame: Frame) -> Content:
        look = states.of_run(frame.view, live=frame.live)
        parts: list[Part] = [("run ", "$muted"), (one_line(frame.view.id)[:8], "bold")]
        if frame.view.kind != "real":
            parts.append((f" {frame.view.kind}", "$state-retrying"))
        if frame.replay:
            parts.append((" replay", "$state-thinking"))
        return line(*parts, "   ", (str(look), look.style))

    def _figures(self, frame: Frame, sums: Totals, width: int) -> list[Part]:
        gap = "   " if width >= ROOM else "  "
        shown = money.show(sums.cost, estimated=sums.estimated)
        word = " tokens" if width >= 70 else " tok"
        parts: list[Part] = [
            figures.seconds(frame.elapsed),
            gap,
            (figures.count(sums.tokens), ""),
            (word, "$muted"),
            gap,
        ]
        parts.append((shown, "bold"))
        if sums.unknown and sums.cost is not None:
            parts.append((f" + {sums.unknown} unknown", "$state-partial"))
        return parts


def _of_budget(view: RunView, sums: Totals, width: int) -> list[Part]:
    most = view.budget.max_usd
    if most is None:
        return []
    parts: list[Part] = [(f" of ${most:g} ", "$muted")]
    if width >= ROOM:
        done, rest = figures.bar((money.to_usd(sums.cost) or 0.0) / most, 10)
        parts += [(done, "$state-retrying"), (rest, "$line")]
    return parts


def _against_one(frame: Frame, sums: Totals) -> Content:
    if not frame.view.finished or not sums.single or not sums.cost or not sums.single_ns:
        return Content("")
    cost, time = sums.cost / sums.single, frame.view.t / sums.single_ns
    return line((f"{cost:.1f}× one call", "$muted"), (" · ", "$faint"), (f"{time:.1f}× its time", "$muted"))
