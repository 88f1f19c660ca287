"""One question, yes or no. No is the default, and Esc says it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from workbench.tui.screens.dialog import Dialog
from workbench.tui.widgets.pane import line


class Confirm(Dialog[bool]):
    """Dismissed with the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def compose(self) -> ComposeResult:
        """Question and the two keys."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            keys = line(
                ("y", "$brand"), (f" {self._yes}", "$muted"), "     ", ("n", "$brand"), (f" {self._no}", "$muted")
            )
            yield Static(keys, classes="keys")

    def action_answer(self, answer: bool) -> None:
        """The answer."""
        self.dismiss(answer)


class Leaving(Confirm):
    """Whether the app is to be left all the same; asking to leave once more says yes."""
