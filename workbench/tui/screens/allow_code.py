"""A system whose checks run what a model wrote: may they, while this app is open?"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from workbench.tui.screens.dialog import Dialog
from workbench.tui.widgets.pane import line

Permission: TypeAlias = Literal["allow", "without", "stop"]
QUESTION = (
    "This system's checks run code that a model writes. It runs in a sandbox (docs/checks.md says what holds where). "
    "May it, until you leave?"
)


class AllowCode(Dialog[Permission]):
    """Dismissed with the answer; to fire nothing is the default, and Esc says it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss('allow')", "allow"),
        Binding("w", "dismiss('without')", "without"),
        Binding("n,escape", "dismiss('stop')", "don't fire"),
    ]

    def compose(self) -> ComposeResult:
        """Question and the three keys."""
        with Vertical(classes="dialog wide"):
            yield Static(QUESTION, markup=False)
            keys = line(
                ("y", "$brand"),
                (" run it, code too     ", "$muted"),
                ("w", "$brand"),
                (" run it, those checks abstain     ", "$muted"),
                ("n", "$brand"),
                (" don't run it", "$muted"),
            )
            yield Static(keys, classes="keys")
