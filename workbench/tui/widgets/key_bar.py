"""The bottom line: the keys that matter where the focus is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget

from workbench.tui import commands
from workbench.tui.commands import Command, Where
from workbench.tui.widgets.pane import line


class KeyBar(Widget):
    """Commands of the focused place, then those of its screen. A click does what the key does."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, keymap: Mapping[str, str], room: Where = "bench") -> None:
        super().__init__()
        self._keymap = keymap
        self._room = room
        self._where: Where = room
        self._spans: list[tuple[int, int, Command]] = []

    def on_mount(self) -> None:
        """Where one pane stands alone the way back is told."""
        self.watch(self.screen, "maximized", self._maximised)

    def _maximised(self) -> None:
        self.refresh()

    def show(self, where: Where) -> None:
        """The focus is there now."""
        if where != self._where:
            self._where = where
            self.refresh()

    def render(self) -> Content:
        """`^R run   Esc stop   …`, as many as fit."""
        self._spans.clear()
        room, drawn = self.content_size.width, Content("")
        for command in self._shown():
            keys = commands.keys_of(command, self._keymap)
            part = line((keys[0], "$brand"), (f" {command.title}", "$muted"))
            start = drawn.cell_length + (3 if drawn else 0)
            if keys and start + part.cell_length <= room:
                drawn = Content.assemble(drawn, "   " if drawn else "", part)
                self._spans.append((start, drawn.cell_length, command))
        return drawn

    def _shown(self) -> list[Command]:
        always = [c for c in (*commands.of(self._room), *commands.of("app")) if c.footer]
        own = [c for c in commands.of(self._where) if c.footer] if self._where not in (self._room, "app") else []
        if self.screen.maximized is not None:
            back = next(replace(c, title="all panes") for c in commands.of("bench") if c.id == "maximise")
            return [back, *own, *always]
        return [*always[:2], *own, *always[2:]]

    async def on_click(self, event: events.Click) -> None:
        """Run the command under the pointer."""
        padding = self.gutter.left
        for start, end, command in self._spans:
            if start <= event.x - padding < end:
                places: dict[Where, DOMNode] = {"app": self.app, self._room: self.screen}
                target = places.get(command.where, self.screen.focused or self.screen)
                await self.app.run_action(command.call, default_namespace=target)
