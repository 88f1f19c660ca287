"""The system as YAML, editable: errors are told in place as it is typed, and leaving takes what reads as one step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from workbench.systems.nodes import System
from workbench.tui import commands, grafts
from workbench.tui.commands import Where
from workbench.tui.external import EditorError, edit
from workbench.tui.paged import Shown
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import clean, one_line
from workbench.tui.widgets.area import Area
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.pane import line

PAUSE = 0.2
"""Seconds without a key before the text is read: reading YAML takes longer than a key may."""
_TOKENS = re.compile(r"(?P<faint>#.*$|^\s*- )|(?P<option>[\w$-]+(?=:(\s|$)))")


class YamlText(Area):
    """The text, keys told apart from values."""

    PLACE: ClassVar[Where] = "yaml"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("yaml")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"yaml--faint", "yaml--option"}

    def __init__(self, text: str) -> None:
        super().__init__(text, compact=True, show_line_numbers=True, tab_behavior="indent")
        self.indent_width = 2
        self.cursor_blink = False

    @dataclass
    class Asked(Message):
        """A key was pressed that means more than text."""

        what: Literal["leave", "save", "editor", "error"]

    def action_yaml(self, what: Literal["leave", "save", "editor", "error"]) -> None:
        """Leave, save, $EDITOR, or to the error."""
        self.post_message(self.Asked(what))

    def get_line(self, line_index: int) -> Text:
        """The line with keys, dashes and comments told apart."""
        text = super().get_line(line_index)
        for match in _TOKENS.finditer(text.plain):
            if match.lastgroup:
                style = self.get_component_rich_style(f"yaml--{match.lastgroup}", partial=True)
                text.stylize(style, match.start(), match.end())
        return text


class Yaml(Dialog[tuple[str, bool]]):
    """Dismissed with the text as it stands, and whether it is to be saved; `typed` is told of each change before."""

    def __init__(self, text: str, keymap: Mapping[str, str], typed: Callable[[str], None] = lambda text: None) -> None:
        super().__init__()
        self._text, self._keymap, self._typed = text, keymap, typed
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, text, what is wrong, keys."""
        yield Static(line(("yaml", "bold"), ("   the whole system, as it is saved", "$muted")), id="yaml-title")
        yield YamlText(self._text)
        yield Static(id="yaml-problem", markup=False)
        yield KeyBar(self._keymap, "yaml")

    def on_mount(self) -> None:
        """Read it at once: it may come back broken."""
        self.query_one(YamlText).focus()
        self.read()

    def on_text_area_changed(self) -> None:
        """Read it when the keys rest."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.read)

    def paged(self) -> Shown:
        """What the pager shows."""
        return Shown("system as YAML", self.text, "yaml")

    @property
    def text(self) -> str:
        """As it stands."""
        return self.query_one(YamlText).text

    def read(self) -> None:
        """Say what is wrong, or that it reads."""
        self._typed(self.text)
        told = self.query_one("#yaml-problem", Static)
        found = grafts.parsed(self.text)
        if isinstance(found, System):
            told.update(line(("✓ ", "$state-won"), ("reads as a system", "$muted")))
        else:
            hint = f"  {one_line(found.hint)}" if found.hint else ""
            where = found.where.partition(":")[2].replace(":", ", column ")
            at = (f"line {where}: " if where else "", "bold")
            told.update(line(("✗ ", "$state-failed"), at, one_line(found.message), (hint, "$muted")))

    def on_yaml_text_asked(self, message: YamlText.Asked) -> None:
        """The keys below the text."""
        match message.what:
            case "editor":
                self.run_worker(self._in_editor(), exclusive=True, group="editor")
            case "error":
                self._go_to_error()
            case "leave" | "save":
                self.dismiss((self.text, message.what == "save"))

    def _go_to_error(self) -> None:
        """The cursor to where it does not read."""
        found = grafts.parsed(self.text)
        if not isinstance(found, System):
            numbers = [int(part) for part in found.where.split(":")[1:] if part.isdigit()]
            if numbers:
                row, column = numbers[0] - 1, (numbers[1] if len(numbers) > 1 else 1) - 1
                self.query_one(YamlText).move_cursor((row, column))

    async def _in_editor(self) -> None:
        """The same text in $EDITOR, and back."""
        try:
            text = await edit(self.app, self.text)
        except EditorError as error:
            self.notify(clean(str(error)), severity="error", markup=False)
            return
        self.query_one(YamlText).load_text(text)
        self.read()
