"""The base of all panes that draw a Frame: redrawn only when what they would draw has changed."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from textual.content import Content
from textual.widget import Widget

from workbench.tui.reading import Frame

Part: TypeAlias = str | tuple[str, str] | Content


class Pane(Widget):
    """Draws `draw(frame, width)`."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._frame: Frame | None = None
        self._drawn = Content("")
        self._width = -1

    def show(self, frame: Frame) -> None:
        """Draw this from now on."""
        self._frame = frame
        width = self.content_size.width
        drawn = self.draw(frame, width)
        if not drawn.is_same(self._drawn) or width != self._width:
            grown = drawn.plain.count("\n") != self._drawn.plain.count("\n")
            self._drawn, self._width = drawn, width
            self.refresh(layout=grown and self.styles.is_auto_height)

    def draw(self, frame: Frame, width: int) -> Content:
        """The pane's content at a width in cells. Pure."""
        raise NotImplementedError

    def reading(self, width: int) -> str:
        """All that it says, laid out for so many cells."""
        return "" if self._frame is None else self.draw(self._frame, width).plain

    def render(self) -> Content:
        """What was drawn last, drawn again where the width has changed since."""
        width = self.content_size.width
        if self._frame is not None and width != self._width:
            self._drawn, self._width = self.draw(self._frame, width), width
        return self._drawn


def lines(*rows: Content) -> Content:
    """Rows, one under the other."""
    return Content("\n").join(rows)


def line(*parts: Part) -> Content:
    """Parts beside each other."""
    return Content.assemble(*parts)


def spread(left: Content, right: Content, width: int, *, keep_right: bool = False) -> Content:
    """Left and right at the two ends of a line; where there is no room the right end goes, or the left one is cut."""
    gap = width - left.cell_length - right.cell_length
    if keep_right and gap < 1:
        left = left.truncate(max(1, width - right.cell_length - 1), ellipsis=True)
        gap = width - left.cell_length - right.cell_length
    elif gap < 2 and not keep_right:
        return left.truncate(width, ellipsis=True)
    return Content.assemble(left, " " * gap, right)
