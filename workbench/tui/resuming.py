"""The app comes back as it was left: what is read at start, put on the screens, and kept as it changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs
from textual.css.query import NoMatches

from workbench.config import DefaultsConfig
from workbench.errors import WorkbenchError
from workbench.systems.nodes import System
from workbench.tui import theme
from workbench.tui.commands.base import ROOMS
from workbench.tui.memory import Left, Memory
from workbench.tui.one_run import Resting
from workbench.tui.screens.tabbing import Gaze
from workbench.tui.tabs import MOST
from workbench.tui.widgets import panes
from workbench.tui.widgets.prompt_box import PromptText

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.services import Store, Systems

SECONDS = 4.0
"""A crash loses at most so much."""


class Resuming:
    """`left` is what to come back to: nothing at the first start, with `fresh`, and where config says so; `asked`:
    a system or a run was named, which comes before the one that was left."""

    def __init__(
        self, memory: Memory | None, defaults: DefaultsConfig, *, fresh: bool = False, asked: bool = False
    ) -> None:
        self._memory, self._defaults = memory, defaults
        found, self.problem = memory.read() if memory is not None else (None, "")
        self.seen = set(found.seen) if found is not None else set()
        """Hints that are done with."""
        self.first_time = found is None
        wanted = found is not None and defaults.restore and not fresh
        self.left = _heeding(found, defaults) if found is not None and wanted else Left()
        if asked:
            self.left = structs.replace(self.left, room="bench", system=None, file="", tabs=())
        self._kept: Left | None = found
        self._open = False
        """Whether all is back; before that nothing is noted."""

    @property
    def remembers(self) -> bool:
        """Whether anything can be kept for the next time."""
        return self._memory is not None

    def system(self, systems: Systems) -> tuple[System | None, str]:
        """(the system that was on the bench, what names its file). The file comes first: it may have been worked on."""
        left = self.left
        if left.file:
            try:
                return systems.find(left.file), left.file
            except WorkbenchError as error:
                if Path(left.file).exists():  # who took the file away knows it
                    self.problem = f"{error}\nThe system is as you left it."
        return left.system, ""

    async def open(self, app: WorkbenchApp) -> None:
        """Put what was left on the Bench once that stands, and go to the screen; nothing is called."""
        if not app.bench.whole:
            app.call_after_refresh(self.open, app)
            return
        left = self.left
        app.bench.query_one(panes.Lanes).order(left.sort)
        if left.columns:
            app.bench.action_columns()
        await self._open_tabs(app)
        if left.room in {room for room, _ in ROOMS.values()} and left.room != app.current_mode:
            app.action_go(left.room)
        self._open = True
        await app.hints.start()

    async def _open_tabs(self, app: WorkbenchApp) -> None:
        """The runs that there still are, where they stood; only the one that is shown is read."""
        left, store = self.left, app.services.store
        runs = left.tabs[:MOST]
        if store is None or not any(runs):
            return
        found = await asyncio.to_thread(lambda: [_resting(store, run) for run in runs])
        gone = [bool(run) and resting is None for run, resting in zip(runs, found, strict=True)]
        there = [resting for resting, away in zip(found, gone, strict=True) if not away]
        if any(there):
            at = left.tab - sum(gone[: max(0, left.tab)])
            app.bench.bring_back(there, at, Gaze(sort=left.sort, columns=left.columns))

    def note(self, app: WorkbenchApp) -> Left:
        """How things stand now."""
        session, comparing, left = app.session, app.comparing, self.left
        kept, file = session.kept.of(session.system), session.kept.file(session.system)
        prompt, lanes = app.bench.query_one(PromptText), app.bench.query_one(panes.Lanes)
        return Left(
            room=app.current_mode,
            system=kept,
            file="" if file is None else str(file.absolute()),
            prompt=prompt.whole,
            instruction=session.wording.instruction,
            values=dict(session.wording.values),
            tabs=tuple(one.id for one in session.tabs.items),
            tab=session.tabs.at,
            sort=lanes.sort,
            columns=app.bench.has_class("-columns"),
            search=left.search if app.runs is None else app.runs.search,
            compare=tuple(lane.system for lane in comparing.lanes) or left.compare,
            compare_prompt=left.compare_prompt if app.compare is None else app.compare.written,
            compare_repeats=left.compare_repeats if app.compare is None else comparing.repeats,
            compare_together=left.compare_together if app.compare is None else comparing.together,
            theme="" if app.theme in (self._defaults.theme, theme.SIXTEEN) else app.theme,
            defaults=_said(self._defaults),
            seen=tuple(sorted(self.seen)),
        )

    def keep_now(self, app: WorkbenchApp) -> None:
        """Write what has changed since the last time; the app is being left."""
        if (left := self._changed(app)) is not None:
            self._note(left)
            self._write()

    async def keep(self, app: WorkbenchApp) -> None:
        """The same, the disk in a thread."""
        if (left := self._changed(app)) is not None:
            self._note(left)
            await asyncio.to_thread(self._write)

    def _changed(self, app: WorkbenchApp) -> Left | None:
        if self._memory is None or not self._open:
            return None
        try:
            left = self.note(app)
        except NoMatches:
            return None  # the panes are not there yet, or no more
        return left if left != self._kept else None

    def _note(self, left: Left) -> None:
        if self._memory is not None:
            self._memory.note(left)
            self._kept = left

    def _write(self) -> None:
        if self._memory is not None:
            try:
                self._memory.keep()
            except (OSError, msgspec.MsgspecError, UnicodeError):  # it is only a convenience
                self._kept = None  # the next time it is tried again


def _resting(store: Store, run: str) -> Resting | None:
    """What the ledger says of a run; None where it has it no more."""
    try:
        row = store.row(run) if run else None
    except WorkbenchError:
        return None
    return None if row is None else Resting(row.id, row.system, row.status)


def _said(defaults: DefaultsConfig) -> tuple[str, str, str]:
    return defaults.system, defaults.prompt, defaults.theme


def _heeding(left: Left, defaults: DefaultsConfig) -> Left:
    """Without what config.toml says otherwise since."""
    then, now = left.defaults, _said(defaults)
    if then[0] != now[0]:
        left = structs.replace(left, system=None, file="", tabs=())
    if then[1] != now[1]:
        left = structs.replace(left, prompt=None, compare_prompt=None)
    if then[2] != now[2]:
        left = structs.replace(left, theme="")
    return left
