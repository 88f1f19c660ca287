"""The Runs screen."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = ()
PLACE = Place("Runs", "Every run ever made, newest first.", COMMANDS)
