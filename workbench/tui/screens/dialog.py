"""Dialogs that text is typed in: whether something would be lost with one."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen


@runtime_checkable
class Typed(Protocol):
    """A dialog that text is typed in."""

    @property
    def unapplied(self) -> bool:
        """Whether text was typed that is nowhere else yet."""
        ...


def unapplied(screen: Screen[Any]) -> bool:
    """Whether text would be lost with this screen."""
    return isinstance(screen, Typed) and screen.unapplied
