"""An embedded model arrives on first use: size and progress. Esc cancels; simulated models are one key away."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui import figures
from workbench.tui.screens.dialog import Dialog
from workbench.tui.services import Embedded, Fetch
from workbench.tui.text import clean, one_line
from workbench.tui.widgets.pane import line, lines

Outcome: TypeAlias = Literal["ready", "cancelled", "simulate"]
BAR = 44


class FetchModel(Dialog[Outcome]):
    """Dismissed when the model is there, when the user cancels, or when simulated models shall do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave('cancelled')", "cancel"),
        Binding("s", "leave('simulate')", "simulated models"),
        Binding("r,enter", "retry", "retry"),
    ]

    def __init__(self, embedded: Embedded, model: str, words: str) -> None:
        super().__init__()
        self._embedded, self._model, self._words = embedded, model, words
        self._fetching: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        """What is fetched, how far it is, and the keys."""
        with Vertical(classes="dialog"):
            yield Static(line((one_line(self._model), "bold $model"), "  ", (one_line(self._words), "$muted")))
            yield Static(id="fetched", markup=False)
            yield Static(
                line(
                    ("Esc", "$brand"), (" cancel     ", "$muted"), ("s", "$brand"), (" use simulated models", "$muted")
                ),
                classes="keys",
            )

    def on_mount(self) -> None:
        """Begin."""
        self.action_retry()

    def action_retry(self) -> None:
        """Begin again where it has failed."""
        if self._fetching is None or self._fetching.done():
            self._show(Fetch(0, None, "starting"))
            self._fetching = asyncio.create_task(self._fetch())

    def action_leave(self, outcome: Outcome) -> None:
        """Stop the transfer, then go."""
        if self._fetching is not None:
            self._fetching.cancel()
        self.dismiss(outcome)

    async def _fetch(self) -> None:
        try:
            await self._embedded.fetch(self._model, self._show)
        except WorkbenchError as error:
            failed = line(("✗ ", "$state-failed"), clean(str(error)))
            retry = line(("r", "$brand"), (" try again", "$muted"))
            self.query_one("#fetched", Static).update(lines(failed, retry))
        else:
            self.dismiss("ready")

    def _show(self, fetch: Fetch) -> None:
        self.query_one("#fetched", Static).update(progress(fetch))


def progress(fetch: Fetch) -> Content:
    """`━━━━──── 41 of 93 MB  fetching`."""
    total = fetch.total
    done, rest = figures.bar(fetch.done / total if total else 0.0, BAR)
    size = f"{fetch.done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else ""
    return lines(
        line((done, "$state-answering"), (rest, "$line")), line(size.ljust(18), (one_line(fetch.words), "$muted"))
    )
