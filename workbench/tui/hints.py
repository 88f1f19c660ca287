"""The tour of the first starts: three hints at most, one line each, one at a time. They take no focus and no key but
the one that hides them, and what was seen never comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from textual.command import CommandPalette
from textual.timer import Timer

from workbench.errors import WorkbenchError
from workbench.tui import commands
from workbench.tui.commands.base import ROOMS
from workbench.tui.screens import dialogs
from workbench.tui.widgets import panes
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.pane import Part

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

Hint: TypeAlias = Literal["run", "read", "more"]
ALL: tuple[Hint, ...] = get_args(Hint)
EVERY = 0.5
"""Seconds between two looks at whether the user did the thing; none once all is seen."""
LONGEST, READ = 120.0, 15.0
"""Seconds after which a hint was seen; and after which it was where the app is left."""


class Hints:
    """Which hint stands above the keys."""

    def __init__(self, app: WorkbenchApp) -> None:
        self._app = app
        self._seen = app.resuming.seen
        self._shown: Hint | None = None
        self._since = 0
        self._timer: Timer | None = None

    @cached_property
    def _line(self) -> panes.HintLine:
        return panes.HintLine()

    @property
    def shown(self) -> Hint | None:
        """The one that is to be read now."""
        return self._shown

    async def start(self) -> None:
        """Begin the tour where it was not seen yet."""
        app = self._app
        if not app.services.config.defaults.hints or not app.resuming.remembers or self._seen.issuperset(ALL):
            return
        if app.resuming.first_time and await asyncio.to_thread(_has_runs, app):
            self._seen.update(ALL)  # the file is new, the user is not
            return
        if app._exit or not app.bench.is_attached:
            return  # it was left while the ledger was read
        await app.bench.mount(self._line, before=app.bench.query_one(KeyBar))
        if not self._line.is_running:
            return  # or while it was mounted
        app.screen_change_signal.subscribe(self._line, lambda screen: self.look(), immediate=True)
        self._timer = app.set_interval(EVERY, self.look)
        self.look()

    def look(self) -> None:
        """Take a hint away that is done with; show the next one when its time has come."""
        if self._timer is None or not self._line.is_attached:
            return
        self._seen.update(self._done())
        if self._shown is not None and self._for() >= LONGEST:
            self._seen.add(self._shown)
        now = self._due()
        if now != self._shown:
            self._shown, self._since = now, self._app.services.now()
            self._line.show(told(now, self._app.services.config.keys) if now is not None else None)
        if self._seen.issuperset(ALL):
            self._timer.stop()
            self._timer = None
            self._app.call_later(self._app.resuming.keep, self._app)

    def hide(self) -> None:
        """The user has read it."""
        if self._shown is not None:
            self._seen.add(self._shown)
            self.look()

    def leave(self) -> None:
        """The app is being left: what stood there long enough was seen."""
        if self._shown is not None and self._for() >= READ:
            self._seen.add(self._shown)

    def _for(self) -> float:
        return (self._app.services.now() - self._since) / 1e9

    def _due(self) -> Hint | None:
        """The first that is not seen, once what it tells of is on the screen."""
        hint = next((one for one in ALL if one not in self._seen), None)
        view = self._app.session.view
        return None if hint == "read" and not (view.finished and view.calls) else hint

    def _done(self) -> Iterator[Hint]:
        """What the user has done by now."""
        app = self._app
        if app.session.view.id:
            yield "run"
        if app.session.view.finished and isinstance(app.bench.focused, panes.Detail):
            yield "read"
        if isinstance(app.screen, CommandPalette | dialogs.Help) or app.current_mode != app.DEFAULT_MODE:
            yield "more"


def told(hint: Hint, keymap: Mapping[str, str]) -> list[Part]:
    """The hint's line, with the keys as they are."""

    def key(command: str) -> Part:
        found = next(one for one in commands.COMMANDS if one.id == command)
        return next(iter(commands.keys_of(found, keymap)), found.title), "$brand"

    says: dict[Hint, Callable[[], list[Part]]] = {
        "run": lambda: [key("submit"), " runs the prompt; every call gets a line of its own."],
        "read": lambda: [
            ("⚑", "$state-won"), " came first; the verdict says why. ", key("focus_lanes"), " and ", key("focus_lane"),
            " read a call.",
        ],
        "more": lambda: [
            key("palette"), " finds any command, ", key("help"), " explains a pane, ",
            (f"{min(ROOMS)}–{max(ROOMS)}", "$brand"), " are the screens.",
        ],
    }  # fmt: skip
    return [part if not isinstance(part, str) else (part, "$muted") for part in says[hint]()] + [
        ("   ", ""), key("hide_hint"), (" hides", "$muted"),
    ]  # fmt: skip


def _has_runs(app: WorkbenchApp) -> bool:
    store = app.services.store
    if store is None:
        return False
    from workbench.ledger.queries import RunQuery

    try:
        return store.count(RunQuery()) > 0
    except WorkbenchError:
        return False
