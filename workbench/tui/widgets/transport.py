"""The transport bar: where a replay stands, how fast it goes, and a line to click on."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from workbench.tui import commands, figures
from workbench.tui.transport import Player
from workbench.tui.widgets.pane import line

PLAYS, PAUSED, ENDED = ("▶", "plays", "$state-answering"), ("‖", "paused", "$state-waiting"), ("■", "end", "$muted")


class TransportBar(Widget, can_focus=True):
    """One line, there only while a past run is shown."""

    ALLOW_SELECT: ClassVar[bool] = False
    PLACE: ClassVar[commands.Where] = "transport"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("transport")

    class Sought(Message):
        """A moment was clicked: its share of the run."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._drawn = Content("")
        self._player: Player | None = None
        self._track = (0, 0)

    def show(self, player: Player | None) -> None:
        """Draw this from now on; None: no past run is shown."""
        self._player = player
        self.display = player is not None
        drawn = self._line(self.content_size.width)
        if not drawn.is_same(self._drawn):
            self._drawn = drawn
            self.refresh()

    def render(self) -> Content:
        """`▶ plays   3.2 s ━━━━●──── 8.1 s   1×`."""
        self._drawn = self._line(self.content_size.width)
        return self._drawn

    def _line(self, width: int) -> Content:
        player = self._player
        if player is None or width < 1:
            return Content("")
        glyph, word, style = ENDED if player.at_end else PAUSED if player.paused else PLAYS
        here, whole = figures.seconds(player.position), figures.seconds(player.reel.duration)
        head = line((glyph, style), (f" {word:<6}  ", style), (here.rjust(max(6, len(whole))), "bold"), "  ")
        tail = line(("  " + whole, "$muted"), ("   ", ""), (speed(player.speed).rjust(5), "$brand"))
        room = width - head.cell_length - tail.cell_length
        if room < 4:
            return Content.assemble(head, tail).truncate(width, ellipsis=True)
        self._track = (head.cell_length, room)
        share = player.position / player.reel.duration if player.reel.duration else 1.0
        at = min(room - 1, round(share * (room - 1)))
        mark = "$brand" if self.has_focus else "$foreground"
        return Content.assemble(head, ("━" * at, "$muted"), ("●", mark), ("─" * (room - 1 - at), "$line"), tail)

    def on_focus(self) -> None:
        """The mark is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The mark is drawn weaker."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """To the moment under the pointer."""
        start, room = self._track
        x = event.x - self.gutter.left - start
        if room > 1 and 0 <= x < room:
            self.post_message(self.Sought(x / (room - 1)))


def speed(value: float) -> str:
    """0.25 → `0.25×`, 4.0 → `4×`."""
    return f"{value:g}×"
