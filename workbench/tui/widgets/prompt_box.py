"""The prompt: Enter runs, Alt+Enter (or Shift, Ctrl, or Ctrl+J) begins a new line."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static, TextArea

from workbench.tui import commands
from workbench.tui.text import clean

LONG = 20_000
"""Characters from which a pasted text is kept aside and only named in the box: the editor takes seconds for a megabyte.
"""


class PromptText(TextArea):
    """The text of the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("prompt")

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, text: str) -> None:
        self._aside: dict[str, str] = {}
        super().__init__(
            self._kept(text), compact=True, highlight_cursor_line=False, placeholder="Ask something, then press Enter"
        )
        self.cursor_blink = False
        self.move_cursor(self.document.end)

    @property
    def whole(self) -> str:
        """The text, what is kept aside in its place."""
        text = self.text
        for name, kept in self._aside.items():
            text = text.replace(name, kept)
        return text

    def _kept(self, text: str) -> str:
        """The text made safe to edit; a long one is kept aside, and its name returned."""
        text = clean(text)
        if len(text) <= LONG:
            return text
        name = f"⟦text {len(self._aside) + 1}: {len(text):,} characters⟧"
        self._aside[name] = text
        return name

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()  # or the base class inserts it once more, as it came
        event.stop()
        self.insert(self._kept(event.text))

    def action_submit(self) -> None:
        """Enter."""
        self.post_message(self.Submitted())

    def action_newline(self) -> None:
        """A new line at the cursor."""
        self.insert("\n")


class PromptBox(Horizontal):
    """The prompt with its mark."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Mark and text."""
        yield Static("❯", id="mark", markup=False)
        yield PromptText(self._text)

    @property
    def text(self) -> str:
        """What is asked."""
        return self.query_one(PromptText).whole
