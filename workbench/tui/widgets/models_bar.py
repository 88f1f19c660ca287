"""Above the models: what is searched for, and the filters with how many models each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from workbench.tui import figures
from workbench.tui.model_rows import SCOPES, Question, Scope
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, spread


class SearchLine(Horizontal):
    """The words, and how many models fit them."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def compose(self) -> ComposeResult:
        """Mark, words, figures."""
        yield Static("❯", classes="mark", markup=False)
        words = Input(placeholder="/ to search by name, server or ability", compact=True, select_on_focus=False)
        words.cursor_blink = False
        yield words
        yield Static(classes="found", markup=False)

    def show(self, found: int, all_: int | None) -> None:
        """How many."""
        self._said = "reading the catalogue …" if all_ is None else f"{figures.count(found)} of {figures.count(all_)}"
        self._tell()

    def on_descendant_focus(self) -> None:
        """While words are typed, letters are no commands: the ways out are told."""
        self._tell(typing=True)

    def on_descendant_blur(self) -> None:
        """Letters are commands again."""
        self._tell()

    def _tell(self, *, typing: bool | None = None) -> None:
        typing = self.query_one(Input).has_focus if typing is None else typing
        ways = line(("Enter", "$brand"), " done   ", ("Esc", "$brand"), " clear   ") if typing else ""
        self.query_one(".found", Static).update(line(ways, self._said))


class ScopeLine(Widget):
    """The filters; a click chooses one."""

    ALLOW_SELECT: ClassVar[bool] = False

    @dataclass
    class Chosen(Message):
        """This filter is wanted."""

        scope: Scope

    def __init__(self) -> None:
        super().__init__()
        self._question = Question()
        self._counts: Mapping[Scope, int] = {}
        self._spans: list[tuple[int, int, Scope]] = []

    def show(self, question: Question, counts: Mapping[Scope, int]) -> None:
        """Draw this from now on."""
        self._question, self._counts = question, counts
        self.refresh()

    def render(self) -> Content:
        """`all 4 610   usable now 12 …          only openai · ready first`."""
        self._spans.clear()
        said = Content("")
        for scope, word in SCOPES.items():
            here = scope == self._question.scope
            figure = f" {figures.count(self._counts[scope])}" if scope in self._counts else ""
            part = line((word, "bold $brand" if here else ""), (figure, "$muted"))
            start = said.cell_length + (3 if said else 0)
            said = Content.assemble(said, "   " if said else "", part)
            self._spans.append((start, said.cell_length, scope))
        only = f"only {one_line(self._question.only)}" if self._question.only else ""
        right = line((only, "bold $brand"), ("  " if only else "", ""), (self._question.order, "$muted"))
        return spread(said, right, self.content_size.width)

    def on_click(self, event: events.Click) -> None:
        """The filter under the pointer."""
        for start, end, scope in self._spans:
            if start <= event.x - self.gutter.left < end:
                self.post_message(self.Chosen(scope))
