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
        self._kind: RunKind | None = None
        self._known = False

    def show(self, past: Past | None, kind: RunKind, *, known: bool = True) -> None:
        """What today has cost (None without a ledger; not `known`: the ledger is not open yet) and the kind of the run
        or system on the bench."""
        if (past, kind, known) != (self._past, self._kind, self._known):
            self._past, self._kind, self._known = past, kind, known
            self.refresh()

    def starts(self) -> list[tuple[str, int]]:
        """Each screen's id and where its number stands in the line."""
        return [(room, start) for start, _, room in self._spans]

    def render(self) -> Content:
        """The line. Of what kind the runs are is always told: where it is narrow the day's figures go, then the names
        of the other screens, whose numbers stay."""
        width = self.content_size.width
        for named in (True, False):
            said, self._spans = self._tabs(named=named)
            for right in self._rights():
                if said.cell_length + right.cell_length + 2 <= width:
                    return spread(said, right, width)
        return spread(said, right, width)

    def _tabs(self, *, named: bool) -> tuple[Content, list[tuple[int, int, str]]]:
        said = Content.assemble(("◆ ", "$brand"), ("workbench", "bold"))
        spans: list[tuple[int, int, str]] = []
        for number, (room, name) in ROOMS.items():
            here = room == self._active
            word = (f" {name}", "bold" if here else "$muted") if named or here else ""
            tab = line((number, "$brand" if here else "$muted"), word)
            start = said.cell_length + 3
            said = Content.assemble(said, "   ", tab)
            spans.append((start, said.cell_length, room))
        return said, spans

    async def on_click(self, event: events.Click) -> None:
        """Go to the screen under the pointer."""
        for start, end, room in self._spans:
            if start <= event.x - self.gutter.left < end:
                await self.app.run_action(f"app.go('{room}')")

    def _rights(self) -> tuple[Content, ...]:
        """The day and the kind, the longest first."""
        if self._kind is None:
            return (line(),)
        kind, dot = (self._kind, KIND_STYLES[self._kind]), (" · ", "$faint")
        if not self._known:
            return (line(kind),)
        if self._past is None:
            return line(("no ledger", "$state-retrying"), dot, kind), line(kind)
        runs = f"{self._past.runs} real run{'' if self._past.runs == 1 else 's'}"
        unknown = (" + ?", "$state-partial") if self._past.unknown else ""
        spent = line(money.show(self._past.spent), unknown)
        whole = line(("today ", "$muted"), spent, dot, (runs, "$muted"), dot, kind)
        return whole, line(("today ", "$muted"), spent, dot, kind), line(kind)
