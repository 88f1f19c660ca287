"""Every command of the app, once. Keys, key bar, palette, help and docs/keys.md all read this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual.binding import Binding, BindingType

Where: TypeAlias = Literal["app", "bench", "prompt", "lanes", "detail", "tree", "notation"]

PLACES: dict[Where, tuple[str, str]] = {
    "app": ("Everywhere", ""),
    "bench": ("Bench", "A system, a prompt, and a run of the one at the other."),
    "prompt": ("Prompt", "What the system is asked. It grows to six lines."),
    "lanes": (
        "Lanes",
        "One line a call: replica, model, progress, tokens, speed, state, answer key and cost. `~` marks an estimate.",
    ),
    "detail": ("Detail", "The chosen call in full: its answer, thinking, exact request and money."),
    "tree": (
        "System tree",
        "The system as an outline, parents first, with what each node is doing. The notation below it is the same "
        "system.",
    ),
    "notation": (
        "Notation",
        "The system as a line. Edit it and the tree follows at once; where it does not parse yet the column is named "
        "and the last good system stays.",
    ),
}
"""Where a command works → the place's name and what help says of it."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do."""

    id: str
    title: str
    keys: str
    """Comma-separated, as Textual spells them; empty where only the palette has it."""
    help: str
    where: Where = "bench"
    action: str = ""
    """Textual action; the id by default."""
    footer: bool = False
    palette: bool = True
    priority: bool = False
    """Works while text is being typed."""

    @property
    def call(self) -> str:
        """The action that does it."""
        return self.action or self.id


COMMANDS: tuple[Command, ...] = (
    Command("run", "run", "ctrl+r", "Fire the system at the prompt.", footer=True, priority=True),
    Command(
        "stop",
        "stop",
        "escape",
        "Stop the run: every call under way is cancelled, what has arrived is kept. In a replay: show its end.",
        footer=True,
    ),
    Command("open", "open", "ctrl+o", "Open a saved or shipped system.", footer=True, priority=True),
    Command(
        "focus_next",
        "next pane",
        "tab",
        "Go to the next pane; Shift+Tab goes back.",
        palette=False,
        action="app.focus_next",
    ),
    Command("focus_prompt", "prompt", "f2", "Go to the prompt.", priority=True),
    Command("focus_lanes", "lanes", "f3", "Go to the lanes.", priority=True),
    Command("focus_tree", "tree", "f4", "Go to the system tree; opens it where the window is small.", priority=True),
    Command("focus_notation", "notation", "f5", "Go to the notation line.", priority=True),
    Command("maximise", "maximise", "f10", "Show the focused pane alone, or all panes again.", priority=True),
    Command("replay_last", "replay last run", "", "Show the last run again, with its own timing. No model is called."),
    Command(
        "simulate",
        "use simulated models",
        "",
        "Replace every model of the system by a simulated one, labelled as such. No key, no download.",
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
    # prompt
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
    # lanes
    Command("down", "down", "down,j", "Next lane.", "lanes", "move(1)", palette=False),
    Command("up", "up", "up,k", "Previous lane.", "lanes", "move(-1)", palette=False),
    Command("page_down", "page down", "pagedown,ctrl+d", "A page down.", "lanes", "page(1)", palette=False),
    Command("page_up", "page up", "pageup,ctrl+u", "A page up.", "lanes", "page(-1)", palette=False),
    Command("first", "first", "home,g", "First lane.", "lanes", "edge(-1)", palette=False),
    Command("last", "last", "end,G", "Last lane.", "lanes", "edge(1)", palette=False),
    Command("focus_lane", "focus", "enter", "Read the lane's detail.", "lanes", footer=True, palette=False),
    Command(
        "stop_lane",
        "stop lane",
        "x",
        "Stop this call alone; its node goes on with the rest.",
        "lanes",
        footer=True,
        palette=False,
    ),
    Command(
        "sort", "sort", "s", "Sort by replica, finish, tokens, cost or answer.", "lanes", footer=True, palette=False
    ),
    Command("lane_tab_next", "next tab", "right,l", "Next tab of the detail.", "lanes", "screen.tab(1)", palette=False),
    Command(
        "lane_tab_previous",
        "previous tab",
        "left,h",
        "Previous tab of the detail.",
        "lanes",
        "screen.tab(-1)",
        palette=False,
    ),
    # detail
    Command("tab_next", "next tab", "right,l", "Next tab.", "detail", "screen.tab(1)", palette=False),
    Command("tab_previous", "previous tab", "left,h", "Previous tab.", "detail", "screen.tab(-1)", palette=False),
    *(
        Command(
            f"tab_{number}",
            f"tab {number}",
            str(number),
            f"Tab {number}.",
            "detail",
            f"screen.tab_number({number})",
            palette=False,
        )
        for number in range(1, 7)
    ),
    Command(
        "lane_next",
        "next",
        "n",
        "The next lane's detail.",
        "detail",
        "screen.lane(1)",
        footer=True,
        palette=False,
    ),
    Command(
        "lane_previous",
        "previous",
        "p",
        "The previous lane's detail.",
        "detail",
        "screen.lane(-1)",
        footer=True,
        palette=False,
    ),
    Command("scroll_down", "scroll down", "down,j", "Scroll down.", "detail", "scroll_down", palette=False),
    Command("scroll_up", "scroll up", "up,k", "Scroll up.", "detail", "scroll_up", palette=False),
    Command(
        "copy",
        "copy",
        "y",
        "Copy the tab's text to the clipboard.",
        "detail",
        "screen.copy",
        footer=True,
        palette=False,
    ),
    # tree
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
    # notation
    Command(
        "select_all",
        "select all",
        "ctrl+a,f7",
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
)

_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "question_mark": "?",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "tab": "Tab",
}


def of(where: Where) -> list[Command]:
    """The commands of one place, in order."""
    return [command for command in COMMANDS if command.where == where]


def bindings(where: Where) -> list[BindingType]:
    """The place's commands as Textual bindings, remappable by id."""
    return [
        Binding(
            key=command.keys,
            action=command.call,
            description=command.title,
            show=False,
            priority=command.priority,
            id=command.id,
            tooltip=command.help,
        )
        for command in of(where)
        if command.keys and command.id != "focus_next"
    ]


def key_name(key: str) -> str:
    """A key as people write it: `^R`, `Esc`, `Alt+Enter`."""
    *modifiers, last = key.split("+")
    if modifiers == ["ctrl"] and len(last) == 1:
        return f"^{last.upper()}"
    shown = _NAMES.get(last, last.upper() if last[0] == "f" and last[1:].isdigit() else last)
    return "+".join([*(m.capitalize() for m in modifiers), shown])


def keys_of(command: Command, keymap: Mapping[str, str] | None = None) -> list[str]:
    """The command's keys as people write them, remapped where config says so."""
    return [key_name(key) for key in (keymap or {}).get(command.id, command.keys).split(",") if key]


def markdown() -> str:
    """docs/keys.md."""
    lines = [
        "# Keys",
        "",
        "Made from the command registry (`workbench/tui/commands.py`); a test holds this page true. Every key can be",
        "remapped by its id in `config.toml`:",
        "",
        "```toml",
        "[keys]",
        'run = "f9"',
        'stop = "escape,ctrl+c"',
        "```",
    ]
    for where, (name, about) in PLACES.items():
        lines += ["", f"## {name}", ""]
        lines += [about, ""] if about else []
        lines += ["| key | id | what it does |", "|---|---|---|"]
        for command in of(where):
            keys = " ".join(f"`{key}`" for key in keys_of(command)) or "palette"
            lines.append(f"| {keys} | `{command.id}` | {command.help} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
