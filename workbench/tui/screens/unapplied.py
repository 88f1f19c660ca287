"""What is typed in a dialog of the Bench and applied nowhere yet outlives the app, and Esc where a dialog says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from workbench.tui.drafts import Typed
from workbench.tui.screens.dialog import Dialog
from workbench.tui.screens.foreseeing import Foreseeing

T = TypeVar("T")
ASIDE = {
    "instruction": "A system prompt that you typed and did not keep is back: F7 goes on with it.",
    "values": "Values that you typed and did not keep are back: the prompt's names are asked for with them.",
}
"""What is said at the next start of text that a dialog was left with."""


class Unapplied(Foreseeing):
    """The Bench's half that opens dialogs to type in."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: dict[tuple[str, str], Typed] = {}
        """By the dialog and what it is about."""

    def draft_soon(self) -> None:
        """Keep a draft once the keys rest."""
        raise NotImplementedError

    def open_again(self, name: str, at: str) -> None:
        """The dialog that text was typed in as the app ended."""
        raise NotImplementedError

    def ask(self, dialog: Dialog[T], then: Callable[[T | None], None], name: str, at: str = "") -> None:
        """Open a dialog, with what was typed in it before; what is typed in it now is part of the draft."""
        key = name, at
        before = self.typed.get(key)
        dialog.given = dict(before.texts) if before is not None else {}

        def touched() -> None:
            texts = dialog.texts()
            if texts:
                self.typed[key] = Typed(name, at, texts)
            else:
                self.typed.pop(key, None)
            self.draft_soon()

        def left(result: T | None) -> None:
            typed = self.typed.pop(key, None)
            if typed is not None and dialog.RESTS and result is None:
                self.typed[key] = replace(typed, open=False)
            then(result)
            self.draft_soon()

        dialog.touched = touched
        self.app.push_screen(dialog, left)

    def forget_open(self) -> None:
        """The app is left without what is typed in a dialog."""
        self.typed = {key: typed for key, typed in self.typed.items() if not typed.open}

    def type_again(self, left: tuple[Typed, ...]) -> list[str]:
        """What was typed the last time; returns what is to be said of it."""
        self.typed = {(each.dialog, each.at): each for each in left}
        there = next((each for each in left if each.open), None)
        if there is not None:
            self.once_drawn(partial(self.open_again, there.dialog, there.at))
        said = ["The dialog that you were typing in is open again."] if there is not None else []
        return said + [ASIDE[each.dialog] for each in left if not each.open and each.dialog in ASIDE]
