"""Jump mode: which panes of a screen can be gone to, and by which letter. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from functools import partial
from string import ascii_lowercase
from typing import Any

import msgspec
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from workbench.tui.commands.base import ROOMS
from workbench.tui.widgets.focus import Detail, DetailTabs, Tab
from workbench.tui.widgets.header import HeaderBar

LETTERS = {
    "PromptText": "p",
    "NotationText": "n",
    "SystemTree": "t",
    "Lanes": "l",
    "LaneColumns": "l",
    "Detail": "d",
    "TransportBar": "r",
    "CompareLanes": "l",
    "CompareAnswers": "a",
    "RunsTable": "l",
    "ModelsTable": "l",
    "Ranking": "l",
    "Scatter": "c",
    "Input": "s",
    "#verdicts": "v",
    "#models-detail": "d",
}
"""Name of a widget's class, or its id → the letter it would like: the same pane has the same one everywhere."""


KEPT = frozenset("pntldr")
"""Letters of the Bench's panes, in sight or not: no tab takes one of them."""


class Goal(msgspec.Struct, frozen=True):
    """A place that a key leads to."""

    key: str
    at: Offset
    """Where its label stands on the screen."""
    go: Callable[[], Any]
    there: bool = False
    """Whether the key stands there already, as a part of a name."""


def goals(screen: Screen[Any]) -> list[Goal]:
    """Every pane in sight that takes the focus, the tabs of the detail, the screens in the header."""
    panes = list(_panes(screen))
    return [*panes, *_tabs(screen, KEPT | {goal.key for goal in panes}), *_rooms(screen)]


def _panes(screen: Screen[Any]) -> Iterable[Goal]:
    in_sight = [(widget, at) for widget in screen.focus_chain if (at := place(screen, widget)) is not None]
    free = [letter for letter in ascii_lowercase if letter not in LETTERS.values()]
    taken: set[str] = set()
    for widget, at in in_sight:
        wanted = LETTERS.get(f"#{widget.id}") or LETTERS.get(type(widget).__name__, "")
        letter = wanted if wanted and wanted not in taken else next((one for one in free if one not in taken), "")
        if letter:
            taken.add(letter)
            yield Goal(letter, at, partial(screen.set_focus, widget))


def place(screen: Screen[Any], widget: Widget) -> Offset | None:
    """Where the pane's upper left corner is; None where nothing of it can be seen."""
    if widget not in screen._compositor.visible_widgets:
        return None
    seen = screen.find_widget(widget).visible_region
    return seen.offset if seen.area else None


def _tabs(screen: Screen[Any], without: Set[str]) -> Iterable[Goal]:
    """Each tab by the first letter of its name that is free."""
    taken = set(without)
    for tabs in screen.query(DetailTabs):
        if place(screen, tabs) is None:
            return
        for tab, x in tabs.starts():
            found = next(((index, letter) for index, letter in enumerate(tab) if letter not in taken), None)
            if found is not None:
                taken.add(found[1])
                at = tabs.content_region.offset + Offset(x + 1 + found[0], 0)
                yield Goal(found[1], at, partial(_to_tab, screen, tabs, tab), there=True)


def _to_tab(screen: Screen[Any], tabs: DetailTabs, tab: Tab) -> None:
    tabs.post_message(DetailTabs.Chosen(tab))
    screen.set_focus(screen.query_one(Detail))


def _rooms(screen: Screen[Any]) -> Iterable[Goal]:
    for header in screen.query(HeaderBar):
        number_of = {room: number for number, (room, _) in ROOMS.items()}
        for room, x in header.starts():
            at = header.content_region.offset + Offset(x, 0)
            yield Goal(number_of[room], at, partial(_go, screen, room), there=True)


def _go(screen: Screen[Any], room: str) -> None:
    screen.app.call_later(screen.app.run_action, f"app.go('{room}')")
