"""Which place of the command registry a widget is."""

from __future__ import annotations

from textual.widget import Widget

from workbench.tui.commands import Where
from workbench.tui.widgets.columns import LaneColumns
from workbench.tui.widgets.focus import Detail
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.transport import TransportBar


def where_of(widget: Widget | None) -> Where:
    """The place that a widget is."""
    places: dict[type[Widget | None], Where] = {
        PromptText: "prompt",
        Lanes: "lanes",
        LaneColumns: "columns",
        Detail: "detail",
        SystemTree: "tree",
        NotationText: "notation",
        TransportBar: "transport",
    }
    told: Where = getattr(widget, "PLACE", "bench")
    return places.get(type(widget), told)
