"""The two dialogs of the prompt: the system prompt, and values for its names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static, TextArea

from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import clean, fit, one_line
from workbench.tui.widgets.area import Area
from workbench.tui.widgets.pane import line


class Instruction(Dialog[str | None]):
    """Dismissed with the system prompt (empty: none), or None where it stays as it was."""

    RESTS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("enter,ctrl+s", "take", "keep", priority=True),
        Binding("alt+enter,shift+enter,ctrl+enter,ctrl+j", "newline", "new line", priority=True),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        with Vertical(classes="dialog wide"):
            again = ("   not kept yet; ^Z takes it back", "$muted") if self.given else ""
            yield Static(line("System prompt", again), classes="title")
            box = Area(
                clean(self._text),
                compact=True,
                highlight_cursor_line=False,
                placeholder="How every model is to behave, e.g. Answer in one sentence.",
            )
            box.cursor_blink = False
            yield box
            keys = ("Enter", "$brand"), (" keep", "$muted"), "     ", ("Alt+Enter", "$brand"), (" new line", "$muted")
            yield Static(line(*keys, "     ", ("Esc", "$brand"), (" close", "$muted")), classes="keys")

    def on_mount(self) -> None:
        """Go on where the text ends."""
        box = self.query_one(TextArea)
        box.move_cursor(box.document.end)

    def texts(self) -> dict[str, str]:
        """The text, where it is another now."""
        boxes = self.query(TextArea)
        changed = bool(boxes) and boxes.first().text.strip() != clean(self._text).strip()
        return {"": boxes.first().text} if changed else {}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type this again, as a step that undo takes back."""
        box = self.query_one(TextArea)
        box.replace(clean(texts.get("", "")), (0, 0), box.document.end)
        box.move_cursor(box.document.end)

    def action_take(self) -> None:
        """Keep it."""
        self.dismiss(self.query_one(TextArea).text.strip())

    def action_newline(self) -> None:
        """A new line at the cursor."""
        self.query_one(TextArea).insert("\n")


class Fill(Dialog[Mapping[str, str] | None]):
    """Dismissed with a value for each name, or None."""

    RESTS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("down", "app.focus_next", "next", priority=True),
        Binding("up", "app.focus_previous", "previous", priority=True),
        Binding("ctrl+t", "literal", "leave as written", priority=True),
    ]

    def __init__(self, names: Sequence[str], values: Mapping[str, str], verb: str) -> None:
        super().__init__()
        self._names, self._values, self._verb = list(names), values, verb

    def compose(self) -> ComposeResult:
        """A line a name."""
        width = min(24, max(len(name) for name in self._names) + 3)
        with Vertical(classes="dialog fill"):
            yield Static("Values of the prompt's names", markup=False, classes="title")
            with VerticalScroll(can_focus=False):
                for name in self._names:
                    with Horizontal(classes="value"):
                        label = Static(line((fit(one_line("{" + name + "}"), width), "$model")), classes="name")
                        label.styles.width = width + 1
                        yield label
                        box = Input(clean(self._values.get(name, "")), compact=True)
                        box.cursor_blink = False
                        yield box
            keys = ("Enter", "$brand"), (f" next, then {self._verb}", "$muted"), "   ", ("^T", "$brand")
            yield Static(
                line(*keys, (" leave as written", "$muted"), "   ", ("Esc", "$brand"), (" close", "$muted")),
                classes="keys",
            )

    def texts(self) -> dict[str, str]:
        """The values that are others now."""
        boxes = zip(self._names, self.query(Input), strict=False)
        return {name: box.value for name, box in boxes if box.value != clean(self._values.get(name, ""))}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type these again."""
        for name, box in zip(self._names, self.query(Input), strict=True):
            box.value = clean(texts.get(name, box.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The next one; after the last all are taken."""
        boxes = list(self.query(Input))
        at = boxes.index(event.input)
        if at + 1 < len(boxes):
            boxes[at + 1].focus()
        else:
            self.dismiss({name: box.value for name, box in zip(self._names, boxes, strict=True)})

    def action_literal(self) -> None:
        """The braces are part of the text."""
        self.dismiss({name: "{" + name + "}" for name in self._names})
