"""The Frontier's chart: points picked by arrow keys and mouse, zoomed and moved, drawn line by line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.charts import plane, ticks
from workbench.charts.plane import Plane
from workbench.charts.spec import ChartSpec
from workbench.charts.ticks import Ruler
from workbench.charts.words import plain
from workbench.tui import commands
from workbench.tui.widgets.drawn import DrawnLines

ZOOM = 1.5
PAN = 0.2
"""Share of what is in sight."""
REACH = 6.0
"""Cells around a click in which a point is meant."""
_ASPECT = 2.0
"""A cell is about twice as high as wide."""


class Scatter(DrawnLines, Widget, can_focus=True):
    """Draws one chart. What is picked is told by messages; the screen may pick by `pick`."""

    ALLOW_SELECT: ClassVar[bool] = False
    STYLES: ClassVar[str] = "scatter"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"scatter--{name}" for name in plane.STYLES),
        *(f"scatter--series-{index}" for index in range(plane.SERIES)),
    }
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("chart")
    DEFAULT_CSS = """
    Scatter { height: 1fr; width: 1fr; background: $background; color: $foreground; }
    Scatter > .scatter--tick, Scatter > .scatter--title { color: $muted; }
    Scatter > .scatter--grid, Scatter > .scatter--band { color: $line; }
    Scatter > .scatter--dominated { color: $faint; }
    Scatter > .scatter--line { color: $state-answering; }
    Scatter > .scatter--frontier, Scatter > .scatter--series-2 { color: $state-won; }
    Scatter > .scatter--ambiguous, Scatter > .scatter--series-1 { color: $state-retrying; }
    Scatter > .scatter--plain { color: $foreground; }
    Scatter > .scatter--chosen { color: $foreground; text-style: bold; }
    Scatter > .scatter--series-0 { color: $state-answering; }
    Scatter > .scatter--series-3, Scatter > .scatter--theory { color: $state-thinking; }
    """

    @dataclass
    class Picked(Message):
        """Another point is chosen."""

        label: str

    @dataclass
    class Opened(Message):
        """What is behind the chosen point is wanted."""

        label: str

    def __init__(self) -> None:
        super().__init__()
        self._spec: ChartSpec | None = None
        self._chosen = ""
        self._view: tuple[Ruler, Ruler] | None = None
        self._laid: Plane | None = None

    @property
    def chosen(self) -> str:
        """Label of the chosen point, or nothing."""
        return self._chosen

    @property
    def laid(self) -> Plane | None:
        """What is drawn, at the size that the widget has."""
        size = self.size
        if self._spec is None or not size.width or not size.height:
            return None
        if self._laid is None or (self._laid.width, self._laid.height) != (size.width, size.height):
            self._laid = plane.lay(self._spec, size.width, size.height, chosen=self._chosen, view=self._view)
        return self._laid

    def show(self, spec: ChartSpec | None) -> None:
        """Draw this from now on. The choice stays where its point is still there; the view where the axes are."""
        before = self._spec
        if spec == before:
            return
        if before is None or spec is None or (before.x, before.y) != (spec.x, spec.y):
            self._view = None
        self._spec = spec
        if spec is None or all(point.label != self._chosen for point in spec.points):
            self._chosen = ""
        self._renew()

    def pick(self, label: str) -> None:
        """Choose a point, as a table beside the chart does; no message follows. One out of sight is brought there; a
        label that has no point takes the choice away."""
        spec = self._spec
        point = next((each for each in spec.points if each.label == label), None) if spec else None
        found = "" if point is None else label
        if found == self._chosen:
            return
        self._chosen = found
        self._renew()
        if found and self._view is not None and (laid := self.laid) is not None and label not in laid.spots:
            self.action_whole()

    def card(self, label: str) -> tuple[tuple[str, str], ...]:
        """What a hover card says of a point: its name, its values with intervals, its notes; all on one line each."""
        spec = self._spec
        point = next((each for each in spec.points if each.label == label), None) if spec else None
        if spec is None or point is None:
            return ()
        told = ticks.described(point, spec)
        return (("", plain(label)), *((plain(name), plain(text)) for name, text in told))

    def render_line(self, y: int) -> Strip:
        """One row of the drawing."""
        laid = self.laid
        if laid is None or y >= len(laid.lines):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strip((laid.lines[y],), laid.lines[y])

    def action_step(self, way: str) -> None:
        """To the nearest point in that direction."""
        laid = self.laid
        if laid is None or not laid.spots:
            return
        here = laid.spots.get(self._chosen)
        if here is None:
            self._pick(min(laid.spots, key=lambda label: laid.spots[label]))
            return
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[way]
        costs: dict[str, float] = {}
        for label, (column, row) in laid.spots.items():
            across, up = column - here[0], (row - here[1]) * _ASPECT
            ahead, aside = across * dx + up * dy, abs(across * dy) + abs(up * dx)
            if label != self._chosen and (ahead > 0 or self._behind(label, ahead, aside, way)):
                costs[label] = ahead + 2 * aside
        if costs:
            self._pick(min(costs, key=lambda label: (costs[label], label)))

    def _behind(self, label: str, ahead: float, aside: float, way: str) -> bool:
        """Of points in one cell, the order of their names tells which is reached by which arrow."""
        return ahead == aside == 0 and (label > self._chosen) == (way in ("right", "down"))

    def action_zoom(self, way: int) -> None:
        """In or out, around the chosen point or the middle."""
        laid = self.laid
        if laid is None or self._spec is None:
            return
        spot = laid.spots.get(self._chosen)
        middle = laid.at(*spot) if spot else (0.5, 0.5)
        half = (1 / ZOOM if way > 0 else ZOOM) / 2
        x, y = (each.between(at - half, at + half) for each, at in zip((laid.x, laid.y), middle, strict=True))
        self._view = x, y
        if way < 0 and self._wider():
            self._view = None
        self._renew()

    def _wider(self) -> bool:
        """Whether the view holds the whole chart."""
        if self._spec is None or self._view is None:
            return True
        whole = ticks.rulers(self._spec)
        return all(
            view.low <= all_.low and view.high >= all_.high for view, all_ in zip(self._view, whole, strict=True)
        )

    def action_pan(self, way: str) -> None:
        """Move what is in sight."""
        laid = self.laid
        if laid is None:
            return
        dx, dy = {"left": (-PAN, 0.0), "right": (PAN, 0.0), "up": (0.0, PAN), "down": (0.0, -PAN)}[way]
        self._view = laid.x.between(dx, 1 + dx), laid.y.between(dy, 1 + dy)
        self._renew()

    @property
    def zoomed(self) -> bool:
        """Whether a part of the chart is out of sight."""
        return self._view is not None

    def action_whole(self) -> None:
        """All of the chart."""
        self._view = None
        self._renew()

    def action_open(self) -> None:
        """Ask for what is behind the chosen point; with none, the key is the screen's."""
        if not self._chosen:
            raise SkipAction
        self.post_message(self.Opened(self._chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the point that is nearest; a second click opens it."""
        label = self.near(event.x, event.y)
        if label:
            self._pick(label)
            if event.chain > 1:
                self.post_message(self.Opened(label))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The card of the point under the mouse."""
        label = self.near(event.x, event.y, 2.0)
        told = "\n".join(f"{name}  {text}".strip() for name, text in self.card(label)) if label else ""
        self.tooltip = Content(told) if told else None

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """In."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Out."""
        event.stop()
        self.action_zoom(-1)

    def near(self, column: int, row: int, reach: float = REACH) -> str:
        """Label of the point that a cell means: its own or its label's, else the nearest in reach; or nothing."""
        laid = self.laid
        if laid is None:
            return ""
        for label, (left, top, cells) in laid.labelled.items():
            if row == top and left <= column < left + cells:
                return label

        def away(label: str) -> float:
            x, y = laid.spots[label]
            return math.hypot(column - x, (row - y) * _ASPECT)

        found = min(laid.spots, key=away, default="")
        return found if found and away(found) <= reach else ""

    def _pick(self, label: str) -> None:
        if label != self._chosen:
            self._chosen = label
            self._renew()
            self.post_message(self.Picked(label))

    def _renew(self) -> None:
        self._laid = None
        self.refresh()
