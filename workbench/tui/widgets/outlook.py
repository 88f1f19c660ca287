"""What firing the system would do: how many calls, and what is doubtful about it."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from workbench.tui.services import Forecast
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, lines

MARKS = {
    "error": ("✗", "$state-failed"),
    "ask": ("?", "$state-retrying"),
    "warning": ("!", "$state-retrying"),
    "info": ("·", "$muted"),
}
SHOWN = 6


class Outlook(Widget):
    """Stands under the notation."""

    def __init__(self) -> None:
        super().__init__()
        self._forecast: Forecast | None = None
        self._stale = False

    def show(self, forecast: Forecast, *, stale: bool) -> None:
        """Draw this; `stale` where the notation above says something else, which does not parse."""
        if (forecast, stale) != (self._forecast, self._stale):
            self._forecast, self._stale = forecast, stale
            self.refresh(layout=True)

    def render(self) -> Content:
        """Title, calls, problems."""
        if self._forecast is None:
            return Content("")
        if self._stale:
            return lines(
                line(("before firing", "$muted")), line(("✗ ", "$state-failed"), ("the notation must parse", "$muted"))
            )
        low, high = self._forecast.low, self._forecast.high
        calls = f"{low}" if low == high else f"{low} – {high}"
        rows = [
            line(("before firing", "$muted")),
            line(calls, (" call" if high == 1 else " calls", "$muted")),
            Content(""),
        ]
        for doubt in self._forecast.doubts[:SHOWN]:
            mark, style = MARKS[doubt.severity]
            rows.append(
                line((f"{mark} ", style), (one_line(doubt.message), "" if doubt.severity == "error" else "$muted"))
            )
        if len(self._forecast.doubts) > SHOWN:
            rows.append(line((f"  and {len(self._forecast.doubts) - SHOWN} more", "$muted")))
        if not self._forecast.doubts:
            rows.append(line(("✓ ", "$state-won"), ("nothing to mend", "$muted")))
        return lines(*rows)
