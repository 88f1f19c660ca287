"""The command palette, and its source: every command that works on this screen, and the themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import ModalScreen

from workbench.tui.commands import COMMANDS, Command
from workbench.tui.commands.base import ROOMS
from workbench.tui.text import one_line

SCREENS = {room for room, _ in ROOMS.values()}


class Palette(CommandPalette):
    """Textual's, but for Enter that comes twice before it has gone: once is what was meant."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette")

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave; what was chosen is done after that."""
        if self in self.app.screen_stack:
            return super().dismiss(result)
        self._selected_command = DiscoveryHit("", lambda: None)
        return AwaitComplete()


class Commands(Provider):
    """Commands by name, with their help."""

    async def discover(self) -> Hits:
        """All, before anything is typed."""
        for title, help_text, run in self._all():
            yield DiscoveryHit(Content(title), run, text=title, help=help_text)

    async def search(self, query: str) -> Hits:
        """Those that fit."""
        matcher = self.matcher(query)
        for title, help_text, run in self._all():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, Content.from_text(title, markup=False), run, text=title, help=help_text)

    def _all(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        for command in COMMANDS:
            home = self.app if command.where == "app" else self.screen
            if command.palette and self._is_here(command):
                yield command.title, command.help, partial(self.app.run_action, command.call, home)
        for name in sorted(self.app.available_themes):
            yield f"theme: {one_line(name)}", "Use this theme.", partial(setattr, self.app, "theme", name)

    def _is_here(self, command: Command) -> bool:
        """Whether this screen can do it. A dialog or another screen may have an action of the same name that does
        something else."""
        if command.where == "app":
            return True
        if command.where in SCREENS and command.where != self.app.current_mode:
            return False
        if isinstance(self.screen, ModalScreen) and getattr(self.screen, "ROOM", None) != command.where:
            return False
        return hasattr(self.screen, f"action_{command.call.removeprefix('screen.').partition('(')[0]}")
