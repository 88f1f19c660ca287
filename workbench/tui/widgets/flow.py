"""Plain text that grows while it is shown: only what is new is wrapped, only lines in sight are drawn."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Static


class Wrapped:
    """Lines of a text at a width; where it only grew since the last time they are made from its last line on."""

    def __init__(self) -> None:
        self.lines: list[Content] = []
        self._plain, self._width = "", -1
        self._last, self._above = 0, 0
        """Where the lines begin that more text may change, and how many stand above them."""

    def lay(self, content: Content, width: int) -> list[Content]:
        """The text's lines at this width."""
        plain = content.plain
        if width == self._width and plain == self._plain:
            return self.lines
        kept = self._last if width == self._width and plain.startswith(self._plain) else 0
        self.lines[self._above if kept else 0 :] = content[kept:].wrap(width)
        self._last, self._above = self._settled(content, width)
        self._plain, self._width = plain, width
        return self.lines

    def _settled(self, content: Content, width: int) -> tuple[int, int]:
        """The last line may change; inside a word that is broken, all; where it is indented, or its last line begins
        with a space, all of it that was wrapped (a space is then laid otherwise)."""
        plain = content.plain
        start = plain.rfind("\n") + 1
        if plain[start : start + 1].isspace():
            return start, len(self.lines) - len(content[start:].wrap(width))
        tail = self.lines[-1].plain if self.lines else ""
        if tail[:1].isspace():
            return start, len(self.lines) - len(content[start:].wrap(width))
        last = len(plain) - len(tail) if tail and plain.endswith(tail) else 0
        return (last, len(self.lines) - 1) if plain[last - 1 : last].isspace() else (0, 0)


class Flow(Static):
    """A Static; what is shown as growing is wrapped and drawn by the line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._streamed: Content | None = None
        self._wrapped = Wrapped()

    def show(self, content: Content, *, grows: bool) -> None:
        """Draw this from now on; `grows`: more of it is to come."""
        width = self.content_size.width
        if not grows or width < 1:
            self._streamed, self._wrapped = None, Wrapped()
            self.update(content)
            return
        before = len(self._wrapped.lines) if self._streamed is not None else -1
        self._streamed = content
        # Laying the whole screen out anew takes longer than drawing it: only where there is a line more or less.
        self.update(content, layout=len(self._wrapped.lay(content, width)) != before)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at a width."""
        if self._streamed is None or width < 1:
            return super().get_content_height(container, viewport, width)
        return len(self._wrapped.lay(self._streamed, width))

    def render_line(self, y: int) -> Strip:
        """One line."""
        width = self.content_size.width
        if self._streamed is None or width < 1:
            return super().render_line(y)
        lines = self._wrapped.lay(self._streamed, width)
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        return Visual.to_strips(self, lines[y], width, 1, self.visual_style, pad=True)[0]
