"""Files of lines: plain or compressed, pipes, standard input."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from stat import S_ISFIFO, S_ISREG
from typing import BinaryIO, cast

from workbench.errors import InputError

LARGEST = 256 * 2**20
"""Characters that are read of a task set, and of any stream."""
TEXT = "utf-8-sig"
"""UTF-8, perhaps behind a byte order mark."""


def lines(path: Path, *, whole: bool = True) -> Iterator[str]:
    """The lines of a text file, which may be compressed, or of a pipe. `whole`: of a file however long it is. Raises
    `OSError`, and `InputError` for more than `LARGEST`, for a device, which may have no end, and what else is
    neither."""
    kind = path.stat().st_mode
    if S_ISFIFO(kind):
        with path.open("rb") as pipe:
            yield from streamed(pipe, str(path))
    elif not S_ISREG(kind):
        raise InputError("is neither a file nor a pipe", where=str(path))
    else:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from streamed(cast("BinaryIO", file), str(path), whole=whole)


def streamed(stream: BinaryIO, where: str, *, whole: bool = False) -> Iterator[str]:
    """The lines of an open file, a pipe or standard input. Raises `InputError` where there is more than `LARGEST`, as
    there is of what does not end, unless the `whole` of it is wanted."""
    text, left = TextIOWrapper(stream, encoding=TEXT), LARGEST
    try:
        while line := text.readline(-1 if whole else left + 1):
            left -= len(line)
            if left < 0 and not whole:
                raise InputError("does not end", where=where, hint=f"The most that is read is {LARGEST:,} characters.")
            yield line
    finally:
        text.detach()  # the stream is the caller's
