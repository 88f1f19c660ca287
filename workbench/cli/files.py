"""Files that commands write: whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from gzip import GzipFile
from io import TextIOWrapper
from pathlib import Path

from workbench.errors import InputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to. What it holds takes the place of `path` at the end, and is gone where the
    writing failed. Pipes and devices are written to as they are. Raises `InputError` where the system says no."""
    try:
        target = path.resolve()  # a link stays a link
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise InputError("is a folder", where=str(path), hint="Name a file in it.")
            yield target
            return
        draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            yield draft
            if target.exists():
                shutil.copymode(target, draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"can't be written: {error.strerror or error}", where=str(path)) from error


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """The pieces as one UTF-8 file, packed where its name ends in `.gz` (the same pieces are the same bytes). Raises
    `InputError`."""
    with whole(path) as draft, draft.open("wb") as file, ExitStack() as stack:
        packs = path.name.lower().endswith(".gz")
        binary = stack.enter_context(GzipFile("", "wb", fileobj=file, mtime=0)) if packs else file
        text = TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="")
        stack.enter_context(text).writelines(pieces)
