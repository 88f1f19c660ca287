"""How systems come to the bench and go from it: open, save, YAML, $EDITOR."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs
from textual import work

from workbench.errors import WorkbenchError
from workbench.systems import edits, files
from workbench.systems.nodes import Model, System
from workbench.tui.external import edit
from workbench.tui.grafts import near_model, parsed
from workbench.tui.screens import dialogs
from workbench.tui.screens.drafting import Drafting
from workbench.tui.text import clean, one_line, short

if TYPE_CHECKING:
    from workbench.tui.screens.open import Opened


class Keeping(Drafting):
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
        """Draw the system anew; keep a draft of it."""
        self.draw_system()
        self.draw()
        self.draft_soon()

    def complain(self, error: WorkbenchError) -> None:
        """What is wrong and what to do, once."""
        self.notify(clean(str(error)), severity="error", markup=False, timeout=6)

    # Open and save

    def action_open(self) -> None:
        """Choose another system."""
        services = self.session.services
        self.ask(dialogs.Open(services.systems, services.shelf, services.notation), self._opened, "open")

    def _opened(self, opened: Opened | None) -> None:
        if opened is not None:
            self.session.open(opened.system, opened.file)
            self.changed()

    def action_new(self) -> None:
        """A single call."""
        model = near_model(self.session.system, "") or edits.DEFAULT_MODEL
        self.change(System(root=Model(model=model)))

    def action_revert(self) -> None:
        """As it was saved or opened."""
        kept = self.session.kept.of(self.session.system)
        if kept is None:
            self.notify("This system was never saved; Ctrl+Z takes single changes back.", markup=False, timeout=4)
        else:
            self.change(kept)

    def action_save(self) -> None:
        """To its file; one that has none, or a shipped one, gets a name first."""
        session = self.session
        shelf, file = session.services.shelf, session.kept.file(session.system)
        if shelf is None or file is None or not shelf.own(file):
            self.action_save_as()
        else:
            self._save(session.system, file)

    def action_save_as(self) -> None:
        """Under a name."""
        session = self.session
        if session.services.shelf is None:
            self.notify("There is no folder to save to here.", severity="warning", markup=False)
            return
        current = session.kept.file(session.system)
        dialog = dialogs.SaveAs(session.services.shelf, session.system.name, current)
        self.ask(dialog, self._save_to, "save")

    def _save_to(self, path: Path | None) -> None:
        if path is not None:
            self._save(self.session.system, path)

    @work(group="save")
    async def _save(self, system: System, path: Path) -> None:
        session = self.session
        if session.services.shelf is None:
            return
        try:
            saved = await asyncio.to_thread(session.services.shelf.save, system, path)
        except WorkbenchError as error:
            self.complain(error)
            return
        session.kept.note(saved, path)
        if session.system == system:
            session.history.do(saved)
        self.changed()
        self.notify(f"Saved to {short(path)}", markup=False, timeout=3)

    # YAML

    def action_yaml_view(self) -> None:
        """The same system as text; one that was left broken is gone on with."""
        if self.broken_yaml and self.broken_of != self.session.system:
            said = "This text was left before the system last changed; once it reads it takes the system's place."
            self.notify(said, severity="warning", markup=False, timeout=8)
        self._show_yaml(self.broken_yaml or files.dumps(self.session.system))

    def _show_yaml(self, text: str) -> None:
        text = clean(text)
        self.show_yaml(text)
        self.app.push_screen(dialogs.Yaml(text, self.session.services.config.keys, self.typed_yaml), self._yaml_left)

    def _yaml_left(self, left: tuple[str, bool] | None) -> None:
        self.show_yaml("")
        if left is None:
            return
        text, save = left
        found = parsed(text)
        if isinstance(found, System):
            self.broken_yaml = ""
            self.change(self.named(found))
            if save:
                self.action_save()
            return
        self.broken_yaml, self.broken_of = text, self.session.system
        said = (
            f"The YAML does not read, the last good system stays. F8 goes on with the text.\n{one_line(found.message)}"
        )
        self.notify(said, severity="warning", markup=False, timeout=8)
        self.draft_soon()

    def keep_yaml(self, text: str) -> None:
        """The YAML view goes with the app: what reads becomes the system, what does not waits for the next time."""
        self._yaml_left((text, False))

    def named(self, system: System) -> System:
        """Under the name of the one on the bench where it has none."""
        return system if system.name else structs.replace(system, name=self.session.system.name)

    async def action_external_editor(self) -> None:
        """The YAML in $EDITOR; where it comes back broken the YAML view shows the errors."""
        try:
            text = await edit(self.app, self.broken_yaml or files.dumps(self.session.system))
        except WorkbenchError as error:
            self.complain(error)
            return
        if isinstance(parsed(text), System):
            self._yaml_left((text, False))
        else:
            self._show_yaml(text)
