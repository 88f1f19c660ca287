"""The prompt."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Prompt",
    "What the system is asked. It grows to six lines.",
    (
        Command("submit", "run", "enter", "Run the system.", "prompt", palette=False, priority=True),
        Command(
            "newline",
            "new line",
            "alt+enter,shift+enter,ctrl+enter,ctrl+j",
            "Begin a new line (not every terminal tells Shift+Enter from Enter; Alt+Enter and Ctrl+J always work).",
            "prompt",
            footer=True,
            palette=False,
            priority=True,
        ),
    ),
)
