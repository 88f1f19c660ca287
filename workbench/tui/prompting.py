"""What a prompt becomes before it is sent: `{name}` is filled in, `@path` brings a file's text, and what was asked
before comes back. Reads files only where it says so."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from workbench.errors import InputError
from workbench.paths import typed as typed_path
from workbench.tui.text import one_line

MOST_BYTES = 2_000_000
"""Of one file; no model reads more at once."""
MOST_FOUND = 200
_PARTS = re.compile(
    r"\{\{(?P<kept>[A-Za-z_]\w*)\}\}|\{(?P<name>[A-Za-z_]\w*)\}"
    r'|(?<!\S)@(?P<at>@\S)|(?<!\S)@(?:"(?P<quoted>[^"\n]+)"|(?P<path>[^\s"@]\S*))'
)
_TYPING = re.compile(r'(?<!\S)@(?:"([^"\n]*)|([^\s"@]\S*)?)$')
_AFTER = ".,;:!?)]}'"
"""What may stand right behind a path without being part of it."""


class Attached(msgspec.Struct, frozen=True):
    """A file that a prompt names, and its size or what is wrong with it."""

    path: str
    size: int = 0
    problem: str = ""


def variables(text: str) -> list[str]:
    """The names in `{…}`, each once, in order. `{{name}}` stands for itself."""
    return list(dict.fromkeys(found["name"] for found in _PARTS.finditer(text) if found["name"]))


def paths(text: str) -> list[str]:
    """The files that `@…` names, each once, in order."""
    found = (_split(match)[0] for match in _PARTS.finditer(text) if match["quoted"] or match["path"])
    return list(dict.fromkeys(found))


def look(text: str) -> list[Attached]:
    """The files of a prompt and whether they can be read. Touches the disk: to be called in a thread."""
    return [_look(path) for path in paths(text)]


def compose(text: str, values: Mapping[str, str]) -> str:
    """What is sent: values in place of names, and each file's text behind the prompt under its name. Reads files: to be
    called in a thread. Raises `InputError` about the first that can't be read."""
    files = {path: _read(path) for path in paths(text)}

    def said(match: re.Match[str]) -> str:
        if match["kept"]:
            return "{" + match["kept"] + "}"
        if match["name"]:
            return values.get(match["name"], match[0])
        if match["at"]:
            return match["at"]
        path, after = _split(match)
        return path + after

    return "\n\n".join([_PARTS.sub(said, text), *(_block(path, content) for path, content in files.items())])


def literal(text: str) -> str:
    """The text such that `compose` makes the same of it again: nothing in it is a name or a file."""

    def kept(match: re.Match[str]) -> str:
        return "{" + match[0] + "}" if match["kept"] or match["name"] else "@" + match[0]

    return _PARTS.sub(kept, text)


def typing(before: str) -> str | None:
    """The path that is being typed right before the cursor; None where there is none."""
    found = _TYPING.search(before)
    return None if found is None else found[1] or found[2] or ""


def completions(typed: str) -> list[str]:
    """Paths that begin like this, folders with a slash. Touches the disk: to be called in a thread."""
    folder, slash, start = typed.rpartition("/")
    place = typed_path(folder + slash) if folder + slash else Path()
    try:
        with os.scandir(place) as entries:
            found = [
                f"{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}"
                for entry in entries
                if entry.name.startswith(start) and (start or not entry.name.startswith("."))
            ]
    except OSError:
        return []
    return sorted(found, key=str.lower)[:MOST_FOUND]


def completed(typed: str, found: list[str]) -> str:
    """What the typed path becomes: as far as all that fit are the same; the only file that fits ends with a space."""
    if not found:
        return typed
    common = min(found)
    while not all(path.startswith(common) for path in found):
        common = common[:-1]
    if len(found) > 1 or common.endswith("/"):
        return common if len(common) >= len(typed) else typed
    return common + " "


def size_words(size: int) -> str:
    """1234 → `1.2 kB`."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 999_950 else f"{size / 1e6:.1f} MB"


class Past:
    """Prompts that were sent, and where in them the user is. What was being typed is the newest of them."""

    def __init__(self) -> None:
        self._own: list[str] = []
        self._older: list[str] = []
        self._as_sent: set[str] = set()
        self._at = 0
        self._draft = ""

    def sent(self, text: str, as_sent: str = "") -> None:
        """This was fired now: the newest. `as_sent`: what the ledger will have of it, which is not told twice."""
        self._as_sent.add(literal(as_sent or text))
        self._own = [text, *(one for one in self._own if one != text)]
        self._at = 0

    def older(self, prompts: Iterable[str]) -> None:
        """What the ledger has, newest first."""
        self._older = [literal(prompt) for prompt in prompts]

    def step(self, by: int, present: str) -> str | None:
        """The prompt so many further back (or, below 0, forward); None where there is none."""
        older = [one for one in self._older if one not in self._as_sent]
        known = list(dict.fromkeys(one for one in (*self._own, *older) if one.strip()))
        if self._at == 0 or (self._at <= len(known) and known[self._at - 1] != present):
            self._draft, self._at = present, 0  # whoever edits an old prompt begins a new one
        at = self._at + by
        while by > 0 and 1 <= at <= len(known) and known[at - 1] == present:
            at += by  # what stands in the box already is no step
        if not 0 <= at <= len(known):
            return None
        self._at = at
        return known[at - 1] if at else self._draft


def _split(match: re.Match[str]) -> tuple[str, str]:
    """Path and what stands behind it: the full stop of a sentence is no part of a name, unless there is such a file."""
    if match["quoted"]:
        return match["quoted"], ""
    path = match["path"]
    bare = path.rstrip(_AFTER)
    return (bare, path[len(bare) :]) if bare else (path, "")


def _look(path: str) -> Attached:
    try:
        found = typed_path(path).stat()
    except (OSError, RuntimeError, ValueError):
        return Attached(path, problem="no such file")
    if not stat.S_ISREG(found.st_mode):
        return Attached(path, problem="a folder" if stat.S_ISDIR(found.st_mode) else "not a file")
    return Attached(path, found.st_size, "" if found.st_size <= MOST_BYTES else "too large")


def _read(path: str) -> str:
    found, name = _look(path), one_line(path)
    hints = {
        "no such file": f"Tab behind @ completes paths; write @@{name} for the word itself.",
        "too large": f"At most {size_words(MOST_BYTES)} of one file are sent.",
    }
    if found.problem:
        raise InputError(
            f"@{name}: {found.problem}, nothing was sent", hint=hints.get(found.problem, "Name a text file.")
        )
    try:
        data = typed_path(path).read_bytes()
    except OSError as error:
        raise InputError(f"@{name}: {error.strerror or error}, nothing was sent") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(f"@{name}: not text, nothing was sent", hint="Only UTF-8 text can be attached.")
    return text


def _block(path: str, content: str) -> str:
    """The file under its name, fenced by more backticks than it has anywhere in a row."""
    longest = max((len(run) for run in re.findall("`{3,}", content)), default=2)
    fence = "`" * (longest + 1)
    return f"{path}:\n{fence}\n{content.rstrip()}\n{fence}"
