"""What the screens beside the Bench share: the header, the keys, and where the session is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.worker import Worker

from workbench.errors import WorkbenchError
from workbench.tui.commands import Where
from workbench.tui.session import Session
from workbench.tui.widgets.header import HeaderBar
from workbench.tui.widgets.key_bar import KeyBar

T = TypeVar("T")


class Room(Screen[None]):
    """A screen that a number key leads to. Subclasses say what stands between header and keys."""

    ROOM: ClassVar[Where]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def body(self) -> ComposeResult:
        """What stands between header and keys."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Header, body, keys."""
        yield HeaderBar(self.ROOM)
        yield from self.body()
        yield KeyBar(self.session.services.config.keys, self.ROOM)

    def on_screen_resume(self) -> None:
        """The day's money may have changed while another screen was shown."""
        kinds = {info.kind for info in self.session.models()}
        self.query_one(HeaderBar).show(self.session.today(), next(iter(kinds)) if len(kinds) == 1 else "real")

    def spawn(self, group: str, work: Callable[[], Coroutine[None, None, None]], *, exclusive: bool = False) -> None:
        """Do it beside; `exclusive`: what the group does yet is not wanted any more."""
        _: Worker[None] = self.run_worker(work, group=group, exclusive=exclusive)

    async def ask(self, work: Callable[[], T]) -> T | None:
        """What work in a thread gives; None, and a toast, where it can't."""
        try:
            return await asyncio.to_thread(work)
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False, timeout=10)
            return None

    def place_of(self, event: events.DescendantFocus) -> Where:
        """The place that the focused widget is; its keys stand in the key bar."""
        return self.ROOM

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys below follow the focus."""
        self.query_one(KeyBar).show(self.place_of(event))
