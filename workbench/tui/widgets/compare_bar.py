"""How a comparison is set up and how far it is, in one line."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.tui.comparing import Comparing
from workbench.tui.widgets.pane import Part, line, spread


class CompareBar(Widget):
    """One line above the lanes."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self._comparing = comparing
        self._drawn: tuple[object, ...] = ()
        self._instructed = False

    def show(self, *, instructed: bool) -> None:
        """Draw how things stand; `instructed`: whether the Bench has a system prompt, which goes along."""
        self._instructed = instructed
        drawn = (instructed, self._comparing.stamp[:5], self._comparing.ended, len(self._comparing.lanes))
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def render(self) -> Content:
        """`4 systems × 5 repeats, together`, and at the right `compare 3fa21c  7 of 20 runs`."""
        comparing = self._comparing
        count = len(comparing.lanes)
        how = "together" if comparing.together else "one after the other"
        how += ", with the system prompt" if self._instructed else ""
        repeats = f"{comparing.repeats} run{'s' if comparing.repeats > 1 else ''} each"
        left = line((f"{count} system{'' if count == 1 else 's'}", "bold"), (f"  {repeats}, {how}", "$muted"))
        return spread(left, _far(comparing), self.content_size.width)


def _far(comparing: Comparing) -> Content:
    if not comparing.id:
        return line(("not compared yet", "$faint"))
    ended, total = comparing.ended, comparing.total
    states = {
        "running": ("● running", "$state-answering"),
        "stopping": ("◌ stopping", "$state-waiting"),
        "nothing": ("✓ done", "$state-done") if ended >= total else ("■ stopped", "$state-partial"),
    }
    parts: list[Part] = [("compare ", "$muted"), (comparing.id, "bold"), "   ", states[comparing.doing]]
    return line(*parts, (f"   {ended} of {total} runs", ""))
