"""The user's own systems as files: where one is kept, saving it, and the shipped ones that are never written to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from workbench.errors import InputError
from workbench.paths import typed as typed_path
from workbench.systems import files
from workbench.systems.nodes import System

_NAME = re.compile(r"[\w+-][\w.+-]*")


class Shelf:
    """`folder` is where new systems go; `find` tells the file that holds a saved or shipped system."""

    def __init__(self, folder: Path, shipped: Path, find: Callable[[str], Path | None]) -> None:
        self.folder, self._shipped, self._find = folder, shipped, find

    def own(self, file: Path) -> bool:
        """Whether the file may be written to: it is no shipped one."""
        return self._shipped.resolve() not in file.resolve().parents

    def file_of(self, name: str) -> Path | None:
        """The file that holds a system that can be opened by that text."""
        return self._find(name)

    def path(self, text: str) -> Path:
        """The file that a person means by a name (in the folder) or a path. Raises `InputError`."""
        text = text.strip()
        if "/" in text or text.endswith(files.SUFFIXES):
            path = typed_path(text)
            if path.suffix not in files.SUFFIXES:
                raise InputError(f"{path.name!r} is no system file", hint="It ends with .yaml, .yml or .json.")
            return path
        if not _NAME.fullmatch(text):
            what = f"{text!r} can't be a name" if text else "a name is needed"
            raise InputError(what, hint="Letters, digits, '-', '_', '.' and '+'; or a path that ends with .yaml.")
        return self.folder / f"{text}.yaml"

    def save(self, system: System, path: Path) -> System:
        """Write it; returns the system under the name that it is found by. Raises `SystemFileError`."""
        named = structs.replace(system, name=system.name or path.stem)
        if path.parent == self.folder:
            named = structs.replace(system, name=path.stem)
        files.save(named, path)
        return named
