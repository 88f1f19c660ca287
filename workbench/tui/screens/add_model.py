"""Add a GGUF file: a path on this machine, or an address at a hub."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from workbench.errors import WorkbenchError
from workbench.tui.screens.dialog import Dialog
from workbench.tui.services import Catalogue
from workbench.tui.text import clean
from workbench.tui.widgets.pane import line


class AddModel(Dialog[str | None]):
    """Dismissed with the new model's name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close")]

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def compose(self) -> ComposeResult:
        """A line to type in and what is wrong with it."""
        with Vertical(classes="dialog wide"):
            yield Static(
                line(("Add a GGUF model", "bold"), ("   it stays where it is; a hub's file is fetched by p", "$muted"))
            )
            spec = Input(placeholder="path of a .gguf file, or hub:<owner>/<repo>/<file>.gguf", compact=True)
            spec.cursor_blink = False
            yield spec
            yield Static(id="wrong", markup=False)
            keys = line(("Enter", "$brand"), (" add     ", "$muted"), ("Esc", "$brand"), (" close", "$muted"))
            yield Static(keys, classes="keys")

    @property
    def unapplied(self) -> bool:
        """Whether something was typed."""
        return any(box.value.strip() for box in self.query(Input))

    def on_input_changed(self) -> None:
        """What was wrong may be right now."""
        self.query_one("#wrong", Static).update("")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        spec = event.value.strip()
        if not spec:
            return
        try:
            name = await asyncio.to_thread(self._catalogue.add, spec)
        except (WorkbenchError, OSError) as error:
            self.query_one("#wrong", Static).update(line(("✗ ", "$state-failed"), clean(str(error))))
        else:
            self.dismiss(name)
