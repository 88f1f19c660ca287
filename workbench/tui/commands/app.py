"""What works everywhere."""

from workbench.tui.commands.base import ROOMS, Command, Place

PLACE = Place(
    "Everywhere",
    "",
    (
        *(
            Command(
                f"go_{room}",
                name.lower(),
                number,
                f"Go to the {name} screen; the number works where no text is typed.",
                "app",
                f"go('{room}')",
            )
            for number, (room, name) in ROOMS.items()
        ),
        Command("next_room", "next screen", "f6", "Go to the next screen.", "app", priority=True, palette=False),
        Command(
            "jump",
            "jump",
            "ctrl+g",
            "Lay a letter on every pane in sight; the letter goes there, a number to that screen, any other key stays.",
            "app",
            priority=True,
        ),
        Command(
            "pager",
            "read in the pager",
            "f3",
            "Show the focused pane's text in $PAGER; in the lanes the answer of the call under the cursor.",
            "app",
            priority=True,
        ),
        Command(
            "edit_text",
            "edit this in $EDITOR",
            "f4",
            "Open the focused pane's text in $EDITOR: a prompt or a system comes back changed, all else is a copy.",
            "app",
            priority=True,
        ),
        Command(
            "hide_hint", "hide the hint", "f9", "Hide the hint above the keys.", "app", priority=True, palette=False
        ),
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
        Command("help", "help", "f1", "Explain the focused pane and list the keys.", "app", footer=True, priority=True),
        Command(
            "help_sign",
            "help",
            "question_mark",
            "The same, where no text is typed.",
            "app",
            "help",
            palette=False,
        ),
        Command(
            "quit",
            "quit",
            "ctrl+q",
            "Leave. In mid-run, or over typed text in a dialog, it asks once; again says yes.",
            priority=True,
            action="leave",
            where="app",
        ),
    ),
)
