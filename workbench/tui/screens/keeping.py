"""How systems come to the bench and go from it: open, save."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.systems.nodes import System
from workbench.tui.screens.foreseeing import Foreseeing
from workbench.tui.screens.open import Open
from workbench.tui.text import clean


class Keeping(Foreseeing):
    """The Bench's half that opens and saves."""

    def draw(self) -> None:
        """Every pane from one frame."""
        raise NotImplementedError

    def draw_system(self) -> None:
        """Name, tree, notation and outlook of the system."""
        raise NotImplementedError

    def change(self, system: System) -> None:
        """One step of the history."""
        self.session.history.do(system)
        self.changed()

    def changed(self) -> None:
        """Draw the system anew."""
        self.draw_system()
        self.draw()

    def complain(self, error: WorkbenchError) -> None:
        """What is wrong and what to do, once."""
        self.notify(clean(str(error)), severity="error", markup=False, timeout=6)

    def action_open(self) -> None:
        """Choose another system."""
        self.app.push_screen(Open(self.session.services.systems), self._open)

    def _open(self, system: System | None) -> None:
        if system is not None:
            self.session.open(system)
            self.changed()
