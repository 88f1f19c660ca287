"""A system with every earlier and undone state of it."""

from __future__ import annotations

from workbench.systems.nodes import System


class History:
    """A system with every earlier and undone state of it; there is no limit."""

    def __init__(self, system: System) -> None:
        self.system = system
        """The present state."""
        self._before: list[System] = []
        self._after: list[System] = []
        self._saved = system

    def do(self, system: System) -> System:
        """Take a new state; one equal to the present is no step. What was undone can't be redone any more."""
        if system != self.system:
            self._before.append(self.system)
            self._after.clear()
            self.system = system
        return self.system

    def undo(self) -> System:
        """Back one step; at the first state it stays."""
        if self._before:
            self._after.append(self.system)
            self.system = self._before.pop()
        return self.system

    def redo(self) -> System:
        """Forward one undone step; at the last state it stays."""
        if self._after:
            self._before.append(self.system)
            self.system = self._after.pop()
        return self.system

    @property
    def before(self) -> tuple[System, ...]:
        """Every earlier state, oldest first."""
        return tuple(self._before)

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone state."""
        return bool(self._after)

    @property
    def unsaved(self) -> bool:
        """Whether the present state differs from the one that was saved last (or opened)."""
        return self.system != self._saved

    def mark_saved(self) -> None:
        """The present state is on disk."""
        self._saved = self.system
