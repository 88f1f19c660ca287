"""One command, and how keys are written. Keys, key bar, palette, help and docs/keys.md all read the registry."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Where: TypeAlias = Literal[
    "app",
    "bench",
    "prompt",
    "lanes",
    "columns",
    "detail",
    "tree",
    "notation",
    "compare",
    "blind",
    "runs",
    "frontier",
    "chart",
    "lab",
    "models",
    "transport",
    "yaml",
    "pager",
]
ROOMS = {
    "1": ("bench", "Bench"),
    "2": ("compare", "Compare"),
    "3": ("runs", "Runs"),
    "4": ("frontier", "Frontier"),
    "5": ("lab", "Lab"),
    "7": ("models", "Models"),
}
"""Number key → a screen's id and its name."""


class Place(msgspec.Struct, frozen=True):
    """Where commands work."""

    name: str
    about: str
    """What help says of it."""
    commands: tuple[Command, ...]


class Command(msgspec.Struct, frozen=True):
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
