"""Open a saved or shipped system: type a few letters, Enter takes the one that is marked."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from workbench.errors import WorkbenchError
from workbench.systems.nodes import System
from workbench.tui.services import Systems
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import line


class Open(ModalScreen[System | None]):
    """Dismissed with the system, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("down", "mark(1)", "next", priority=True),
        Binding("up", "mark(-1)", "previous", priority=True),
    ]

    def __init__(self, systems: Systems) -> None:
        super().__init__()
        self._systems = systems
        self._about: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """A line to type in and the list."""
        with Vertical(classes="dialog wide"):
            line_of_text = Input(placeholder="Open a system", compact=True)
            line_of_text.cursor_blink = False
            yield line_of_text
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """List all."""
        for name in self._systems.names():
            try:
                self._about[name] = self._systems.get(name).description
            except WorkbenchError as error:
                self._about[name] = f"can't be read: {error.message}"
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what fits."""
        self._list(event.value)

    def on_input_submitted(self) -> None:
        """Enter."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._take(options.get_option_at_index(options.highlighted).id or "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self._take(event.option.id or "")

    def action_mark(self, by: int) -> None:
        """Mark the next one."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _take(self, name: str) -> None:
        try:
            self.dismiss(self._systems.get(name))
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)

    def _list(self, query: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(_entry(name, about), id=name) for name, about in ranked(self._about, query))
        options.highlighted = 0 if options.option_count else None


def ranked(about: dict[str, str], query: str) -> list[tuple[str, str]]:
    """Names and descriptions that fit the query, best first; a name weighs more than a description."""
    if not query.strip():
        return list(about.items())
    matcher = Matcher(query)
    scored = [(max(matcher.match(name) * 2, matcher.match(text)), name, text) for name, text in about.items()]
    return [(name, text) for score, name, text in sorted(scored, key=lambda s: (-s[0], s[1])) if score > 0]


def _entry(name: str, about: str) -> Content:
    return line((fit(one_line(name), 26), "bold $model"), (one_line(about), "$muted"))
