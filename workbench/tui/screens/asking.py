"""What the user does with the prompt: bring old ones back, attach files, fill in names, say how models behave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from textual import work
from textual.widgets import TextArea

from workbench.errors import WorkbenchError
from workbench.tui import prompting
from workbench.tui.screens import dialogs
from workbench.tui.screens.editing import Editing
from workbench.tui.text import one_line
from workbench.tui.widgets import panes
from workbench.tui.widgets.prompt_box import PromptBox, PromptText
from workbench.tui.wording import Wording

OLD_PROMPTS = 100
"""How many of the ledger's runs are asked for theirs."""


class Asking(Editing):
    """The Bench's part that knows what is asked."""

    _offered: tuple[str, tuple[str, ...]] = ("", ())
    """What the box said when Tab was pressed, and the paths that fitted."""
    _looked_at: tuple[str, ...] = ()

    @property
    def wording(self) -> Wording:
        """What belongs to the prompt beside its text."""
        return self.session.wording

    def draw_notes(self) -> None:
        """What is sent beside the text."""
        text, (said, offered) = self.query_one(PromptBox).text, self._offered
        for notes in self.query(panes.PromptNotes):  # none before every pane stands
            notes.show(text, self.wording, offered if text == said else ())

    def set_prompt(self, text: str) -> None:
        """Another text into the box; undo there brings the old one back."""
        box = self.query_one(PromptText)
        if text != box.text:
            box.replace(text, (0, 0), box.document.end)
            box.move_cursor(box.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Files and names may have come or gone. Textual calls this besides that of the class below."""
        if isinstance(event.text_area, PromptText):
            self.look_at_prompt(event.text_area.text)

    def look_at_prompt(self, text: str) -> None:
        """Which files and names it has."""
        named = tuple(prompting.paths(text))
        if named != self._looked_at:
            self._looked_at = named
            self._look_at_files(text)
        self.draw_notes()

    @work(exclusive=True, group="files")
    async def _look_at_files(self, text: str) -> None:
        self.wording.attached = tuple(await asyncio.to_thread(prompting.look, text))
        self.draw_notes()
        self.foresee()

    # What was asked before

    def on_prompt_text_recalled(self, message: PromptText.Recalled) -> None:
        """The prompt before, or after."""
        if self.wording.read or self.session.services.store is None:
            self._recall(message.by)
        else:
            self._read_past(message.by)

    @work(exclusive=True, group="past-prompts")
    async def _read_past(self, by: int) -> None:
        store = self.session.services.store
        if store is not None:
            from workbench.ledger.queries import RunQuery

            try:
                runs = await asyncio.to_thread(store.runs, RunQuery(), limit=OLD_PROMPTS)
            except WorkbenchError as error:
                self.complain(error)
            else:
                self.wording.past.older(run.prompt for run in runs)
                self.wording.read = True
        self._recall(by)

    def _recall(self, by: int) -> None:
        if (text := self.wording.past.step(by, self.query_one(PromptText).text)) is not None:
            self.set_prompt(text)

    # Files

    def on_prompt_text_completing(self, message: PromptText.Completing) -> None:
        """Tab behind a path: as far as it is the only way on; the rest is offered."""
        self._complete(message.typed)

    @work(exclusive=True, group="completion")
    async def _complete(self, typed: str) -> None:
        box = self.query_one(PromptText)
        found = await asyncio.to_thread(prompting.completions, typed)
        if box.typed_path != typed:
            return  # typed on in the meantime
        path = prompting.completed(typed, found)
        if path != typed:
            box.complete(path)
        elif not found:
            self.notify(f"No file begins with “{one_line(typed)}”.", markup=False, timeout=3)
        self._offered = (box.text, tuple(found) if len(found) > 1 else ())
        self.draw_notes()

    # The system prompt and values

    def action_system_prompt(self) -> None:
        """Say how every model is to behave."""

        def taken(text: str | None) -> None:
            if text is not None:
                self.wording.instruction = text
                self.draw_notes()
                self.foresee()
            elif ("instruction", "") in self.typed:
                self.notify("Not kept: F7 goes on with what you typed.", markup=False, timeout=3)

        self.ask(dialogs.Instruction(self.wording.instruction), taken, "instruction")

    def action_values(self) -> None:
        """Change the values of the prompt's names."""
        names = prompting.variables(self.query_one(PromptBox).text)
        if names:
            self.ask(dialogs.Fill(names, self.wording.values, "keep"), self._keep_values, "values")
        else:
            self.notify("The prompt has no {name} in it.", markup=False, timeout=3)

    def _keep_values(self, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self.wording.values.update(values)
            self.draw_notes()

    def worded(self, text: str, then: Callable[[str], None]) -> None:
        """What is sent for this text, once its names have values and its files are read; where a file can't be, nothing
        is done."""
        missing = [name for name in prompting.variables(text) if not self.wording.values.get(name)]
        if not missing:
            self._word(text, then)
            return

        def filled(values: Mapping[str, str] | None) -> None:
            self._keep_values(values)
            if values is not None:
                self._word(text, then)

        self.ask(dialogs.Fill(missing, self.wording.values, "fire"), filled, "values")

    def open_again(self, name: str, at: str) -> None:
        """The dialog that text was typed in as the app ended."""
        opens: dict[str, Callable[[], None]] = {
            "open": self.action_open,
            "save": self.action_save_as,
            "form": lambda: self.open_form(at),
            "system": self.action_edit_system,
            "instruction": self.action_system_prompt,
            "values": self.action_values,
        }
        try:
            opens[name]()
        except (KeyError, WorkbenchError):  # another version's, or of a node that is not there
            self.typed.pop((name, at), None)

    def _word(self, text: str, then: Callable[[str], None]) -> None:
        if prompting.paths(text):
            self._read_files(text, then)
        else:
            then(prompting.compose(text, self.wording.values))

    @work(exclusive=True, group="composing")
    async def _read_files(self, text: str, then: Callable[[str], None]) -> None:
        try:
            sent = await asyncio.to_thread(prompting.compose, text, dict(self.wording.values))
        except WorkbenchError as error:
            self.complain(error)
        else:
            then(sent)
