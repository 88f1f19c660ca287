"""Which writers live: each holds a lock on a small file beside the ledger as long as its process runs.

The system releases the lock when the process dies, however it dies, so the next start can tell whose runs were cut.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

_OLD_S = 3600


class Presence:
    """This process as a writer. `name` stands in `runs.writer`. Raises `OSError` where the folder can't be written."""

    def __init__(self, ledger: Path) -> None:
        from filelock import FileLock  # a reader needs none, and it brings asyncio

        self.name = secrets.token_hex(8)
        folder(ledger).mkdir(parents=True, exist_ok=True)
        self._path = folder(ledger) / f"{self.name}.lock"
        # Whichever thread closes the ledger lets it go.
        self._lock = FileLock(self._path, timeout=0, thread_local=False)
        self._lock.acquire()

    def leave(self) -> None:
        """This process writes no more."""
        self._lock.release()
        self._path.unlink(missing_ok=True)


def claim_dead(ledger: Path, name: str) -> BaseFileLock | None:
    """The lock of a writer that is gone, so that one process alone finishes its runs; None where it lives."""
    from filelock import FileLock, Timeout

    path = folder(ledger) / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def forgotten(ledger: Path) -> set[str]:
    """Names whose files are so old that no writer is just about to lock one: those of long runs, and of processes that
    died with no run open."""
    before = time.time() - _OLD_S
    return {file.stem for file in folder(ledger).glob("*.lock") if _made(file) < before}


def _made(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()


def bury(lock: BaseFileLock) -> None:
    """Let a claimed lock go, with its file."""
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink(missing_ok=True)


def folder(ledger: Path) -> Path:
    """Where the locks of a ledger's writers lie."""
    return ledger.with_name(ledger.name + ".writers")
