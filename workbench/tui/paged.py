"""Text on a screen that a pager or $EDITOR may take: each screen says which."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias, runtime_checkable

import msgspec

Editable: TypeAlias = Literal["prompt", "system", "yaml", "copy"]
WIDTH = 100
"""Cells that tables are laid out for, at most."""
BESIDE = 4
"""Cells of a terminal that a pager has no text in."""


def width_in(terminal: int) -> int:
    """Cells that text is laid out for in a terminal so wide."""
    return max(2 * BESIDE, min(WIDTH, terminal - BESIDE))


class Shown(msgspec.Struct, frozen=True):
    """The focused pane's text, and what may be done with it."""

    title: str
    text: str
    editable: Editable = "copy"


@runtime_checkable
class Paged(Protocol):
    """A screen that has text to read."""

    def paged(self) -> Shown | None:
        """What the focused pane says."""
