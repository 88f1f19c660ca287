"""What is gone from the screen is gone from memory."""

from __future__ import annotations

import gc
import weakref

from textual.app import App
from textual.color import Color
from textual.widget import Widget

from workbench.tui import garbage


class Lines:
    """As a widget's, with one that refers to itself."""

    def __init__(self, widget: Widget) -> None:
        self.drawn = widget._styles_cache
        self.itself = self


def drawn() -> tuple[weakref.ref[object], weakref.ref[object]]:
    """What a widget drew, and what refers to itself, of a widget that is gone."""
    lines = Lines(Widget())
    lines.drawn.get_inner_outer(Color(0, 0, 0), Color(1, 1, 1))
    return weakref.ref(lines.drawn), weakref.ref(lines)


async def test_a_widget_that_is_gone_leaves_no_drawn_lines_behind() -> None:
    app: App[None] = App()
    async with app.run_test():
        kept, round_about = drawn()
        gc.collect()
        assert round_about() is None
        assert kept() is not None, "Textual keeps it no more: `forget` can go"
        garbage.forget(busy=True)
        assert kept() is None


async def test_what_refers_to_itself_waits_until_nothing_is_busy() -> None:
    app: App[None] = App()
    async with app.run_test():
        gc.collect()
        gc.disable()
        try:
            _, round_about = drawn()
            gc.collect(0)  # as if it had lived on for a while
            _, later = drawn()
            garbage.forget(busy=True)
            assert later() is not None
            garbage.forget(busy=False)
            assert later() is None
        finally:
            gc.enable()
        assert round_about() is None
