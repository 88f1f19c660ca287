"""Pasted text arrives whole: what stands between the terminal's paste marks is text, escape codes included.

Textual's parser looks for escape codes inside a paste and takes them, and what follows them, for keys: a paste that
holds a colour code and a newline would press Enter. It also reads a paste character by character, which takes seconds
for a megabyte. And it takes Alt with a letter for two characters where another code follows at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from workbench.tui.hangup import Silence

MARK = len(BRACKETED_PASTE_START)


class PasteParser(XTermParser):
    """Textual's parser of the terminal's input, with pastes cut out before it sees them."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._recent = ""
        """The last characters that the parser was given: a mark may be split between two reads."""
        self._pasting = False
        self._pieces: list[str] = []
        self._held = ""
        self._silence = Silence()

    def feed(self, data: str) -> Iterable[Message]:
        """Messages of this input; nothing of a paste before its end."""
        self._silence.broken()
        if not data:
            yield from super().feed(data)
        while data:
            if self._pasting:
                text, data = self._until_end(data)
                if text is not None:
                    yield events.Paste(text)
                continue
            known = self._recent
            start = (known + data).find(BRACKETED_PASTE_START)
            if start < 0:
                self._recent = (known + data)[1 - MARK :]
                yield from super().feed(data)
                return
            cut = start + MARK - len(known)
            yield from super().feed(data[:cut])
            self._pasting, self._recent, data = True, "", data[cut:]

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """Alt with a letter is known at once: no longer code begins like that. Textual waits for more, and where that
        begins another code (the mouse moves, an arrow follows) types `^` and the letter. Alt with a digit it takes for
        the sign that one Mac's keyboard has there."""
        with_alt = len(sequence) == 2 and sequence[0] == "\x1b" and sequence[1].isascii()
        if with_alt and sequence[1].isdigit():
            return super()._sequence_to_key_events(sequence[1], alt=True)
        keys = list(super()._sequence_to_key_events(sequence, alt))
        if not keys and with_alt and sequence[1].islower():
            return super()._sequence_to_key_events(sequence[1], alt=True)
        return keys

    def tick(self) -> Iterable[Message]:
        """Messages of an escape code that was not finished in time; it begins no mark any more. Called after every
        look at the terminal, in vain or not."""
        self._silence.goes_on()
        for message in super().tick():
            self._recent = ""
            yield message

    def _until_end(self, data: str) -> tuple[str | None, str]:
        """The pasted text where its end is in `data`, and what comes after it."""
        data, self._held = self._held + data, ""
        end = data.find(BRACKETED_PASTE_END)
        if end < 0:
            self._pieces.append(data[: 1 - MARK])
            self._held = data[1 - MARK :]
            return None, ""
        text = "".join([*self._pieces, data[:end]]).replace("\x00", "")
        self._pieces.clear()
        self._pasting = False
        for _ in super().feed(BRACKETED_PASTE_END):  # Textual's own state; its empty paste is not wanted
            pass
        return text, data[end + MARK :]


def install() -> None:
    """Let Textual's terminal drivers of this platform read their input with it."""
    driver = importlib.import_module(
        "textual.drivers.win32" if sys.platform == "win32" else "textual.drivers.linux_driver"
    )
    if getattr(driver, "XTermParser", None) is XTermParser:
        vars(driver)["XTermParser"] = PasteParser
