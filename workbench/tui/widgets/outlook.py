"""What firing the system would do: calls, cost and time, and what is doubtful about it."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from workbench import money
from workbench.tui import figures
from workbench.tui.estimate import Estimate, Maybe
from workbench.tui.services import Doubt, Forecast
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, lines

MARKS = {
    "error": ("✗", "$state-failed"),
    "ask": ("?", "$state-retrying"),
    "warning": ("!", "$state-retrying"),
    "info": ("·", "$muted"),
}
SHOWN = 6
ONE_LINE = 60
"""From this width on all figures stand in one line."""


class Outlook(Widget):
    """Stands under the notation."""

    def __init__(self) -> None:
        super().__init__()
        self._forecast: Forecast | None = None
        self._estimate: Estimate | None = None
        self._stale = False
        self._selected = ""

    def show(self, forecast: Forecast, estimate: Estimate | None = None, *, stale: bool = False) -> None:
        """Draw this; `stale` where the notation above says something else, which does not parse."""
        if (forecast, estimate, stale) != (self._forecast, self._estimate, self._stale):
            self._forecast, self._estimate, self._stale = forecast, estimate, stale
            self.refresh(layout=True)

    def point(self, path: str) -> None:
        """What is said of this node stands first, with what to do about it."""
        if path != self._selected:
            self._selected = path
            self.refresh(layout=True)

    def render(self) -> Content:
        """Title, figures, problems."""
        if self._forecast is None:
            return Content("")
        if self._stale:
            return lines(
                line(("before firing", "$muted")), line(("✗ ", "$state-failed"), ("the notation must parse", "$muted"))
            )
        wide = self.content_size.width >= ONE_LINE
        own = [d for d in self._forecast.doubts if d.path and d.path == self._selected]
        rest = [d for d in self._forecast.doubts if d not in own]
        rows = [*figures_of(self._forecast, self._estimate, wide=wide), *([] if wide else [Content("")])]
        shown = (own + rest)[:SHOWN]
        for doubt in shown:
            rows.append(_said(doubt, doubt in own))
        left = len(self._forecast.doubts) - len(shown)
        if left > 0:
            rows.append(line((f"  and {left} more", "$muted")))
        if not self._forecast.doubts:
            rows.append(line(("✓ ", "$state-won"), ("nothing to mend", "$muted")))
        return lines(*rows)


def worst(forecast: Forecast) -> dict[str, tuple[str, str]]:
    """Path → glyph and style of the worst that is said of that node; remarks are left to the words."""
    marks: dict[str, tuple[str, str]] = {}
    for doubt in forecast.doubts:
        if doubt.severity != "info":
            marks.setdefault(doubt.path, MARKS[doubt.severity])
    return marks


def figures_of(forecast: Forecast, estimate: Estimate | None, *, wide: bool) -> list[Content]:
    """`11 calls  ~$0.0021 – $0.0060`, `~4.1 – 9.0 s  from 14 past calls`."""
    low, high = forecast.low, forecast.high
    calls = line(f"{low}" if low == high else f"{low} – {high}", (" call" if high == 1 else " calls", "$muted"))
    title = line(("before firing", "$muted"))
    if estimate is None:
        return [title, calls]
    cost, time = cost_text(estimate.cost), time_text(estimate.ns)
    past = f"from {estimate.calls} past call{'' if estimate.calls == 1 else 's'}" if estimate.calls else "no past calls"
    money_part = line(("cost ", "$muted") if cost == "?" else "", cost)
    time_part = line(("time ", "$muted") if time == "?" else "", time, (f"   {past}", "$muted"))
    if wide:
        return [line(calls, "   ", money_part, "   ", time_part)]
    return [title, line(calls, "   ", money_part), time_part]


def cost_text(cost: Maybe) -> str:
    """`~$0.0021 – $0.0060`; what is free is so for sure; `?` is unknown."""
    if cost is None:
        return "?"
    if cost.high == 0:
        return "$0.00"
    low, high = money.show(cost.low, estimated=True), money.show(cost.high)
    return low if low[1:] == high else f"{low} – {high}"


def time_text(ns: Maybe) -> str:
    """`~4.1 – 9.0 s`; `?` is unknown."""
    if ns is None:
        return "?"
    low, high = figures.seconds(ns.low), figures.seconds(ns.high)
    if low == high:
        return f"~{low}"
    return f"~{low.removesuffix(' s') if ' m ' not in low + high else low} – {high}"


def _said(doubt: Doubt, selected: bool) -> Content:
    mark, style = MARKS[doubt.severity]
    hint = f" {one_line(doubt.hint)}" if selected and doubt.hint else ""
    strong = selected or doubt.severity == "error"
    return line((f"{mark} ", style), (one_line(doubt.message), "" if strong else "$muted"), (hint, "$muted"))
