"""What works everywhere."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Everywhere",
    "",
    (
        Command("next_theme", "next theme", "", "Switch to the next theme.", "app"),
        Command(
            "palette",
            "palette",
            "ctrl+p",
            "Find a command by name.",
            action="command_palette",
            where="app",
            footer=True,
            palette=False,
            priority=True,
        ),
        Command("help", "help", "f1,question_mark", "Explain the focused pane and list the keys.", "app", footer=True),
        Command(
            "quit",
            "quit",
            "ctrl+q",
            "Leave. In mid-run it asks once, then cancels cleanly.",
            priority=True,
            action="leave",
            where="app",
        ),
    ),
)
