"""The notation line."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Notation",
    "The system as a line. Edit it and the tree follows at once; where it does not parse yet the column is named and "
    "the last good system stays.",
    (
        Command(
            "select_all",
            "select all",
            "ctrl+a",
            "Select the whole notation, to be replaced by what is typed or pasted.",
            "notation",
            footer=True,
            palette=False,
        ),
        Command(
            "accept",
            "done",
            "enter",
            "Print the system tidily and go on to the prompt.",
            "notation",
            footer=True,
            palette=False,
            priority=True,
        ),
    ),
)
