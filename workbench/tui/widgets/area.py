"""The text box that all of ours are."""

from __future__ import annotations

from textual import events
from textual.geometry import Offset
from textual.widgets import TextArea

from workbench.tui.text import clean


class Area(TextArea):
    """Textual's, which ends the app where undo takes back more lines than the box shows: its scrollbar goes while the
    cursor still stands in a line that there is no more. What is pasted is the same whoever pastes it, the terminal or
    Ctrl+V."""

    def pasted(self, text: str) -> str:
        """What is put in for a text that is pasted."""
        return clean(text)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into sight; once it stands somewhere, which undo sees to last."""
        if self.cursor_location > self.document.end:
            return Offset(0, 0)
        return super().scroll_cursor_visible(center, animate)

    def action_paste(self) -> None:
        """What was copied last in the app."""
        self._paste(self.app.clipboard)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()  # or the base class inserts it once more, as it came
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        """In place of what is selected."""
        if text and not self.read_only and (put := self._replace_via_keyboard(self.pasted(text), *self.selection)):
            self.move_cursor(put.end_location)
