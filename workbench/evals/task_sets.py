"""Task sets: which prompts belong together, as a file says."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from workbench.errors import InputError

LARGEST = 256 * 2**20
"""Bytes of a file that is read whole; a task set is prompts, no results."""


class _Task(Struct, frozen=True):
    prompt: str | None = None


def prompts(path: Path) -> tuple[str, ...]:
    """The prompts of a JSONL file (gzip too), in its order, each once: `prompt` of each line's object, whatever else is
    there. Read anew only where the file has changed. Raises `InputError` that names file and line."""
    try:
        stat = path.stat()
    except (OSError, ValueError) as error:
        raise InputError("there is no such file of tasks", where=str(path)) from error
    if stat.st_size > LARGEST:
        raise InputError("is too large for a file of tasks", where=str(path))
    return _prompts(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _prompts(path: Path, changed: int, size: int) -> tuple[str, ...]:
    decode = msgspec.json.Decoder(_Task).decode
    found: dict[str, None] = {}
    try:
        for number, line in enumerate(lines(path), start=1):
            if not line.strip():
                continue
            try:
                task = decode(line)
            except (ValueError, RecursionError) as error:
                hint = 'A line is an object such as {"prompt": "What is 17 + 25?"}.'
                raise InputError(f"is no task: {error}", where=f"{path}:{number}", hint=hint) from error
            if task.prompt is not None:
                found[task.prompt] = None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"can't be read: {error}", where=str(path)) from error
    if not found:
        raise InputError("no line has a prompt", where=str(path))
    return tuple(found)


def lines(path: Path) -> Iterator[str]:
    """The lines of a text file, which may be compressed."""
    with (
        gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig") as file
    ):
        yield from file
