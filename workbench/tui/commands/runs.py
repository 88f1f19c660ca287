"""The Runs screen."""

from workbench.tui.commands.base import Command, Place


def _command(
    name: str,
    title: str,
    keys: str,
    help: str,  # noqa: A002
    action: str = "",
    *,
    footer: bool = False,
) -> Command:
    moves = action.startswith(("move", "page", "edge")) or name == "clear"
    return Command(f"runs_{name}", title, keys, help, "runs", action or name, footer, palette=not moves)


COMMANDS: tuple[Command, ...] = (
    _command("open", "open", "enter", "Open the run on the Bench as it looked at its end.", "open_run", footer=True),
    _command(
        "replay", "replay", "space", "Replay the run on the Bench with its own timing.", "replay_run", footer=True
    ),
    _command(
        "find", "search", "slash", "Search prompts and answers as you type; Enter goes back to the list.", footer=True
    ),
    _command("filter", "filter", "f", "Choose a kind, status, grade, tag or system to show alone.", footer=True),
    _command("right", "right", "r", "Grade as right, and go to the next run.", "grade('right')", footer=True),
    _command("wrong", "wrong", "w", "Grade as wrong, and go to the next run.", "grade('wrong')", footer=True),
    _command("skip", "skip", "s", "Grade as skipped, and go to the next run.", "grade('skip')"),
    _command("tag", "tag", "t", "Add tags, or take them away with a `-` before them.", footer=True),
    _command("mark", "mark", "x", "Mark the run; what follows is done to all that are marked.", footer=True),
    _command(
        "export",
        "export",
        "e",
        "Write the run or the marked ones to a file: JSON lines, CSV, Markdown, HTML.",
        footer=True,
    ),
    _command("lab", "in the Lab", "l", "The run or the marked ones in the Lab: what k draws would do.", "open_lab"),
    _command("delete", "delete", "d,delete", "Delete the run or the marked ones.", footer=True),
    _command("restore", "undo delete", "u", "Bring back what was deleted last.", footer=True),
    _command("clear", "clear", "escape", "Leave the search line, empty it, then take the marks off."),
    _command("down", "down", "down,j", "Next run.", "move(1)"),
    _command("up", "up", "up,k", "Previous run.", "move(-1)"),
    _command("page_down", "page down", "pagedown,ctrl+d", "A page down.", "page(1)"),
    _command("page_up", "page up", "pageup,ctrl+u", "A page up.", "page(-1)"),
    _command("first", "first", "home,g", "The newest run.", "edge(0)"),
    _command("last", "last", "end,G", "The oldest run.", "edge(1)"),
)
PLACE = Place(
    "Runs",
    "Every run ever made, newest first. The search line takes words and `kind:` `status:` `grade:` `tag:` `system:` "
    "`tasks:` `since:` `until:`.",
    COMMANDS,
)
