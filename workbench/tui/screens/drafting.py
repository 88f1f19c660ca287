"""What was not saved is not lost with the app: the system, and texts that do not read yet, are kept as they change."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual import work
from textual.css.query import NoMatches
from textual.timer import Timer

from workbench.systems.nodes import Model, System
from workbench.tui.drafts import Draft
from workbench.tui.grafts import parsed
from workbench.tui.screens.unapplied import Unapplied
from workbench.tui.text import clean, one_line
from workbench.tui.widgets import panes

DRAFT_AFTER = 1.0
"""Seconds after the last change until the draft is written."""
STEPS = 50
"""So many steps of undo outlive the app."""


class Drafting(Unapplied):
    """The Bench's half that keeps what is not saved."""

    broken_yaml = ""
    """Text of the YAML view that did not read when it was left."""
    broken_of: System | None = None
    """The system that the broken text was left beside."""
    _shown_yaml = ""
    _open_yaml = ""
    """What was made of the text in the YAML view while that is open."""
    _unread = ""
    """The notation line where it does not parse, as it was last seen."""
    _draft_timer: Timer | None = None

    def change(self, system: System) -> None:
        """One step of the history."""
        raise NotImplementedError

    def named(self, system: System) -> System:
        """Under the name of the one on the bench where it has none."""
        raise NotImplementedError

    # What was left

    def take_up_draft(self) -> None:
        """What was not saved the last time."""
        drafts = self.session.services.drafts
        draft = drafts.take() if drafts is not None and self.session.nothing_asked else None
        if draft is not None:
            self._bring_back(draft)

    def _bring_back(self, draft: Draft) -> None:
        here = self.session.system
        changed = draft.system != draft.kept or draft.system.name != here.name
        for kept in (*draft.kept_before, *([draft.kept] if changed and draft.kept is not None else [])):
            self._note_kept(kept)
        for step in draft.before:
            self.session.history.do(step)
        about_nodes = any(typed.dialog in ("form", "system") for typed in draft.typed)
        self.change(draft.system if changed or about_nodes else here)  # its file may have been worked on since
        found = parsed(draft.yaml) if draft.yaml else None
        if isinstance(found, System):
            self.change(self.named(found))
        else:
            self.broken_yaml, self.broken_of = draft.yaml, draft.system
        if draft.notation:
            self.query_one(panes.NotationLine).put(clean(draft.notation))
        said = self._brought_back(draft) + self.type_again(draft.typed)
        self.notify("\n".join(said), markup=False, timeout=8)

    def _note_kept(self, kept: System) -> None:
        shelf = self.session.services.shelf
        file = shelf.file_of(kept.name) if shelf is not None and kept.name else None
        self.session.kept.note(kept, file)

    def _brought_back(self, draft: Draft) -> list[str]:
        said = []
        if self.session.kept.unsaved(self.session.system):
            name = one_line(self.session.system.name) or "system"
            said.append(f"The unsaved {name} is back as you left it. Ctrl+Z takes it back, Ctrl+S saves it.")
        if self.broken_yaml:
            said.append(
                "So is YAML that does not read yet: F8 goes on with it."
                if said
                else "YAML that does not read yet is back: F8 goes on with it."
            )
        if draft.notation:
            said.append("The notation is back as you left it; it does not parse yet.")
        if buried := self._buried():
            names = ", ".join(one_line(system.name) or "one without a name" for system in buried)
            said.append(f"Under it lies what was never saved: {names}. Ctrl+Z leads back to it.")
        return said

    # What is to be kept

    def show_yaml(self, text: str) -> None:
        """This text is in the YAML view from now on."""
        self._shown_yaml, self._open_yaml = text, ""

    def typed_yaml(self, text: str) -> None:
        """It was changed there."""
        self._open_yaml = text if text != self._shown_yaml else ""
        self.draft_soon()

    def draft_soon(self) -> None:
        """Keep a draft once the keys rest."""
        if self.session.services.drafts is None:
            return
        self._look_at_line()
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_AFTER, self._keep_draft)

    def keep_draft(self) -> None:
        """Keep it at once: the app is being left."""
        drafts = self.session.services.drafts
        if drafts is None:
            return
        if self._draft_timer is not None:
            self._draft_timer.stop()
            self._draft_timer = None
        drafts.note(self.draft())
        self._write()

    def on_unmount(self) -> None:
        """The app ends some other way: what waits is written."""
        if self._draft_timer is not None:
            self.keep_draft()

    @work(group="draft")
    async def _keep_draft(self) -> None:
        self._draft_timer = None
        drafts = self.session.services.drafts
        if drafts is not None:
            drafts.note(self.draft())
            await asyncio.to_thread(self._write)

    def draft(self) -> Draft | None:
        """What a crash now must not lose; None where all is saved."""
        session = self.session
        self._look_at_line()
        yaml, typed = self._open_yaml or self.broken_yaml, tuple(self.typed.values())
        texts = yaml or self._unread or typed
        if not texts and not session.kept.unsaved(session.system) and not self._buried():
            return None
        before = session.history.before[-STEPS:]
        others = {system.name: session.kept.of(system) for system in before if system.name != session.system.name}
        kept_before = tuple(kept for kept in others.values() if kept is not None)
        return Draft(session.system, session.kept.of(session.system), yaml, self._unread, before, kept_before, typed)

    def _buried(self) -> list[System]:
        """What was put aside unsaved for another system, so that only undo leads back to it: the last state of each
        name, but for a bare call that nobody named."""
        session = self.session
        last = {system.name: system for system in session.history.before[-STEPS:]}
        return [
            system
            for name, system in last.items()
            if name != session.system.name
            and session.kept.unsaved(system)
            and (name or not isinstance(system.root, Model))
        ]

    def _look_at_line(self) -> None:
        with suppress(NoMatches):  # the panes go before the screen
            self._unread = self.query_one(panes.NotationLine).unread

    def _write(self) -> None:
        drafts = self.session.services.drafts
        if drafts is not None:
            with suppress(OSError):  # a full disk is told by the ledger and by saving; this is only the net below
                drafts.keep()
