"""The Models screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from workbench.tui import commands
from workbench.tui.commands import Where
from workbench.tui.screens.room import Room


class Models(Room):
    """The Models screen."""

    ROOM: ClassVar[Where] = "models"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("models")

    def body(self) -> ComposeResult:
        """Nothing yet."""
        yield Static("", markup=False)
