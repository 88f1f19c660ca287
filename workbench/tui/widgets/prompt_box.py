"""The prompt: Enter runs, Alt+Enter (or Shift, Ctrl, or Ctrl+J) begins a new line, ↑ on the first line brings back what
was asked before, Tab behind `@…` completes a file's path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from workbench.tui import commands, prompting
from workbench.tui.text import clean
from workbench.tui.widgets.area import Area

LONG = 20_000
"""Characters from which a pasted text is kept aside and only named in the box: the editor takes seconds for a megabyte.
"""


class PromptText(Area):
    """The text of the prompt."""

    PLACE: ClassVar[commands.Where] = "prompt"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("prompt")

    class Submitted(Message):
        """Enter was pressed."""

    @dataclass
    class Recalled(Message):
        """Another prompt is wanted: an earlier one, or below 0 a later one."""

        by: int

    @dataclass
    class Completing(Message):
        """Tab was pressed behind a path."""

        typed: str

    def __init__(self, text: str) -> None:
        self._aside: dict[str, str] = {}
        super().__init__(
            self.pasted(text), compact=True, highlight_cursor_line=False, placeholder="Ask something, then press Enter"
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

    def put(self, text: str) -> None:
        """Another text into the box; undo there brings the old one back."""
        if text.rstrip("\n") != self.whole.rstrip("\n"):
            self.replace(self.pasted(text.rstrip("\n")), (0, 0), self.document.end)
            self.move_cursor(self.document.end)

    def pasted(self, text: str) -> str:
        """The text made safe to edit; a long one is kept aside, and its name returned."""
        text = clean(text)
        if len(text) <= LONG:
            return text
        name = f"⟦text {len(self._aside) + 1}: {len(text):,} characters⟧"
        self._aside[name] = text
        return name

    def action_submit(self) -> None:
        """Enter."""
        self.post_message(self.Submitted())

    def action_newline(self) -> None:
        """A new line at the cursor."""
        self.insert("\n")

    @property
    def typed_path(self) -> str | None:
        """The path that is being typed right before the cursor."""
        row, column = self.cursor_location
        return prompting.typing(self.document.get_line(row)[:column])

    def complete(self, path: str) -> None:
        """Put the path in place of what is typed of it; one with spaces in quotes."""
        typed = self.typed_path
        if typed is None:
            return
        row, column = self.cursor_location
        whole = path.endswith(" ")
        name = path.removesuffix(" ")
        start = column - len(typed)
        quoted = self.document.get_line(row)[start - 1] == '"'
        if quoted or " " in name:
            start -= quoted
            name = f'"{name}' + ('"' if whole else "")
        self.replace(name + (" " if whole else ""), (row, start), (row, column))

    def on_key(self, event: events.Key) -> None:
        """Tab completes a path where one is being typed."""
        if event.key == "tab" and (typed := self.typed_path) is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Completing(typed))

    def action_cursor_up(self, select: bool = False) -> None:
        """On the first line: the prompt before."""
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_recall(1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """On the last line: the prompt after."""
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_recall(-1)
        else:
            super().action_cursor_down(select)

    def action_recall(self, by: int) -> None:
        """An earlier prompt, or a later one."""
        self.post_message(self.Recalled(by))


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
