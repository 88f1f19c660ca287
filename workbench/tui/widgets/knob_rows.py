"""The Lab's knobs, one line each: numbers as sliders, words in turn. Arrows and mouse turn them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.lab_knobs import Knob, Knobs, place, spelt
from workbench.tui.text import Cells, fit, one_line
from workbench.tui.widgets.drawn import DrawnLines

NAME, VALUE = 17, 5
"""Cells of a knob's name, and of a number."""


class KnobRows(DrawnLines, Widget, can_focus=True, inherit_bindings=False):
    """Draws the knobs as they stand; the screen turns them."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "knobs"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"knobs--{name}" for name in ("muted", "strong", "bar", "rest", "brand", "cursor", "cursor-blurred")
    }

    @dataclass
    class Pointed(Message):
        """Another knob is meant."""

        row: int

    @dataclass
    class Placed(Message):
        """A place on the slider was clicked or dragged to; `share` of the way, None where words are to go on."""

        row: int
        share: float | None

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[Knob] = ()
        self._knobs = Knobs()
        self._row = 0
        self._held: int | None = None

    def show(self, found: Sequence[Knob], knobs: Knobs, row: int) -> None:
        """Draw this from now on."""
        grown = len(found) != len(self._found)
        self._found, self._knobs, self._row = found, knobs, row
        self.refresh(layout=grown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line each."""
        return max(1, len(self._found))

    def render_line(self, y: int) -> Strip:
        """A knob."""
        if y >= len(self._found):
            return Strip.blank(self.size.width, self.rich_style)
        knob, under = self._found[y], ""
        if y == self._row:
            under = "cursor" if self.has_focus else "cursor-blurred"
        key = (knob.words, spelt(self._knobs, knob), place(self._knobs, knob), len(knob.stops), y == self._row)
        return self._strip(key, lambda: self._cells(knob, here=y == self._row), under)

    def _cells(self, knob: Knob, *, here: bool) -> Cells:
        name = (f" {fit(knob.words, NAME - 1)}", "strong" if here else "muted")
        value, room = one_line(spelt(self._knobs, knob)), self._bar
        if not knob.sliding:
            left, right = ("◂ ", " ▸") if here else ("  ", "  ")
            return (name, (left, "brand"), (fit(value, max(1, room + VALUE - 3)).rstrip(), ""), (right, "brand"))
        at = round(place(self._knobs, knob) / max(1, len(knob.stops) - 1) * (room - 1))
        return (
            name,
            ("━" * at, "bar"),
            ("●", "brand"),
            ("─" * (room - 1 - at), "rest"),
            (value.rjust(VALUE), ""),
        )

    @property
    def _bar(self) -> int:
        return max(4, self.size.width - NAME - VALUE - 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Point, and take hold of the slider."""
        if 0 <= event.y < len(self._found):
            self._held = event.y
            self.capture_mouse()
            self.post_message(self.Pointed(event.y))
            self._to(event.y, event.x, clicked=True)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The slider follows while it is held."""
        if self._held is not None and self._held < len(self._found):
            self._to(self._held, event.x, clicked=False)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        self._held = None
        self.release_mouse()

    def _to(self, row: int, x: int, *, clicked: bool) -> None:
        x -= NAME
        if self._found[row].sliding and (0 <= x < self._bar + 1 or not clicked):
            self.post_message(self.Placed(row, x / max(1, self._bar - 1)))
        elif clicked and x >= 0:
            self.post_message(self.Placed(row, None))
