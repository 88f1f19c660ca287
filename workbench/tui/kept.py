"""Which systems are on disk as they stand, and where: so that undo across opening and saving never writes to the wrong
file."""

from __future__ import annotations

from pathlib import Path

from workbench.systems.nodes import System


class Kept:
    """By the system's name, as that is what the user knows it by."""

    def __init__(self) -> None:
        self._systems: dict[str, System] = {}
        self._files: dict[str, Path] = {}

    def note(self, system: System, file: Path | None = None) -> None:
        """It stands like this in the file (or came from nowhere, and nothing is lost with it)."""
        self._systems[system.name] = system
        self._files.pop(system.name, None)
        if file is not None:
            self._files[system.name] = file

    def unsaved(self, system: System) -> bool:
        """Whether something would be lost with it."""
        return self._systems.get(system.name) != system

    def of(self, system: System) -> System | None:
        """What is kept under its name."""
        return self._systems.get(system.name)

    def file(self, system: System) -> Path | None:
        """Where it came from, or was saved to."""
        return self._files.get(system.name)
