"""Every command of the app, once. Keys, key bar, palette, help and docs/keys.md all read this registry."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from textual.binding import Binding, BindingType

from workbench.tui.commands import (
    app,
    bench,
    columns,
    compare,
    detail,
    frontier,
    lab,
    lanes,
    models,
    notation,
    pager,
    prompt,
    runs,
    transport,
    tree,
    yaml,
)
from workbench.tui.commands.base import Command, Place, Where

__all__ = ["COMMANDS", "PLACES", "Command", "Place", "Where", "bindings", "key_name", "keys_of", "markdown", "of"]

PLACES: dict[Where, Place] = {
    "app": app.PLACE,
    "bench": bench.PLACE,
    "prompt": prompt.PLACE,
    "lanes": lanes.PLACE,
    "columns": columns.PLACE,
    "detail": detail.PLACE,
    "tree": tree.PLACE,
    "notation": notation.PLACE,
    "yaml": yaml.PLACE,
    "pager": pager.PLACE,
    "transport": transport.PLACE,
    "compare": compare.PLACE,
    "blind": compare.BLIND,
    "runs": runs.PLACE,
    "frontier": frontier.PLACE,
    "chart": frontier.CHART,
    "lab": lab.PLACE,
    "models": models.PLACE,
}
COMMANDS: tuple[Command, ...] = tuple(command for place in PLACES.values() for command in place.commands)

_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "question_mark": "?",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "delete": "Del",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "tab": "Tab",
    "space": "Space",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
}


def of(where: Where) -> list[Command]:
    """The commands of one place, in order."""
    return list(PLACES[where].commands)


def bindings(where: Where, only: Collection[str] | None = None) -> list[BindingType]:
    """The place's commands (those of these ids) as Textual bindings, remappable by id."""
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
        if command.keys and command.id != "focus_next" and (only is None or command.id in only)
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
        "Made from the command registry (`workbench/tui/commands/`); a test holds this page true. Every key can be",
        "remapped by its id in `config.toml`:",
        "",
        "```toml",
        "[keys]",
        'run = "f9"',
        'stop = "escape,ctrl+c"',
        "```",
    ]
    for where, place in PLACES.items():
        lines += ["", f"## {place.name}", ""]
        lines += [place.about, ""] if place.about else []
        lines += ["| key | id | what it does |", "|---|---|---|"]
        for command in of(where):
            keys = " ".join(f"`{key}`" for key in keys_of(command)) or "palette"
            lines.append(f"| {keys} | `{command.id}` | {command.help} |")
    return "\n".join(lines) + "\n"
