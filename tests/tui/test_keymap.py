"""Keys of config.toml that mean nothing are told, the others are used."""

from __future__ import annotations

import pytest

from workbench.tui.commands import COMMANDS
from workbench.tui.keymap import is_key, usable


def test_every_default_key_is_one() -> None:
    assert [key for command in COMMANDS for key in filter(None, command.keys.split(",")) if not is_key(key)] == []


@pytest.mark.parametrize("key", ["ctrl+shift+f5", "x", "?", "question_mark", "alt+enter", "+", "ctrl+x"])
def test_keys(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "ctrl+", "strg+r", "ctrl+nope", "control r", "f99"])
def test_what_is_no_key(key: str) -> None:
    assert not is_key(key)


def test_the_good_ones_are_used_and_the_others_told() -> None:
    good, problems = usable({"run": "ctrl+g, f6", "stpo": "x", "help": "ctrl+nope"})
    assert good == {"run": "ctrl+g, f6"}
    assert "'stpo'" in problems[0]
    assert "did you mean stop?" in problems[0]
    assert "keys.help: 'ctrl+nope' is no key" in problems[1]
