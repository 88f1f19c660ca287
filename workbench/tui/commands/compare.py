"""The Compare screen."""

from workbench.tui.commands.base import Command, Place, Where


def _command(id: str, title: str, keys: str, help: str, *, footer: bool = False, priority: bool = False) -> Command:  # noqa: A002
    return Command(f"compare_{id}", title, keys, help, "compare", footer=footer, palette=True, priority=priority)


def _move(id: str, title: str, keys: str, help: str, action: str) -> Command:  # noqa: A002
    return Command(f"compare_{id}", title, keys, help, "compare", f"compare_{action}", palette=False)


def _verdict(id: str, title: str, keys: str, help: str, action: str, *, footer: bool = True) -> Command:  # noqa: A002
    where: Where = "blind"
    return Command(f"blind_{id}", title, keys, help, where, action, footer=footer, palette=False)


PLACE = Place(
    "Compare",
    "Two to four systems at one prompt, side by side. Simulated, recorded and real runs are never added up or "
    "ranked together.",
    (
        _command("run", "compare", "ctrl+r", "Fire all systems at the prompt.", footer=True, priority=True),
        _command(
            "stop",
            "stop",
            "escape",
            "Stop all runs: calls under way are cancelled, what has arrived is kept.",
            footer=True,
        ),
        _command("add", "add", "a", "Add a system: saved, shipped, the Bench's, or a line of notation.", footer=True),
        _command("change", "change", "c", "Put another system in place of this one.", footer=True),
        _command("remove", "remove", "x,delete", "Take this system out of the comparison."),
        _command("take", "take the Bench's system and prompt", "t", "Take over the Bench's system and prompt."),
        _command("more", "more repeats", "plus,equals_sign", "One run more of each system."),
        _command("fewer", "fewer repeats", "minus", "One run fewer of each system."),
        _command("together", "together or in turn", "o", "Fire the systems at once, or one after the other."),
        _move("go_left", "left", "left,h", "The system to the left.", "move(-1)"),
        _move("go_right", "right", "right,l", "The system to the right.", "move(1)"),
        _move("previous", "earlier repeat", "up,k", "The answers of the repeat before.", "turn(-1)"),
        _move("next", "later repeat", "down,j", "The answers of the repeat after.", "turn(1)"),
        _command("open", "open in Bench", "enter", "Open the marked run in the Bench.", footer=True),
        _command("diff", "diff", "d", "Show where two answers part, word by word; again for the answers.", footer=True),
        _command("other", "diff with another", "n", "Compare the marked answer with the next system's."),
        _command("right", "right", "r", "The marked run's answer is right; kept in the ledger."),
        _command("wrong", "wrong", "w", "The marked run's answer is wrong; kept in the ledger."),
        _command("skip", "skip", "s", "The marked run's answer can't be graded; kept in the ledger."),
        _command("blind", "blind", "b", "Judge pairs of answers without knowing whose they are.", footer=True),
        _command("copy", "copy answer", "y", "Copy the marked answer to the clipboard."),
        _command("prompt", "prompt", "f2,alt+p", "Go to the prompt.", priority=True),
        _command("lanes", "lanes", "alt+l", "Go to the systems.", priority=True),
        _command(
            "maximise",
            "maximise",
            "f10",
            "Give the room of the answers to the table, or of the table to the answers where those are focused.",
            priority=True,
        ),
        _command("answers", "answers", "alt+a", "Go to the answers, to scroll them.", priority=True),
    ),
)
BLIND = Place(
    "Blind",
    "Two answers without names, costs and times, in an order that was drawn. All is revealed after the last pair.",
    (
        _verdict("left", "left is better", "left,h,1", "The left answer is better.", "judge('left')"),
        _verdict("right", "right is better", "right,l,2", "The right answer is better.", "judge('right')"),
        _verdict("tie", "tie", "t,equals_sign", "Neither is better.", "judge('tie')"),
        _verdict("skip", "skip", "s", "Say nothing of this pair.", "judge('skip')"),
        _verdict("leave", "reveal", "escape", "Judge no more and reveal; after that: close.", "leave_blind"),
        _verdict("down", "scroll", "down,j", "Scroll both answers down.", "scroll_by(1)"),
        _verdict("up", "scroll up", "up,k", "Scroll both answers up.", "scroll_by(-1)", footer=False),
    ),
)
