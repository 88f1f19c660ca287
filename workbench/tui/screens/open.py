"""Open a saved or shipped system: type a few letters, look at what it is, Enter takes the one that is marked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from workbench.errors import WorkbenchError
from workbench.systems.files import SUFFIXES
from workbench.systems.nodes import System
from workbench.tui import outline
from workbench.tui.screens.dialog import Dialog
from workbench.tui.screens.pick import Picking
from workbench.tui.services import Notation, Systems
from workbench.tui.shelf import Shelf
from workbench.tui.text import clean, fit, one_line, wrap
from workbench.tui.widgets.pane import line, lines
from workbench.tui.widgets.system_tree import node_line

NAME, SHELF = 28, 6


class Opened(msgspec.Struct, frozen=True):
    """What was chosen, and the file that holds it."""

    system: System
    file: Path | None


class Open(Picking, Dialog[Opened | None]):
    """Dismissed with what was chosen, or None."""

    def __init__(self, systems: Systems, shelf: Shelf | None, notation: Notation) -> None:
        super().__init__()
        self._systems, self._shelf, self._notation = systems, shelf, notation
        self._read: dict[str, System | WorkbenchError] = {}
        self.entries = dict.fromkeys(systems.names(), "")

    def compose(self) -> ComposeResult:
        """A line to type in, the list, and what the marked one is."""
        with Vertical(classes="dialog wide pick"):
            yield from self.choosing("Open a system: a few letters of its name, a path, or notation")
            yield Static(id="sketch", markup=False)

    def on_mount(self) -> None:
        """The names are listed at once; what they are for is read behind."""
        self._describe()

    @work(exclusive=True, group="describe")
    async def _describe(self) -> None:
        """Read the files. Each takes some milliseconds, so the keys stay quick between them."""
        for name in list(self.entries):
            self._read[name] = found = await asyncio.to_thread(self._get, name)
            told = found.description if isinstance(found, System) else f"can't be read: {found.message}"
            self.entries[name] = one_line(told)
        self.list()
        self._sketch()

    def _get(self, name: str) -> System | WorkbenchError:
        try:
            return self._systems.get(name)
        except WorkbenchError as error:
            return error

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what it is."""
        self._sketch()

    def _sketch(self) -> None:
        name = self.marked
        found = self._read.get(name) if name is not None else None
        width = max(20, self.query_one("#sketch").content_size.width)
        said = Content("")
        if isinstance(found, System):
            said = sketch(found, self._notation, width, 6 if self.app.size.height < 30 else 13)
        elif found is not None:
            said = line(("✗ ", "$state-failed"), clean(str(found)))
        self.query_one("#sketch", Static).update(said)

    def entry(self, name: str, about: str) -> Content:
        """Name, whose it is, what it is for."""
        file = self._shelf.file_of(name) if self._shelf is not None else None
        own = "yours" if self._shelf is not None and file is not None and self._shelf.own(file) else ""
        return line((fit(one_line(name), NAME), "bold $model"), (fit(own, SHELF), "$brand"), (about, "$muted"))

    def texts(self) -> dict[str, str]:
        """What is typed, where it is more than some letters of a name."""
        typed = "".join(box.value for box in self.query(Input))
        return {"": typed} if "(" in typed or "*" in typed else {}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type this again."""
        self.query_one(Input).value = clean(texts.get("", ""))

    def submit(self) -> None:
        """Enter: the marked one; a path or notation where that is what was typed."""
        typed = self.query_one(Input).value.strip()
        if (name := self.marked) is not None:
            self.take(name)
        elif "/" in typed or "(" in typed or typed.endswith(SUFFIXES):
            self._open(typed, find=True)

    def take(self, name: str) -> None:
        """This one."""
        self._open(name, find=False)

    def _open(self, text: str, *, find: bool) -> None:
        try:
            system = self._systems.find(text) if find else self._systems.get(text)
        except WorkbenchError as error:
            self.notify(clean(str(error)), severity="error", markup=False)
            return
        self.dismiss(Opened(system, self._shelf.file_of(text) if self._shelf is not None else None))


def sketch(system: System, notation: Notation, width: int, height: int) -> Content:
    """What it is for, its outline, and its notation, in so many lines."""
    rows = [line(text) for text in wrap(one_line(system.description), width)] if system.description else []
    if system.source and height > 6:
        rows.append(line((fit(one_line(system.source), width).rstrip(), "$muted")))
    if system.example and height > 6:
        asked = fit(f"for example: {one_line(system.example)}", width).rstrip()
        rows.append(line((asked, "$muted")))
    told = notation.print_pretty(system.root, 10_000).replace("\n", " ")
    room = max(1, height - len(rows) - 1)
    tree = [node_line(row, width) for row in outline.rows(system.root)]
    shown = tree if len(tree) <= room else [*tree[: room - 1], line((f"  and {len(tree) - room + 1} more", "$muted"))]
    return lines(*rows, *shown, line((fit(one_line(told), width).rstrip(), "$faint")))
