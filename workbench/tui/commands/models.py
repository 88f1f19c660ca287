"""The Models screen."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = ()
PLACE = Place("Models", "Every model that can be called, with its price, context and key.", COMMANDS)
