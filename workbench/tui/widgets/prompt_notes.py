"""One line under the prompt: what is sent beside its text. Not there while there is nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.tui.prompting import size_words, variables
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import Part, line
from workbench.tui.wording import Wording

LONGEST = 30
GAP = "   "


class PromptNotes(Widget):
    """System prompt, files with their sizes, values, and how losers end."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._said: list[list[Part]] = []

    def show(self, text: str, wording: Wording, offered: Sequence[str] = ()) -> None:
        """Draw this; `offered`: paths that fit what is typed."""
        said = [_offer(offered)] if offered else notes(text, wording)
        if said != self._said:
            self._said = said
            self.set_class(bool(said), "-said")
            self.refresh()

    def render(self) -> Content:
        """As many as fit; `…` for the rest."""
        room, drawn = self.content_size.width, Content("")
        for index, parts in enumerate(self._said):
            piece = Content.assemble(GAP if drawn else "", line(*parts))
            rest = 0 if index == len(self._said) - 1 else 2
            if drawn and drawn.cell_length + piece.cell_length + rest > room:
                return Content.assemble(drawn, (" …", "$faint"))
            drawn = Content.assemble(drawn, piece)
        return drawn.truncate(room, ellipsis=True)


def notes(text: str, wording: Wording) -> list[list[Part]]:
    """What is sent beside the text, one list of parts each."""
    said: list[list[Part]] = []
    if wording.instruction:
        said.append([("system ", "$operator"), (_short(wording.instruction), "$muted")])
    for file in wording.attached:
        size = (file.problem, "$state-failed") if file.problem else (size_words(file.size), "$muted")
        said.append([(f"@{_short(file.path, end=True)} ", "$model"), size])
    for name in variables(text):
        value = wording.values.get(name)
        asked: Part = ("asked for", "$faint") if value is None else (_short(value) or "empty", "$muted")
        said.append([("{" + name + "} ", "$model"), asked])
    if wording.let_finish:
        said.append([("losers finish", "$state-retrying")])
    return said


def _offer(offered: Sequence[str]) -> list[Part]:
    return [
        ("Tab ", "$brand"),
        ("  ".join(one_line(path.rstrip("/").rpartition("/")[2]) for path in offered), "$muted"),
    ]


def _short(text: str, *, end: bool = False) -> str:
    shown = one_line(text[: 4 * LONGEST] if not end else text)
    if len(shown) <= LONGEST:
        return shown
    return "…" + shown[1 - LONGEST :] if end else fit(shown, LONGEST)
