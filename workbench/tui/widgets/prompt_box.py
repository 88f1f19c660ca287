"""The prompt: Enter runs, Alt+Enter (or Shift, Ctrl, or Ctrl+J) begins a new line."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static, TextArea

from workbench.tui import commands
from workbench.tui.text import clean


class PromptText(TextArea):
    """The text of the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("prompt")

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, text: str) -> None:
        super().__init__(
            clean(text), compact=True, highlight_cursor_line=False, placeholder="Ask something, then press Enter"
        )
        self.cursor_blink = False
        self.move_cursor(self.document.end)

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
        return self.query_one(PromptText).text
