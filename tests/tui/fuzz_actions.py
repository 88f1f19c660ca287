"""What a user who presses anything does: random actions from a seed, and their doing."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TypeAlias

from textual import events
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.keys import _character_to_key
from textual.pilot import OutOfBounds, Pilot

from workbench.tui import commands

Action: TypeAlias = tuple[str, ...]
"""A kind and its words: `("press", "ctrl+r")`, `("type", "race(")`, `("click", "0.25", "0.5", "2")`."""
TEXTS = (
    *("race(3*a/b)", "vote(2*a/b, sim/small@0.7)", "judge[a/b](2*a/b)", "$quick", "a/b", "7", "x", " ", ")", ",", "@1"),
    *(
        "root: race(",
        "name: other\nroot: a/b\n",
        "What is {name}?",
        "@notes.txt ",
        "⟦text 1⟧",
        "🦙 ß 漢字",
        "[b]red[/b]",
    ),
    *("long " * 5000, "mine", "out.md", "\x1b[31mred\x1b[0m", "a\tb\r\nc", "temperature: 0.3", "0.5", "-1", "1e99"),
)
EDITING = (
    *("left", "right", "up", "down", "home", "end", "pageup", "pagedown", "backspace", "delete", "enter", "escape"),
    *("tab", "shift+tab", "space", "shift+right", "shift+up", "ctrl+left", "ctrl+right", "ctrl+w", "ctrl+u", "ctrl+k"),
    *("ctrl+a", "ctrl+z", "ctrl+y", "ctrl+x", "ctrl+v", "ctrl+c", "alt+enter", "ctrl+j", "ctrl+end", "ctrl+home"),
)
PLACES: dict[str, tuple[str, ...]] = {
    "tree": ("alt+t",),
    "notation": ("f5",),
    "prompt": ("f2",),
    "lanes": ("alt+l",),
    "yaml": ("f8",),
    "instruction": ("f7",),
    "bench": ("escape", "alt+l", "1"),
    "compare": ("escape", "alt+l", "2"),
    "runs": ("escape", "alt+l", "3"),
    "frontier": ("escape", "alt+l", "4"),
    "lab": ("escape", "alt+l", "5"),
    "models": ("escape", "alt+l", "7"),
}
"""Where there is much to press, and the keys that lead there from most places."""
TYPED = ("notation", "prompt", "yaml", "instruction")
LEAVING = ("ctrl+q",)
"""Keys that end a session; the session ends as it is told."""


def actions(seed: int, count: int) -> list[Action]:
    """The same for the same seed."""
    chance = random.Random(seed)
    keys = sorted({key for command in commands.COMMANDS for key in command.keys.split(",") if key} - set(LEAVING))
    titles = sorted(command.title for command in commands.COMMANDS if command.palette and command.id != "quit")
    found: list[Action] = []
    while len(found) < count:
        found += _some(chance, keys, titles)
    return found[:count]


def _some(chance: random.Random, keys: list[str], titles: list[str]) -> list[Action]:
    """What a person does in one go."""
    at = f"{chance.random():.3f}", f"{chance.random():.3f}"
    match chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]:
        case "key":
            return [("press", chance.choice(keys))]
        case "burst":
            return [("burst", *chance.choices([*keys, *EDITING], k=chance.randint(2, 8)))]
        case "edit":
            return [("press", key) for key in chance.choices(EDITING, k=chance.randint(1, 4))]
        case "type":
            return [("type", chance.choice(TEXTS)[:12])]
        case "click":
            return [("click", *at, str(chance.choice((1, 1, 1, 2, 3))))]
        case "scroll":
            return [("scroll", *at, chance.choice(("up", "down")))]
        case "paste":
            return [("paste", chance.choice(TEXTS))]
        case "palette":
            return [("palette", chance.choice(titles))]
        case _:
            place = chance.choice(sorted(PLACES))
            own = [k for c in commands.COMMANDS if c.where == place for k in c.keys.split(",") if k]
            there = [("press", key) for key in chance.choices(own or list(EDITING), k=chance.randint(1, 5))]
            typed: list[Action] = [("type", chance.choice(TEXTS)[:30])] if place in TYPED else []
            return [*(("press", key) for key in PLACES[place]), *typed, *there]


_WEIGHTS = {
    "key": 30,
    "edit": 15,
    "burst": 6,
    "type": 8,
    "click": 18,
    "scroll": 3,
    "paste": 4,
    "palette": 4,
    "place": 18,
}
"""What is done, and how often."""


async def play(pilot: Pilot[int], action: Action) -> None:
    """One action, and what follows from it at once."""
    with suppress(OutOfBounds, NoWidget):  # a click may come to a screen that is not laid out yet
        await _do(pilot, action)


async def _do(pilot: Pilot[int], action: Action) -> None:
    match action:
        case ("press", key):
            await pilot.press(key)
        case ("type", text):
            await _type(pilot, text)
        case ("burst", *several):
            for key in several:
                pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await pilot.pause()
        case ("click", x, y, times):
            await pilot.click(offset=_at(pilot, x, y), times=int(times))
        case ("scroll", x, y, way):
            scroll = events.MouseScrollUp if way == "up" else events.MouseScrollDown
            await pilot._post_mouse_events([scroll], offset=_at(pilot, x, y))
        case ("paste", text):
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
        case ("palette", title):
            await pilot.press("ctrl+p")
            await _type(pilot, title)
            await pilot.press("enter")
        case _:
            raise AssertionError(f"unknown: {action}")


async def _type(pilot: Pilot[int], text: str) -> None:
    """Faster than the app draws."""
    for character in text:
        pilot.app.post_message(events.Key(_KEYS.get(character) or _character_to_key(character), character))
    await pilot.pause()


_KEYS = {" ": "space", "\n": "enter", "\t": "tab", "\r": "enter", "\x1b": "escape"}


def _at(pilot: Pilot[int], x: str, y: str) -> Offset:
    width, height = pilot.app.size
    return Offset(int(float(x) * width), int(float(y) * height))
