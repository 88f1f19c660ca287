"""The run in one line: id, state, time, tokens, and cost against its budget."""

from __future__ import annotations

from textual.content import Content

from workbench import money
from workbench.tui import after, figures, states
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
        budget = line(*_of_budget(after.limit(frame, sums), width))
        if left.cell_length + budget.cell_length <= width:
            left = Content.assemble(left, budget)
        return spread(left, _outcome(after.outcome(frame, sums), width - left.cell_length - 2), width)

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


def _of_budget(limit: after.Limit | None, width: int) -> list[Part]:
    if limit is None:
        return []
    parts: list[Part] = [(f" of {limit.most} " if limit.most[0] == "$" else f"   budget {limit.most} ", "$muted")]
    if width >= ROOM:
        done, rest = figures.bar(limit.share, 10)
        parts += [(done, "$state-failed" if limit.share >= 1 else "$state-retrying"), (rest, "$line")]
    else:
        parts.append((f"{limit.share:.0%}", "$state-failed" if limit.share >= 1 else "$muted"))
    return parts


def _outcome(said: list[str], room: int) -> Content:
    """As much as there is room for."""
    drawn = Content("")
    for part in said:
        longer = line(drawn, (" · ", "$faint") if drawn else "", (part, "$muted"))
        if longer.cell_length > room:
            break
        drawn = longer
    return drawn
