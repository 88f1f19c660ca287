"""A form over a node's own schema: each field checked as it is typed, models completed from the catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from workbench.errors import WorkbenchError
from workbench.models.base import ModelInfo
from workbench.tui import forms, model_words
from workbench.tui.forms import Entry
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import clean, one_line
from workbench.tui.widgets.form_line import FormLine
from workbench.tui.widgets.pane import line, lines

Search = Callable[[str], Sequence[ModelInfo]]
Commit = Callable[[Mapping[str, Any]], None]
AROUND = 12
"""Lines of a form beside its fields: title, help, keys, space."""
SHOWN = 40
"""So many models are offered at most."""


class Form(Dialog[bool]):
    """Dismissed with whether something was applied. `commit` takes the values that differ; where it raises a
    `WorkbenchError` the form stays, with the message under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close"),
        Binding("ctrl+s", "apply", "apply", priority=True),
        Binding("enter", "apply", "apply"),
        Binding("down", "go(1)", "next"),
        Binding("up", "go(-1)", "previous"),
        Binding("ctrl+down,pagedown", "jump(1)", "next", priority=True, show=False),
        Binding("ctrl+up,pageup", "jump(-1)", "previous", priority=True, show=False),
    ]

    def __init__(
        self, title: str, about: str, entries: Sequence[Entry], commit: Commit, search: Search | None = None
    ) -> None:
        super().__init__()
        self._title, self._about = title, about
        self._entries, self._commit, self._search = entries, commit, search
        self._warned = False

    def compose(self) -> ComposeResult:
        """Title, lines, help of the field in focus, keys."""
        self._fit(update=False)
        with Vertical(classes="dialog wide form"):
            yield Static(line((one_line(self._title), "bold $operator")), classes="title")
            yield Static(line((one_line(self._about), "$muted")), classes="about")
            with VerticalScroll(can_focus=False):
                for entry in self._entries:
                    yield FormLine(entry)
                    if entry.key == "model" and self._search is not None:
                        yield OptionList(markup=False, compact=True, id="models")
            yield Static(id="field-help", markup=False)
            keys = (("Enter", "apply"), ("^S", "apply"), ("Esc", "close"), ("↑ ↓", "field"), ("← →", "choice"))
            parts = [part for key, what in keys for part in ((key, "$brand"), (f" {what}   ", "$muted"))]
            yield Static(line(*parts), classes="keys")

    def on_mount(self) -> None:
        """Into the first field."""
        self._lines[0].box.focus()
        if self._search is not None and self.query("#models"):
            self.query_one("#models", OptionList).can_focus = False

    def on_resize(self) -> None:
        """The window is another."""
        self._fit()

    def _fit(self, *, update: bool = True) -> None:
        """Where the lines may not fit they scroll, and help and keys stay in sight."""
        models = 9 if self._search is not None and any(entry.key == "model" for entry in self._entries) else 0
        texts = 4 if any(entry.long for entry in self._entries) else 0
        full = len(self._entries) + models + texts + AROUND > self.app.size.height * 0.96
        self.set_class(full, "-full", update=update)

    @property
    def _lines(self) -> list[FormLine]:
        return list(self.query(FormLine))

    @property
    def _here(self) -> FormLine | None:
        return next((one for one in self._lines if one.box.has_focus), None)

    # What is typed

    def on_form_line_edited(self, message: FormLine.Edited) -> None:
        """Checked already; models are looked up."""
        self._warned = False
        self.touched()
        self._help(message.form_line)
        if message.form_line.entry.key == "model" and message.form_line.edited and self._search is not None:
            self._offer(message.form_line.text, self._search)

    def on_descendant_focus(self) -> None:
        """Help follows the focus."""
        here = self._here
        for one in self._lines:
            one.point(one is here)
        if here is not None:
            self._help(here)
            here.scroll_visible(animate=False)
            models = self.query("#models")
            if models and here.entry.key != "model":
                models.first().display = False

    def _help(self, here: FormLine) -> None:
        field = here.entry.field
        default = forms.default_text(field)
        said = f" Empty: {default}." if default and not here.entry.choices else ""
        rows = [line(field.description or field.takes, (said, "$muted"))]
        if here.error:
            rows = [line(("✗ ", "$state-failed"), one_line(here.error)), *rows]
        self.query_one("#field-help", Static).update(lines(*rows))

    @work(exclusive=True, group="models")
    async def _offer(self, text: str, search: Search) -> None:
        """What the catalogue has of that name. The first search reads it, which takes a moment: in a thread."""
        found = ranked(await asyncio.to_thread(search, text), text)[:SHOWN]
        offered = self.query_one("#models", OptionList)
        offered.clear_options()
        width = self.query_one(VerticalScroll).size.width - 4
        offered.add_options(Option(model_words.entry(info, width), id=info.name) for info in found)
        offered.display = bool(found) and not (len(found) == 1 and found[0].name == text)
        offered.highlighted = None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A model was clicked."""
        self._take(event.option.id or "")

    def _take(self, name: str) -> None:
        found = next((one for one in self._lines if one.entry.key == "model"), None)
        if found is not None:
            self.query_one("#models").display = False
            with self.prevent(Input.Changed):
                found.put(name)
            found.check()
            found.box.focus()

    @property
    def _offered(self) -> OptionList | None:
        """The models on offer, where some are."""
        found = self.query("#models")
        offered = found.first(OptionList) if found else None
        return offered if offered is not None and offered.display and offered.option_count else None

    # Keys

    def action_go(self, by: int) -> None:
        """The next field; in the models on offer the next model."""
        offered, here = self._offered, self._here
        if offered is not None and here is not None and here.entry.key == "model":
            at = -1 if offered.highlighted is None else offered.highlighted
            if at + by >= 0:
                offered.highlighted = min(at + by, offered.option_count - 1)
                return
            offered.display = False
            return
        self.action_jump(by)

    def action_jump(self, by: int) -> None:
        """The next field."""
        all_lines, here = self._lines, self._here
        at = all_lines.index(here) if here is not None else -1
        all_lines[(at + by) % len(all_lines)].box.focus()

    def on_input_submitted(self) -> None:
        """Enter in a box."""
        self.action_apply()

    def action_apply(self) -> None:
        """Take the marked model; else apply and close, or go to the first field that is wrong."""
        if self.gone:
            return
        offered = self._offered
        if offered is not None and offered.highlighted is not None:
            self._take(offered.get_option_at_index(offered.highlighted).id or "")
            return
        for one in self._lines:
            one.check()
        wrong = next((one for one in self._lines if one.error), None)
        if wrong is not None:
            wrong.box.focus()
            self._help(wrong)
            return
        values = {one.entry.key: one.entry.read(one.text) for one in self._lines if one.edited}
        try:
            self._commit(values)
        except WorkbenchError as error:
            self.query_one("#field-help", Static).update(line(("✗ ", "$state-failed"), clean(str(error))))
            return
        self.dismiss(bool(values))

    def texts(self) -> dict[str, str]:
        """What was typed, by the field's key."""
        return {one.entry.key: one.text for one in self._lines if one.edited}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type this again; the focus goes where it begins."""
        there = [one for one in self._lines if one.entry.key in texts]
        with self.prevent(Input.Changed):
            for one in there:
                one.put(clean(texts[one.entry.key]))
                one.check()
        if there:
            there[0].box.focus()

    def action_close(self) -> None:
        """Without applying; where something was typed, the second time."""
        if not self._warned and self.unapplied:
            self._warned = True
            said = line(("! ", "$state-retrying"), "Not applied yet: Enter applies, Esc again drops it.")
            self.query_one("#field-help", Static).update(said)
            return
        self.dismiss(False)


def ranked(found: Sequence[ModelInfo], text: str) -> list[ModelInfo]:
    """Those that are called just so first, whoever serves them; else as the catalogue orders them."""
    text = text.strip().lower()
    return sorted(found, key=lambda info: text not in (info.name.lower(), info.name.lower().rpartition("/")[2]))
