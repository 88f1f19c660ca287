"""Choose one of a list: type a few letters, Enter takes the one that is marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import line

NAME = 26


class Picking(Screen[Any]):
    """What is chosen from: a line to type in and a list."""

    entries: dict[str, str]
    """Id → what is said of it."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("down", "mark(1)", "next", priority=True),
        Binding("up", "mark(-1)", "previous", priority=True),
        Binding("pagedown", "mark(8)", "page down", priority=True),
        Binding("pageup", "mark(-8)", "page up", priority=True),
    ]

    def choosing(self, hint: str) -> ComposeResult:
        """The line and the list."""
        line_of_text = Input(placeholder=hint, compact=True)
        line_of_text.cursor_blink = False
        yield line_of_text
        yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """List all."""
        self.list()

    def on_input_changed(self) -> None:
        """List what fits."""
        self.list()

    def on_input_submitted(self) -> None:
        """Enter."""
        self.submit()

    def submit(self) -> None:
        """The marked one is chosen."""
        if (name := self.marked) is not None:
            self.take(name)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self.take(event.option.id or "")

    @property
    def marked(self) -> str | None:
        """The id that Enter would take."""
        options = self.query_one(OptionList)
        index = options.highlighted
        return None if index is None else options.get_option_at_index(index).id

    def action_mark(self, by: int) -> None:
        """Mark the next one."""
        options = self.query_one(OptionList)
        if options.option_count:
            at = options.highlighted or 0
            wraps = by in (1, -1)
            new = (at + by) % options.option_count if wraps else max(0, min(options.option_count - 1, at + by))
            options.highlighted = new

    def take(self, name: str) -> None:
        """This one is chosen."""
        self.dismiss(name)

    def entry(self, name: str, about: str) -> Content:
        """One line of the list."""
        room = min(NAME, max(cell_len(one_line(name)) for name in self.entries) + 1)
        return line((fit(one_line(name), room), "bold $model"), " ", (one_line(about), "$muted"))

    def list(self) -> None:
        """What fits what is typed; the mark stays where it was if that is still listed."""
        options, query = self.query_one(OptionList), self.query_one(Input).value
        marked = self.marked
        options.clear_options()
        found = ranked(self.entries, query)
        options.add_options(Option(self.entry(name, about), id=name) for name, about in found)
        names = [name for name, _ in found]
        kept = names.index(marked) if marked in names and not query.strip() else 0
        options.highlighted = kept if names else None


class Pick(Picking, Dialog[str | None]):
    """Dismissed with the chosen id, or None."""

    def __init__(self, title: str, entries: Mapping[str, str], hint: str = "Type to find") -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self.entries = dict(entries)

    def compose(self) -> ComposeResult:
        """Title, a line to type in, the list."""
        with Vertical(classes="dialog wide pick"):
            yield Static(self._title, markup=False, classes="title")
            yield from self.choosing(self._hint)
            yield Static(id="said", markup=False)

    def on_option_list_option_highlighted(self) -> None:
        """What the marked one is, in full."""
        self.query_one("#said", Static).update(one_line(self.entries.get(self.marked or "", "")))


def ranked(about: Mapping[str, str], query: str) -> list[tuple[str, str]]:
    """Names and descriptions that fit the query, best first; a name weighs more than a description."""
    if not query.strip():
        return list(about.items())
    matcher = Matcher(query)
    scored = [(max(matcher.match(name) * 2, matcher.match(text)), name, text) for name, text in about.items()]
    return [(name, text) for score, name, text in sorted(scored, key=lambda s: (-s[0], s[1])) if score > 0]
