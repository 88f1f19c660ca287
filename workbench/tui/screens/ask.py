"""One line to type, with a word under it that says what it means. Esc leaves without."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from workbench.tui.screens.dialog import Dialog
from workbench.tui.widgets.pane import line


class Ask(Dialog[str | None]):
    """Dismissed with the text, or None. `meaning` says what a text means, and whether it can be taken."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close")]

    def __init__(self, title: str, value: str, meaning: Callable[[str], tuple[bool, str]]) -> None:
        super().__init__()
        self._title, self._value, self._meaning = title, value, meaning

    def compose(self) -> ComposeResult:
        """Title, line, meaning."""
        with Vertical(classes="dialog ask"):
            yield Static(self._title, markup=False, classes="title")
            text = Input(self._value, compact=True, select_on_focus=False)
            text.cursor_blink = False
            yield text
            yield Static(id="meaning", markup=False)

    def on_mount(self) -> None:
        """Say what the given text means."""
        self._say(self._value)

    @property
    def unapplied(self) -> bool:
        """Whether it is another text now."""
        boxes = self.query(Input)
        return bool(boxes) and boxes.first().value != self._value

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it means now."""
        self._say(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        if self._meaning(event.value)[0]:
            self.dismiss(event.value)

    def _say(self, text: str) -> None:
        good, said = self._meaning(text)
        self.query_one("#meaning", Static).update(line((said, "$muted" if good else "$state-failed")))
