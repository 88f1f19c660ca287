"""The user's themes as they are saved: a look at the folder now and then, and what has changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec
from textual.theme import Theme

from workbench.errors import InputError
from workbench.tui import theme

SECONDS = 1.0
"""Between two looks."""
Stamps: TypeAlias = Mapping[Path, tuple[int, int]]
"""Theme file → when it was written and how long it is."""


class Changes(msgspec.Struct, frozen=True):
    """Since the last look: themes that are new or other, names that are gone, a sentence for each bad file."""

    themes: tuple[Theme, ...] = ()
    gone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def stamps(folder: Path) -> Stamps:
    """The folder's theme files as they stand. A folder that is not there is empty."""
    found: dict[Path, tuple[int, int]] = {}
    for file in theme.files(folder):
        try:
            stat = file.stat()
        except OSError:
            continue
        found[file] = (stat.st_mtime_ns, stat.st_size)
    return found


class Watch:
    """Remembers which file holds which good theme. `shipped`: what a name falls back to when its file goes."""

    def __init__(self, folder: Path, shipped: Mapping[str, Theme], look: Callable[[Path], Stamps] = stamps) -> None:
        self._folder = folder
        self._shipped = shipped
        self._look = look
        self._stamps: Stamps = {}
        self._good: dict[Path, Theme] = {}

    async def poll(self) -> Changes:
        """Look again, off the event loop."""
        return await asyncio.to_thread(self.changes)

    def changes(self) -> Changes:
        """Look again. A bad file leaves the last good theme of that file in force."""
        now, before, good = self._look(self._folder), self._stamps, dict(self._good)
        self._stamps = now
        problems: list[str] = []
        for file in sorted(now):
            if before.get(file) != now[file]:
                try:
                    good[file] = theme.load_file(file)
                except InputError as error:
                    problems.append(f"{error} Its last good colours stay." if file in good else str(error))
        good = {file: one for file, one in sorted(good.items()) if file in now}
        was, self._good = self._named(), good
        names = self._named()
        changed = tuple(one for name, one in names.items() if was.get(name) != one)
        back = tuple(self._shipped[name] for name in was if name not in names and name in self._shipped)
        gone = tuple(name for name in was if name not in names and name not in self._shipped)
        return Changes((*changed, *back), gone, tuple(problems))

    def _named(self) -> dict[str, Theme]:
        """The last file of a name wins."""
        return {one.name: one for one in self._good.values()}
