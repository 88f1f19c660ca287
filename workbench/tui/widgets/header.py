"""The top line: the app, its screens, what today has cost and what kind of run is on the bench."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.widget import Widget

from workbench import money
from workbench.models.base import RunKind
from workbench.tui.commands.base import ROOMS
from workbench.tui.services import Past
from workbench.tui.widgets.pane import line, spread

KIND_STYLES: dict[RunKind, str] = {
    "real": "$state-won",
    "simulated": "bold $state-retrying",
    "recorded": "bold $state-thinking",
}


class HeaderBar(Widget):
    """One line. A click on a screen's name goes there."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, active: str) -> None:
        super().__init__()
        self._active = active
        self._spans: list[tuple[int, int, str]] = []
        self._past: Past | None = None
        self._kind: RunKind = "real"

    def show(self, past: Past | None, kind: RunKind) -> None:
        """What today has cost (None without a ledger) and the kind of the run or system on the bench."""
        if (past, kind) != (self._past, self._kind):
            self._past, self._kind = past, kind
            self.refresh()

    def starts(self) -> list[tuple[str, int]]:
        """Each screen's id and where its number stands in the line."""
        return [(room, start) for start, _, room in self._spans]

    def render(self) -> Content:
        """The line."""
        said = Content.assemble(("◆ ", "$brand"), ("workbench", "bold"))
        self._spans.clear()
        for number, (room, name) in ROOMS.items():
            here = room == self._active
            tab = line((number, "$brand" if here else "$muted"), (f" {name}", "bold" if here else "$muted"))
            start = said.cell_length + 3
            said = Content.assemble(said, "   ", tab)
            self._spans.append((start, said.cell_length, room))
        return spread(said, self._today(), self.content_size.width)

    async def on_click(self, event: events.Click) -> None:
        """Go to the screen under the pointer."""
        for start, end, room in self._spans:
            if start <= event.x - self.gutter.left < end:
                await self.app.run_action(f"app.go('{room}')")

    def _today(self) -> Content:
        kind = (self._kind, KIND_STYLES[self._kind])
        if self._past is None:
            return line(("no ledger", "$state-retrying"), (" · ", "$faint"), kind)
        runs = f"{self._past.runs} real run{'' if self._past.runs == 1 else 's'}"
        spent = money.show(self._past.spent)
        unknown = (" + ?", "$state-partial") if self._past.unknown else ""
        return line(("today ", "$muted"), spent, unknown, (" · ", "$faint"), (runs, "$muted"), (" · ", "$faint"), kind)
