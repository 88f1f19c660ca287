"""The prompt of a run: an argument, a file, or standard input; exactly one of them."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.errors import InputError

STDIN = "-"
HOW = 'Give it as an argument ("…"), by --prompt-file FILE, or pipe it in.'


def read_prompt(argument: str | None, file: Path | None) -> str:
    """The prompt's text. `-` as either reads standard input, and so does a pipe when neither is given.

    Raises `InputError` where there are two, none, an empty one, or a file that can't be read.
    """
    if argument is not None and file is not None:
        raise InputError(
            "the prompt is given twice", where="--prompt-file", hint="Give it as an argument or as a file."
        )
    if argument is None and file is None and sys.stdin.isatty():
        raise InputError("there is no prompt", hint=HOW)
    text = _read(argument, file)
    if not text.strip():
        raise InputError("the prompt is empty", hint=HOW)
    return text


def _read(argument: str | None, file: Path | None) -> str:
    if argument not in (None, STDIN):
        assert argument is not None
        return argument
    if file is None or str(file) == STDIN:
        return _decode(sys.stdin.buffer.read(), "standard input")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}", where=str(file)) from error
    return _decode(data, str(file))


def _decode(data: bytes, where: str) -> str:
    """Bytes as UTF-8 (a byte order mark dropped, one newline at the end dropped, as an editor leaves it)."""
    try:
        return data.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text (byte {error.start})", where=where) from error
