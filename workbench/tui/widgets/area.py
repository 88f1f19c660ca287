"""The text box that all of ours are."""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import TextArea


class Area(TextArea):
    """Textual's, which ends the app where undo takes back more lines than the box shows: its scrollbar goes while the
    cursor still stands in a line that there is no more."""

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into sight; once it stands somewhere, which undo sees to last."""
        if self.cursor_location > self.document.end:
            return Offset(0, 0)
        return super().scroll_cursor_visible(center, animate)
