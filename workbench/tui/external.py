"""$EDITOR on a text: the app steps aside, the text comes back as it was saved."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from workbench.errors import InputError

FALLBACKS = ("nano", "vim", "vi", "notepad")


class EditorError(InputError):
    """No editor could be used; the text is as it was."""


def command() -> list[str]:
    """What $VISUAL or $EDITOR say, else an editor that is there. Raises `EditorError`."""
    for name in ("VISUAL", "EDITOR"):
        said = os.environ.get(name, "").strip()
        if said:
            try:
                return shlex.split(said)
            except ValueError as error:
                raise EditorError(f"${name} can't be read: {error}") from error
    found = next((path for path in map(shutil.which, FALLBACKS) if path), None)
    if found is None:
        raise EditorError("there is no editor", hint="Set $EDITOR, for example to vim.")
    return [found]


def edit(app: App[Any], text: str, suffix: str = ".yaml") -> str:
    """The text as the editor left it. Raises `EditorError`; then the text is as it was."""
    words = command()
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        file = Path(folder) / f"system{suffix}"
        file.write_text(text, encoding="utf-8", errors="replace")
        try:
            with app.suspend():
                code = subprocess.run([*words, str(file)], check=False).returncode
        except SuspendNotSupported as error:
            raise EditorError("this terminal can't step aside for an editor", hint="F8 edits here.") from error
        except OSError as error:
            raise EditorError(f"{words[0]} can't be started: {error.strerror}", hint="Set $EDITOR.") from error
        try:
            changed = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise EditorError(f"what the editor saved can't be read: {error.strerror}") from error
    if code != 0:
        raise EditorError(f"{words[0]} ended with {code}; nothing is changed")
    return changed
