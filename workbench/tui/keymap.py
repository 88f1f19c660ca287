"""The keys of config.toml: those that mean something, and a sentence for each that does not."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from workbench.tui.commands import COMMANDS

MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED = frozenset(key.value for key in Keys if not key.value.startswith("<")) | set(KEY_NAME_REPLACEMENTS.values())


def usable(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """(the entries that can be used, what is wrong with the others)."""
    known = [command.id for command in COMMANDS]
    good: dict[str, str] = {}
    problems: list[str] = []
    for command, given in keys.items():
        if command not in known:
            near = difflib.get_close_matches(command, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            problems.append(f"config.toml: [keys] names the command {command!r}, which does not exist; {hint}")
        elif bad := [key for key in given.split(",") if not is_key(key.strip())]:
            problems.append(
                f"config.toml: keys.{command}: {bad[0]!r} is no key; write for example ctrl+r, f5 or escape"
            )
        else:
            good[command] = given
    return good, problems


def is_key(key: str) -> bool:
    """Whether a terminal can send it, as Textual spells it: `ctrl+r`, `f1`, `question_mark`, `x`."""
    if key in _NAMED or len(key) == 1:
        return True
    *modifiers, last = key.split("+")
    if not MODIFIERS.issuperset(modifiers):
        return False
    return last in _NAMED or len(last) == 1 or (bool(last) and key_to_character(last) is not None)
