"""The Runs screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from workbench.tui import commands
from workbench.tui.commands import Where
from workbench.tui.screens.room import Room


class Runs(Room):
    """The Runs screen."""

    ROOM: ClassVar[Where] = "runs"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("runs")

    def body(self) -> ComposeResult:
        """Nothing yet."""
        yield Static("", markup=False)
