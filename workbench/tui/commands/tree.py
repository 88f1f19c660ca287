"""The system tree."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "System tree",
    "The system as an outline, parents first, with what each node is doing. The notation below it is the same system.",
    (
        Command("node_down", "down", "down,j", "Next node.", "tree", "move(1)", palette=False),
        Command("node_up", "up", "up,k", "Previous node.", "tree", "move(-1)", palette=False),
        Command(
            "more",
            "more",
            "plus,equals_sign",
            "One replica more of the node.",
            "tree",
            "replicas(1)",
            footer=True,
            palette=False,
        ),
        Command(
            "fewer",
            "fewer",
            "minus",
            "One replica fewer of the node.",
            "tree",
            "replicas(-1)",
            footer=True,
            palette=False,
        ),
        Command(
            "undo", "undo", "ctrl+z,u", "Take the last change of the system back.", "tree", "screen.undo", palette=False
        ),
        Command("redo", "redo", "ctrl+y", "Make the change again.", "tree", "screen.redo", palette=False),
        Command(
            "edit", "edit", "enter,e", "Edit the notation.", "tree", "screen.focus_notation", footer=True, palette=False
        ),
    ),
)
