"""The base of widgets that draw line by line: styles and finished lines are kept until the theme changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.text import Cells

if TYPE_CHECKING:
    _Base = Widget
else:
    # Textual takes CSS and bindings from the first base that is a widget; that must be the one mixed into.
    _Base = object

KEPT = 256
"""Lines: several screens full. Each is some kilobytes, with all that Textual remembers of it."""


class DrawnLines(_Base):
    """Stands before the widget it is mixed into. `STYLES` is what the widget's component classes begin with: `lanes`
    for `lanes--muted`."""

    STYLES: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._lines: LRUCache[tuple[object, ...], Strip] = LRUCache(KEPT)
        self._styles: dict[str, Style] = {}

    def _strip(self, key: tuple[object, ...], cells: Cells | Callable[[], Cells], under: str = "") -> Strip:
        """A line over the style `under`, as wide as the widget; drawn once for each key, style and width."""
        width = self.size.width
        whole = (*key, width, under)
        strip = self._lines.get(whole)
        if strip is None:
            base = self.rich_style + (self._style(under) if under else Style.null())
            made = cells() if callable(cells) else cells
            segments = [Segment(text, base + self._style(name) if name else base) for text, name in made if text]
            strip = self._lines[whole] = Strip(segments).adjust_cell_length(width, base)
        return strip

    def _style(self, name: str) -> Style:
        """The component style of that name."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(f"{self.STYLES}--{name}", partial=True)
        return style

    def notify_style_update(self) -> None:
        """A theme was switched: what was drawn in the old one is void."""
        super().notify_style_update()
        self._lines.clear()
        self._styles.clear()

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn weaker."""
        self.refresh()
