"""Task sets: which prompts belong together, as a file says."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

import msgspec
from msgspec import Struct

from workbench.errors import InputError
from workbench.evals.lines import lines


class _Task(Struct, frozen=True):
    prompt: str | None = None


def prompts(path: Path) -> tuple[str, ...]:
    """The prompts of a JSONL file (gzip too), in its order, each once: `prompt` of each line's object, whatever else is
    there. Read anew only where the file has changed. Raises `InputError` that names file and line."""
    try:
        stat = path.stat()
    except (OSError, ValueError) as error:
        raise InputError("there is no such file of tasks", where=str(path)) from error
    if not S_ISREG(stat.st_mode):
        return prompts_of(lines(path), str(path))
    found = _found(path, stat.st_mtime_ns, stat.st_size)
    if isinstance(found, InputError):
        raise found
    return found


@lru_cache(maxsize=4)
def _found(path: Path, changed: int, size: int) -> tuple[str, ...] | InputError:
    """What is wrong is known too until the file changes: it is asked for again with each key that is typed."""
    try:
        return prompts_of(lines(path, whole=False), str(path))
    except InputError as error:
        return error


def prompts_of(rows: Iterable[str], where: str) -> tuple[str, ...]:
    """The same of lines that come from `where`."""
    decode = msgspec.json.Decoder(_Task).decode
    found: dict[str, None] = {}
    try:
        for number, line in enumerate(rows, start=1):
            if not line.strip():
                continue
            try:
                task = decode(line)
            except (ValueError, RecursionError) as error:
                hint = 'A line is an object such as {"prompt": "What is 17 + 25?"}.'
                raise InputError(f"is no task: {error}", where=f"{where}:{number}", hint=hint) from error
            if task.prompt is not None:
                found[task.prompt] = None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"can't be read: {error}", where=where) from error
    if not found:
        raise InputError("no line has a prompt", where=where)
    return tuple(found)
