"""Save under a name: where it will go is shown as it is typed, and what is there is replaced only when asked twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from workbench.errors import WorkbenchError
from workbench.paths import stands
from workbench.tui.screens.dialog import Dialog
from workbench.tui.shelf import Shelf
from workbench.tui.text import clean, one_line, short
from workbench.tui.widgets.pane import line


class SaveAs(Dialog[Path | None]):
    """Dismissed with the file to write, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("ctrl+s", "take", "save", priority=True),
    ]

    def __init__(self, shelf: Shelf, name: str, current: Path | None) -> None:
        super().__init__()
        self._shelf, self._name_given, self._current = shelf, name, current
        self._sure: Path | None = None

    def compose(self) -> ComposeResult:
        """The name, where it goes, keys."""
        with Vertical(classes="dialog"):
            yield Static("Save as", markup=False, classes="title")
            box = Input(clean(self._name_given), placeholder="a name, or a path that ends with .yaml", compact=True)
            box.cursor_blink = False
            yield box
            yield Static(id="where", markup=False)
            keys = line(("Enter", "$brand"), (" save", "$muted"), "     ", ("Esc", "$brand"), (" close", "$muted"))
            yield Static(keys, classes="keys")

    def on_mount(self) -> None:
        """Where the name given would go."""
        self._tell()

    def texts(self) -> dict[str, str]:
        """The name, where it is another now."""
        boxes = self.query(Input)
        changed = bool(boxes) and boxes.first().value != clean(self._name_given)
        return {"": boxes.first().value} if changed else {}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type this again."""
        self.query_one(Input).value = clean(texts.get("", ""))

    def on_input_changed(self) -> None:
        """Where it would go now."""
        self._sure = None
        self._tell()

    def on_input_submitted(self) -> None:
        """Enter."""
        self.action_take()

    def action_take(self) -> None:
        """Save there; over another file the second time."""
        try:
            path = self._shelf.path(self.query_one(Input).value)
        except WorkbenchError as error:
            self._say(line(("✗ ", "$state-failed"), clean(str(error))))
            return
        if self._replaces(path) and self._sure != path:
            self._sure = path
            self._say(line(("! ", "$state-retrying"), f"{path.name} is there already: Enter again replaces it."))
            return
        self.dismiss(path)

    def _replaces(self, path: Path) -> bool:
        return stands(path) and path != self._current

    def _tell(self) -> None:
        text = self.query_one(Input).value
        try:
            path = self._shelf.path(text)
        except WorkbenchError as error:
            self._say(line((one_line(error.message) if text else "", "$muted")))
            return
        there = "replaces " if self._replaces(path) else "to "
        self._say(line((there, "$state-retrying" if self._replaces(path) else "$muted"), (short(path), "$muted")))

    def _say(self, said: Content) -> None:
        self.query_one("#where", Static).update(said)
