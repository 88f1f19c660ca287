"""Choose a system for a comparison: the Bench's, a saved or shipped one by a few letters, or a line of notation."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from workbench.errors import WorkbenchError
from workbench.systems.nodes import System
from workbench.tui.screens.dialog import Dialog
from workbench.tui.services import Services
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import line

BENCH, NOTATION = " bench", " notation"
"""Ids of the two entries that are no names; no name begins with a space."""


class Choose(Dialog[System | None]):
    """Dismissed with the system, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("down", "mark(1)", "next", priority=True),
        Binding("up", "mark(-1)", "previous", priority=True),
    ]

    def __init__(self, services: Services, on_bench: System) -> None:
        super().__init__()
        self._services, self._on_bench = services, on_bench
        self._about: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """A line to type in and the list."""
        with Vertical(classes="dialog wide"):
            typed = Input(placeholder="A system's name, or notation such as 5*local/smollm2@0.8", compact=True)
            typed.cursor_blink = False
            yield typed
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Names at once; what each is for as soon as the files are read."""
        self._about = dict.fromkeys(self._services.systems.names(), "")
        self._list("")
        self.run_worker(self._read())

    async def _read(self) -> None:
        self._about = await asyncio.to_thread(self._descriptions, list(self._about))
        self._list(self.query_one(Input).value)

    def _descriptions(self, names: list[str]) -> dict[str, str]:
        about = {}
        for name in names:
            try:
                about[name] = self._services.systems.get(name).description
            except WorkbenchError as error:
                about[name] = f"can't be read: {error.message}"
        return about

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what fits."""
        self._list(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._take(options.get_option_at_index(options.highlighted).id or "")
        elif event.value.strip():
            self._take(NOTATION)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        self._take(event.option.id or "")

    def action_mark(self, by: int) -> None:
        """Mark the next one."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def _take(self, name: str) -> None:
        try:
            if name == BENCH:
                self.dismiss(self._on_bench)
            elif name == NOTATION:
                self.dismiss(self._services.systems.find(self.query_one(Input).value.strip()))
            else:
                self.dismiss(self._services.systems.get(name))
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)

    def _list(self, query: str) -> None:
        options, kept = self.query_one(OptionList), self._marked()
        options.clear_options()
        if self._parses(query):
            options.add_option(Option(_entry("notation", query.strip()), id=NOTATION))
        on_bench = one_line(self._on_bench.name) or "unnamed"
        if not query.strip() or Matcher(query).match(f"bench {on_bench}") > 0:
            options.add_option(Option(_entry("on the Bench", on_bench), id=BENCH))
        options.add_options(Option(_entry(name, about), id=name) for name, about in self._ranked(query))
        ids = [option.id for option in options.options]
        options.highlighted = ids.index(kept) if kept in ids and not query else 0 if ids else None

    def _marked(self) -> str | None:
        options = self.query_one(OptionList)
        return None if options.highlighted is None else options.get_option_at_index(options.highlighted).id

    def _parses(self, query: str) -> bool:
        """Whether it is notation, and not merely a part of a name."""
        if not any(sign in query for sign in "/(*"):
            return False
        try:
            self._services.notation.parse(query)
        except WorkbenchError:
            return False
        return True

    def _ranked(self, query: str) -> list[tuple[str, str]]:
        """Names and descriptions that fit, best first; a name weighs more than a description."""
        if not query.strip():
            return list(self._about.items())
        matcher = Matcher(query)
        scored = [(max(matcher.match(name) * 2, matcher.match(text)), name, text) for name, text in self._about.items()]
        return [(name, text) for score, name, text in sorted(scored, key=lambda s: (-s[0], s[1])) if score > 0]


def _entry(name: str, about: str) -> Content:
    return line((fit(one_line(name), 28), "bold $model"), (one_line(about), "$muted"))
