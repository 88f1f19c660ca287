"""The runs that are open, in one line: number, system, how each stands. In sight where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from workbench.tui import states
from workbench.tui.one_run import OneRun
from workbench.tui.states import Look
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line

REPLAY = Look("▶", "replay", "thinking")
EMPTY = Look("·", "empty", "waiting")
STARTING = Look("◌", "starting", "waiting")
LEAST = 6
"""Cells of a name below which it says nothing."""


class Label(msgspec.Struct, frozen=True):
    """What stands on a tab."""

    name: str
    look: Look


def label(one: OneRun) -> Label:
    """A run's."""
    if one.doing == "replaying":
        look = REPLAY
    elif one.view.id:
        look = states.of_run(one.view, live=one.live)
    elif one.resting is not None and not one.live:
        look = states.RUNS.get(one.resting.status or "", states.RUNS["interrupted"])
    else:
        look = STARTING if one.live else EMPTY
    return Label(one_line(one.name) or ("" if look is EMPTY else "unnamed"), look)


def labelled(labels: Sequence[Label], at: int, width: int) -> tuple[Content, list[int]]:
    """The line, and where each tab begins in it: words and names give way where there is no room, glyphs stay."""
    for words, longest in ((True, 30), (True, 16), (False, 16), (False, 10), (False, LEAST), (False, 0)):
        starts, said = [], Content("")
        for number, one in enumerate(labels):
            starts.append(said.cell_length)
            said = line(said, _tab(number, one, number == at, words, longest))
        if said.cell_length <= width:
            break
    return said, starts


def _tab(number: int, one: Label, here: bool, words: bool, longest: int) -> Content:
    name = Content(one.name).truncate(longest, ellipsis=True) if longest else Content("")
    state = str(one.look) if words else one.look.glyph
    return line(
        (f" {number + 1} ", "bold $background on $brand" if here else "$muted"),
        " " if name.plain else "",
        name.stylize("bold" if here else "$muted"),
        (f" {state}", one.look.style),
        "  ",
    )


class RunTabs(Widget):
    """The line. A click goes to the tab."""

    ALLOW_SELECT: ClassVar[bool] = False

    class Chosen(Message):
        """The tab at this index was clicked."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self) -> None:
        super().__init__()
        self._labels: tuple[Label, ...] = ()
        self._at = 0

    def show(self, labels: tuple[Label, ...], at: int) -> None:
        """Draw these from now on."""
        if (labels, at) != (self._labels, self._at):
            self._labels, self._at = labels, at
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return labelled(self._labels, self._at, self.content_size.width)[0]

    def on_click(self, event: events.Click) -> None:
        """Go to the tab under the pointer."""
        line, starts = labelled(self._labels, self._at, self.content_size.width)
        x = event.x - self.gutter.left
        if 0 <= x < line.cell_length:
            self.post_message(self.Chosen(sum(start <= x for start in starts) - 1))
