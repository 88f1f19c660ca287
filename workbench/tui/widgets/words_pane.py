"""A pane of words laid out at its own width."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from workbench.tui.widgets.pane import line, lines


class WordsPane(Widget):
    """Draws `draw(width)`; as high as that is."""

    ALLOW_SELECT: ClassVar[bool] = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw: Callable[[int], Content] = lambda width: Content("")
        self._made: tuple[int, Content] = (-1, Content(""))

    def show(self, draw: Callable[[int], Content]) -> None:
        """Draw this from now on."""
        before = self._made[1].plain.count("\n")
        self._draw, width = draw, self.content_size.width
        self._made = (width, draw(width)) if width else (-1, Content(""))
        self.refresh(layout=not width or self._made[1].plain.count("\n") != before)

    def at(self, width: int) -> Content:
        """What it says at a width."""
        if self._made[0] != width:
            self._made = (width, self._draw(width))
        return self._made[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Its lines."""
        return self.at(width).plain.count("\n") + 1

    def render(self) -> Content:
        """The words; where there is no room for all of them, the last line says so."""
        words, (width, height) = self.at(self.content_size.width), self.content_size
        if not 0 < height <= words.plain.count("\n"):
            return words
        more = line(("… ", "$muted"), ("F3", "$brand"), (" shows all", "$muted"))
        return lines(*words.split("\n")[: height - 1], more.truncate(width))
