"""The prompt."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Prompt",
    "What the system is asked. It grows to six lines. `@path` attaches a text file (Tab completes the path), `{name}` "
    "is asked for before the run, `{{name}}` and `@@word` stand for themselves.",
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
        Command(
            "earlier",
            "earlier",
            "ctrl+up",
            "The prompt that was asked before this one; `↑` on the first line does the same.",
            "prompt",
            "recall(1)",
            palette=False,
        ),
        Command(
            "later",
            "later",
            "ctrl+down",
            "The prompt that was asked after this one; `↓` on the last line does the same.",
            "prompt",
            "recall(-1)",
            palette=False,
        ),
    ),
)
