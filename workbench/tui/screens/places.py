"""Which place of the command registry a widget is."""

from __future__ import annotations

from textual.widget import Widget

from workbench.tui.commands import Where


def where_of(widget: Widget | None) -> Where:
    """The place that a widget is, as its class says."""
    place: Where = getattr(widget, "PLACE", "bench")
    return place
