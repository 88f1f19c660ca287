"""The replicas side by side."""

from workbench.tui.commands.base import Command, Place


def _command(command: str, title: str, keys: str, help_text: str, action: str, *, footer: bool = False) -> Command:
    return Command(command, title, keys, help_text, "columns", action, footer=footer, palette=False)


PLACE = Place(
    "Columns",
    "Up to nine replicas beside each other: state and tokens above, the end of what each says below. Where the window "
    "has room for fewer, the others come in sight as the cursor moves.",
    (
        _command("column_next", "next", "right,l,n", "The next replica.", "move(1)"),
        _command("column_previous", "previous", "left,h,p", "The replica before.", "move(-1)"),
        _command("column_read", "read", "enter", "Read this one in full.", "screen.read_column", footer=True),
        _command("column_stop", "stop lane", "x", "Stop this call alone.", "screen.stop_column", footer=True),
        _command("column_back", "lanes", "c", "Back to the lanes.", "screen.columns", footer=True),
        _command("column_follow", "follow", "F", "Keep the cursor on the replica that leads.", "screen.follow"),
    ),
)
