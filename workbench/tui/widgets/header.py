"""The top line: the app, its screens, what today has cost and what kind of run is on the bench."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench import money
from workbench.models.base import RunKind
from workbench.tui.services import Past
from workbench.tui.widgets.pane import line, spread

KIND_STYLES: dict[RunKind, str] = {
    "real": "$state-won",
    "simulated": "bold $state-retrying",
    "recorded": "bold $state-thinking",
}


class HeaderBar(Widget):
    """One line. `screens` are the names of those that exist, in the order of their numbers."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, screens: tuple[str, ...], active: int = 0) -> None:
        super().__init__()
        self._screens, self._active = screens, active
        self._past: Past | None = None
        self._kind: RunKind = "real"

    def show(self, past: Past | None, kind: RunKind) -> None:
        """What today has cost (None without a ledger) and the kind of the run or system on the bench."""
        if (past, kind) != (self._past, self._kind):
            self._past, self._kind = past, kind
            self.refresh()

    def render(self) -> Content:
        """The line."""
        tabs = [
            line(
                "   ",
                (str(i + 1), "$brand" if i == self._active else "$muted"),
                (f" {name}", "bold" if i == self._active else "$muted"),
            )
            for i, name in enumerate(self._screens)
        ]
        left = Content.assemble(("◆ ", "$brand"), ("workbench", "bold"), *tabs)
        return spread(left, self._today(), self.content_size.width)

    def _today(self) -> Content:
        kind = (self._kind, KIND_STYLES[self._kind])
        if self._past is None:
            return line(("no ledger", "$state-retrying"), (" · ", "$faint"), kind)
        runs = f"{self._past.runs} real run{'' if self._past.runs == 1 else 's'}"
        spent = money.show(self._past.spent)
        unknown = (" + ?", "$state-partial") if self._past.unknown else ""
        return line(("today ", "$muted"), spent, unknown, (" · ", "$faint"), (runs, "$muted"), (" · ", "$faint"), kind)
