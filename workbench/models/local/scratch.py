"""The folder in which one server saves its slots; what dead processes left is swept up by the next."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

from filelock import FileLock, Timeout

from workbench import paths

LOGS_KEPT = 10


class OwnFolder:
    """A new folder under the cache, ours as long as this process lives."""

    def __init__(self) -> None:
        root = paths.cache_dir() / "local"
        (root / "logs").mkdir(parents=True, exist_ok=True)
        (root / "slots").mkdir(parents=True, exist_ok=True)
        _sweep(root)
        self.path = root / "slots" / secrets.token_hex(8)
        self.log = root / "logs" / f"{self.path.name}.log"
        self._lock = FileLock(_lock_of(self.path), thread_local=False)
        self._lock.acquire()  # before the folder is there, so that nobody sweeps it up
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Delete it with what is in it. Idempotent."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        _lock_of(self.path).unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def _sweep(root: Path) -> None:
    """Delete folders whose owner is gone (the system freed its lock), and all logs but the newest."""
    for folder in (root / "slots").iterdir():
        if not folder.is_dir():
            continue
        with contextlib.suppress(Timeout, OSError), FileLock(_lock_of(folder), blocking=False):
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        logs = sorted((root / "logs").glob("*.log"), key=lambda log: log.stat().st_mtime)
        for log in logs[:-LOGS_KEPT]:
            log.unlink(missing_ok=True)
