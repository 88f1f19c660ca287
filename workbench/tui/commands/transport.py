"""The transport bar of a replay."""

from workbench.tui.commands.base import Command, Place


def _command(name: str, title: str, keys: str, help: str, action: str, *, footer: bool = False) -> Command:  # noqa: A002
    return Command(f"replay_{name}", title, keys, help, "transport", f"screen.{action}", footer, palette=False)


PLACE = Place(
    "Replay",
    "A past run with its own timing. At any moment it looks as the run did then; no model is called. Space, `.`, `[` "
    "and `]` also work in the lanes and the detail.",
    (
        _command(
            "pause",
            "pause",
            "space",
            "Pause, or go on; at the end begin again.",
            "replay_pause",
            footer=True,
        ),
        _command(
            "back",
            "back",
            "left,h",
            "Back by a twentieth of the run, at least a second.",
            "replay_step(-1)",
            footer=True,
        ),
        _command(
            "forward",
            "forward",
            "right,l",
            "Forward by a twentieth of the run, at least a second.",
            "replay_step(1)",
            footer=True,
        ),
        _command(
            "next",
            "next event",
            "full_stop",
            "To the next event that is more than a piece of text: a start, an end, a verdict.",
            "replay_next",
            footer=True,
        ),
        _command("slower", "slower", "left_square_bracket", "Half the speed, down to 0.25×.", "replay_speed(-1)"),
        _command("faster", "faster", "right_square_bracket", "Twice the speed, up to 64×.", "replay_speed(1)"),
        _command("start", "start", "home,g", "To the run's start.", "replay_edge(0)"),
        _command("end", "end", "end,G", "To the run's end.", "replay_edge(1)"),
    ),
)
ANYWHERE = ("replay_pause", "replay_next", "replay_slower", "replay_faster")
"""Ids of those that work on the whole Bench, where the focused pane has no other use for the key."""
