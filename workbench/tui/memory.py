"""What the app remembers from one time to the next: one small file, written in one step, never trusted."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from workbench.systems.nodes import System
from workbench.tui.lane_table import Sort
from workbench.tui.newest import Newest

VERSION = 1


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """How the app was left."""

    version: int = VERSION
    room: str = "bench"
    system: System | None = None
    """As it was saved or opened; what was not saved is a draft's business."""
    file: str = ""
    """Where it came from; what stands there now comes before `system`."""
    prompt: str | None = None
    instruction: str = ""
    values: dict[str, str] = {}
    tabs: tuple[str, ...] = ()
    """Ids of the runs in the tabs, in order; nothing where a tab was empty."""
    tab: int = 0
    """Index of the one that was shown."""
    sort: Sort = "replica"
    columns: bool = False
    search: str = ""
    """The Runs screen's search line."""
    compare: tuple[System, ...] = ()
    compare_prompt: str | None = None
    """What stood in the Compare screen's own box; None: the Bench's prompt."""
    compare_repeats: int = 1
    compare_together: bool = True
    theme: str = ""
    defaults: tuple[str, str, str] = ("", "", "")
    """System, prompt and theme of config.toml at the time: one that was changed since is meant to be seen."""
    seen: tuple[str, ...] = ()
    """Hints that are done with."""


class _Stamp(msgspec.Struct):
    version: int


class Memory:
    """The file. Several apps may be open; the last to write is the one that is gone on with."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._off = False
        """Whether something stands there that must not be written over."""
        self._newest = Newest(self.write)

    @property
    def aside(self) -> Path:
        """Where a file is kept that can't be read."""
        return self.file.with_suffix(".aside.json")

    def read(self) -> tuple[Left | None, str]:
        """(what was left, or None; why it can't be read). A file that can't be is kept aside."""
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return None, ""
        except OSError as error:
            self._off = True
            return None, f"Where you left off can't be read: {error.strerror}. This time nothing is remembered."
        try:
            if msgspec.json.decode(data, type=_Stamp).version > VERSION:
                why = "it is from a newer workbench"
            else:
                return msgspec.json.decode(data, type=Left), ""
        except (msgspec.DecodeError, RecursionError):
            why = "the file is damaged"
        try:
            self.file.replace(self.aside)
        except OSError:
            self._off = True
        kept = self.file if self._off else self.aside
        return None, f"Where you left off can't be read: {why}. It is kept as {kept}."

    def note(self, left: Left) -> None:
        """How things stand now."""
        self._newest.note(left)

    def keep(self) -> None:
        """Write what was noted last, in whichever thread. Raises `OSError`."""
        self._newest.keep()

    def write(self, left: Left) -> None:
        """Keep it; a crash in the middle leaves the one before. Raises `OSError`."""
        if self._off:
            return
        left = msgspec.structs.replace(left, seen=tuple(sorted({*left.seen, *self._seen()})))
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(f".{os.getpid()}.new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.encode(left))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.file)
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)

    def _seen(self) -> tuple[str, ...]:
        """Hints that another open app is done with."""
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=Left).seen
        except (OSError, msgspec.DecodeError, RecursionError):
            return ()
