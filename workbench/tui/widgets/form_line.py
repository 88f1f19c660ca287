"""One line of a form: the field's name, the box that holds its value, and beside it what it takes or what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from workbench.tui import forms
from workbench.tui.forms import Entry
from workbench.tui.text import clean, fit, one_line
from workbench.tui.widgets.area import Area
from workbench.tui.widgets.pane import line

NAME = 21
"""Cells before the box; the style sheet says the same."""
COMPACT = "-textual-compact"
"""What `compact` gives a box, which has it styled once more; a form has many."""
EMPTY = "–"
"""How the choice of nothing is written."""


class Choice(Widget, can_focus=True):
    """One of a few words, all in sight."""

    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "turn(1)", "next", show=False),
        Binding("left,h", "turn(-1)", "previous", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another word is chosen."""

        value: str

    def __init__(self, words: tuple[str, ...], value: str) -> None:
        super().__init__()
        self._words, self.value = words, value

    def render(self) -> Content:
        """The words, the chosen one marked; where they do not fit, those around it."""
        parts: list[tuple[Content, int]] = []
        for word in self._words:
            chosen = word == self.value
            style = ("bold $foreground on $select" if self.has_focus else "bold") if chosen else "$muted"
            part = line((f" {word or EMPTY} ", style))
            parts.append((part, part.cell_length))
        room, start = self.content_size.width, 0
        at = self._words.index(self.value)
        while sum(width for _, width in parts[start : at + 1]) > room and start < at:
            start += 1
        return line(*(part for part, _ in parts[start:]))

    def on_focus(self) -> None:
        """The chosen word is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The chosen word is drawn weaker."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """The word under the pointer, or else the next one."""
        if len(self._words) == 0:
            return
        at, x = 0, event.x
        for word in self._words:
            at += len(word or EMPTY) + 2
            if x < at:
                self._choose(word)
                return

    def put(self, word: str) -> None:
        """Choose this word, where it is one of them."""
        if word in self._words:
            self._choose(word)

    def action_turn(self, by: int) -> None:
        """The next word."""
        self._choose(self._words[(self._words.index(self.value) + by) % len(self._words)])

    def on_key(self, event: events.Key) -> None:
        """A letter chooses the next word that begins with it."""
        if event.character and event.character.isalpha() and event.character not in "hl":
            at = self._words.index(self.value) + 1
            found = [w for w in self._words[at:] + self._words[:at] if w.startswith(event.character.lower())]
            if found:
                event.stop()
                self._choose(found[0])

    def _choose(self, word: str) -> None:
        self.value = word
        self.refresh()
        self.post_message(self.Changed(word))


Box: TypeAlias = Input | TextArea | Choice


class LongText(Area):
    """Text of several lines; Tab leaves it."""

    def __init__(self, text: str, placeholder: str) -> None:
        super().__init__(text, highlight_cursor_line=False, placeholder=placeholder, tab_behavior="focus")
        self.add_class(COMPACT, update=False)
        self.cursor_blink = False


class FormLine(Widget):
    """A field. It draws name and note itself: a form has many lines, and each widget takes its time to appear."""

    @dataclass
    class Edited(Message):
        """The box says something else."""

        form_line: FormLine

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self.error = ""
        self.here = False
        """Whether the focus is in it."""

    def compose(self) -> ComposeResult:
        """The box; name and note are drawn around it."""
        yield self._box()

    def render(self) -> Content:
        """Name, room for the box, note."""
        name = line((fit(one_line(self.entry.name), NAME - 1), "$brand" if self.here else "$muted"))
        return line(name, " " * (self.box.outer_size.width + 3), self.note)

    @property
    def note(self) -> Content:
        """What is wrong, or what belongs in the box."""
        if self.error:
            return line(("✗ ", "$state-failed"), one_line(self.error))
        return line(("" if self.entry.choices else one_line(forms.takes(self.entry.field)), "$faint"))

    def point(self, here: bool) -> None:
        """The focus is in it, or not."""
        if here != self.here:
            self.here = here
            self.refresh()

    def _box(self) -> Box:
        entry, default = self.entry, forms.default_text(self.entry.field)
        if entry.choices:
            return Choice(entry.choices, entry.text or default)
        if entry.long:
            return LongText(clean(entry.text), default)
        box = Input(clean(entry.text), placeholder=default or EMPTY)
        box.add_class(COMPACT, update=False)
        box.cursor_blink = False
        return box

    def on_mount(self) -> None:
        """What the field takes."""
        self.check()

    @property
    def box(self) -> Box:
        """What is typed in."""
        child = self.children[0]
        assert isinstance(child, Input | TextArea | Choice)
        return child

    @property
    def text(self) -> str:
        """What the box says."""
        box = self.box
        return box.text if isinstance(box, TextArea) else box.value

    @property
    def edited(self) -> bool:
        """Whether it says something else than when the form was opened."""
        first = self.entry.text or (forms.default_text(self.entry.field) if self.entry.choices else "")
        return self.text != clean(first)

    def put(self, text: str) -> None:
        """Say this."""
        box = self.box
        if isinstance(box, Input):
            box.value = text
            box.cursor_position = len(text)
        elif isinstance(box, TextArea):
            box.replace(text, (0, 0), box.document.end)
        else:
            box.put(text)

    def check(self) -> None:
        """Say beside the box what is wrong, or what belongs there."""
        error = self.entry.error(self.text)
        if error != self.error:
            self.error = error
            self.refresh()

    def on_input_changed(self, event: Input.Changed) -> None:
        """As it is typed."""
        event.stop()
        self._said()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """As it is typed."""
        event.stop()
        self._said()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """As it is chosen."""
        event.stop()
        self._said()

    def _said(self) -> None:
        self.check()
        self.post_message(self.Edited(self))
