"""The Compare screen."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = ()
PLACE = Place("Compare", "Two to four systems at one prompt, fired together, side by side.", COMMANDS)
