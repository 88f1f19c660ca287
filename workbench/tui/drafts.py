"""The unsaved system survives a crash: it is written beside the ledger as it changes, and found at the next start."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from workbench.systems.nodes import System
from workbench.tui.newest import Newest


class Typed(msgspec.Struct, frozen=True):
    """What was typed in a dialog and applied nowhere. `at`: path of the node that it is about."""

    dialog: str
    at: str
    texts: dict[str, str]
    """By the box; the only box of a dialog has no name."""
    open: bool = True
    """Whether the dialog was open; else it was left with this, to be gone on with."""


class Draft(msgspec.Struct, frozen=True):
    """What was on a bench and not saved."""

    system: System
    kept: System | None = None
    """What the file or preset held that it came from."""
    yaml: str = ""
    """Text of the YAML view that was not taken over yet."""
    notation: str = ""
    """Text of the notation line that does not parse yet."""
    before: tuple[System, ...] = ()
    """What undo brings back, oldest first."""
    kept_before: tuple[System, ...] = ()
    """What the files of those hold."""
    typed: tuple[Typed, ...] = ()


def alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class Drafts:
    """One file for each app that is open, named by its process."""

    def __init__(self, folder: Path, *, pid: int | None = None, is_alive: Callable[[int], bool] = alive) -> None:
        self._folder, self._alive = folder, is_alive
        self._pid = os.getpid() if pid is None else pid
        self._newest = Newest[Draft | None](lambda draft: self.clear() if draft is None else self.write(draft))

    @property
    def file(self) -> Path:
        """Where this app's draft stands."""
        return self._folder / f"{self._pid}.json"

    def note(self, draft: Draft | None) -> None:
        """What is to be kept from now on; None where everything is saved."""
        self._newest.note(draft)

    def keep(self) -> None:
        """Write what was noted last, in whichever thread. Raises `OSError`."""
        self._newest.keep()

    def write(self, draft: Draft) -> None:
        """Keep it, in one step; a crash in the middle leaves the one before. Raises `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(draft))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)

    def clear(self) -> None:
        """Everything is saved. Raises `OSError`."""
        self.file.unlink(missing_ok=True)

    def take(self) -> Draft | None:
        """The newest draft that an app has left behind; it is this app's from now on. What can't be read stays."""
        for file in sorted(self._left(), key=_age):
            try:
                draft = msgspec.json.decode(file.read_bytes(), type=Draft)
            except (OSError, msgspec.DecodeError):
                continue
            with contextlib.suppress(OSError):
                file.replace(self.file)
            return draft
        return None

    def _left(self) -> list[Path]:
        try:
            found = list(self._folder.glob("*.json"))
        except OSError:
            return []
        return [file for file in found if file.stem.isdigit() and not self._is_open(int(file.stem))]

    def _is_open(self, pid: int) -> bool:
        return pid != self._pid and self._alive(pid)


def _age(file: Path) -> float:
    """Newest first."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0
