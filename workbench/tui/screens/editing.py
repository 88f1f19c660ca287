"""What the user does to the system on the bench: each change is one step of its history."""

from __future__ import annotations

from msgspec import structs
from textual.screen import Screen

from workbench.systems import edits
from workbench.systems.nodes import System
from workbench.tui.screens.open import Open
from workbench.tui.session import Session
from workbench.tui.widgets.notation_line import NotationLine
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.system_tree import SystemTree


class Editing(Screen[None]):
    """The Bench's half that changes the system."""

    session: Session

    def draw(self) -> None:
        """Every pane from one frame."""
        raise NotImplementedError

    def draw_system(self) -> None:
        """Name, tree, notation and outlook of the system."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Choose another system."""
        self.app.push_screen(Open(self.session.services.systems), self._open)

    def _open(self, system: System | None) -> None:
        if system is not None:
            self.session.open(system)
            self._changed()

    def action_undo(self) -> None:
        """The system before the last change."""
        self.session.history.undo()
        self._changed()

    def action_redo(self) -> None:
        """The change again."""
        self.session.history.redo()
        self._changed()

    def _change(self, system: System) -> None:
        self.session.history.do(system)
        self._changed()

    def _changed(self) -> None:
        self.draw_system()
        self.draw()

    def on_notation_line_changed(self, message: NotationLine.Changed) -> None:
        """The notation was edited: the tree follows."""
        self._change(structs.replace(self.session.system, root=message.root))

    def on_notation_line_accepted(self) -> None:
        """Enter in the notation."""
        if not self.query_one(NotationLine).broken:
            self.query_one(NotationLine).print()
            self.query_one(PromptText).focus()

    def on_system_tree_replicas(self, message: SystemTree.Replicas) -> None:
        """+ or - in the tree."""
        system = self.session.system
        replicas = getattr(edits.get(system, message.path), "replicas", None)
        if replicas is not None:
            self._change(edits.set_field(system, message.path, "replicas", max(1, replicas + message.by)))
