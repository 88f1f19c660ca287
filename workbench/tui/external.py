"""Other programs on a text: the app steps aside for $EDITOR or $PAGER, and goes on behind it (a run does not wait)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from workbench.errors import InputError

FALLBACKS = ("nano", "vim", "vi", "notepad")
AT_ONCE = 0.5
"""Seconds under which nobody has read what a pager showed: it only printed, as `more` does with what fits."""


class EditorError(InputError):
    """No editor could be used; the text is as it was."""


class NoWayAside(InputError):
    """The app can't step aside here: it is shown in a browser."""


def said(*names: str) -> list[str] | None:
    """The command that the first of these environment variables names. Raises `EditorError`."""
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            return words_of(value, f"${name}")
    return None


def words_of(command: str, whose: str) -> list[str]:
    """A command line as words. Raises `EditorError`."""
    try:
        import shlex

        return shlex.split(command)
    except ValueError as error:
        raise EditorError(f"{whose} can't be read: {error}") from error


def command() -> list[str]:
    """What $VISUAL or $EDITOR say, else an editor that is there. Raises `EditorError`."""
    words = said("VISUAL", "EDITOR")
    if words:
        return words
    found = next((path for path in map(shutil.which, FALLBACKS) if path), None)
    if found is None:
        raise EditorError("there is no editor", hint="Set $EDITOR, for example to vim.")
    return [found]


async def aside(app: App[Any], words: list[str], *, text: str | None = None, linger: bool = False) -> int:
    """Run a program in the terminal and wait for its end; returns its exit code. The app draws nothing until then, but
    its runs go on. `text`: what it reads; `linger`: what it printed and left stays until Enter. Raises `NoWayAside`,
    `OSError`."""
    data = None if text is None else text.encode("utf-8", errors="replace")
    try:
        with app.suspend(), app.batch_update(), _interrupts_are_theirs():
            began = time.monotonic()
            code = (await asyncio.to_thread(subprocess.run, words, input=data, check=False)).returncode
            if linger and time.monotonic() - began < AT_ONCE:
                await asyncio.to_thread(wait_for_enter)
    except SuspendNotSupported as error:
        raise NoWayAside("this terminal can't step aside for another program") from error
    return code


def wait_for_enter() -> None:
    """What was printed can be read."""
    if sys.__stdin__ is not None and sys.__stdout__ is not None:
        with suppress(OSError, ValueError):
            sys.__stdout__.write("\nEnter goes back ")
            sys.__stdout__.flush()
            sys.__stdin__.readline()


@contextmanager
def _interrupts_are_theirs() -> Iterator[None]:
    """Ctrl+C in the other program is not meant for the app, though the terminal tells both."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def edit(app: App[Any], text: str, suffix: str = ".yaml", *, hint: str = "F8 edits here.") -> str:
    """The text as the editor left it. Raises `EditorError`; then the text is as it was."""
    words = command()
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        file = _written(Path(folder), text, suffix)
        code = await _in_editor(app, [*words, str(file)], hint)
        try:
            changed = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise EditorError(f"what the editor saved can't be read: {error.strerror}") from error
    if code != 0:
        raise EditorError(f"{words[0]} ended with {code}; nothing is changed")
    return changed


async def look(app: App[Any], text: str, suffix: str = ".md") -> None:
    """A copy of the text in the editor, to be read or saved elsewhere; it can't be written to. Raises `EditorError`."""
    words = command()
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        file = _written(Path(folder), text, suffix)
        file.chmod(0o400)
        await _in_editor(app, [*words, str(file)], "F3 shows the text here.")


def _written(folder: Path, text: str, suffix: str) -> Path:
    file = folder / f"workbench{suffix}"
    file.write_text(text, encoding="utf-8", errors="replace")
    return file


async def _in_editor(app: App[Any], words: list[str], hint: str) -> int:
    try:
        return await aside(app, words)
    except NoWayAside as error:
        raise EditorError("this terminal can't step aside for an editor", hint=hint) from error
    except OSError as error:
        raise EditorError(f"{words[0]} can't be started: {error.strerror}", hint="Set $EDITOR.") from error
