"""Splits `<think>…</think>` at the head of an answer into the thinking channel, piece by piece as text arrives."""

from __future__ import annotations

from typing import Literal, TypeAlias

from workbench.models.base import Channel

Piece: TypeAlias = tuple[Channel, str]

OPEN = "<think>"
CLOSE = "</think>"


class ThinkSplitter:
    """Feed it the content as it comes; tags may be cut anywhere.

    Only a tag at the very start counts (after white space): an answer that talks about `<think>` is an answer. White
    space right after a tag belongs to neither channel.
    """

    def __init__(self) -> None:
        self._state: Literal["start", "thinking", "gap", "answer"] = "start"
        self._held = ""

    @property
    def settled(self) -> bool:
        """True once everything that follows is answer: the splitter may be left out."""
        return self._state == "answer"

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are certain by now; what may be part of a tag is held back."""
        if self._state == "answer":
            return [("answer", text)] if text else []
        self._held += text
        pieces: list[Piece] = []
        if self._state == "start":
            self._start(pieces)
        if self._state == "thinking":
            self._think(pieces)
        if self._state == "gap":
            self._answer(self._held.lstrip(), pieces)
        return pieces

    def flush(self) -> list[Piece]:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, ""
        channel: Channel = "thinking" if self._state == "thinking" else "answer"
        return [(channel, held)] if held and self._state != "gap" else []

    def _start(self, pieces: list[Piece]) -> None:
        head = self._held.lstrip()
        if head.startswith(OPEN):
            self._state, self._held = "thinking", head[len(OPEN) :].lstrip()
        elif not OPEN.startswith(head):
            self._answer(self._held, pieces)

    def _think(self, pieces: list[Piece]) -> None:
        thought, tag, rest = self._held.partition(CLOSE)
        if tag:
            self._state, self._held = "gap", rest
        else:
            keep = _partial(self._held)
            thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if thought:
            pieces.append(("thinking", thought))

    def _answer(self, text: str, pieces: list[Piece]) -> None:
        if text:
            self._state, self._held = "answer", ""
            pieces.append(("answer", text))


def _partial(text: str) -> int:
    """How many characters at the end of `text` may be the start of a closing tag."""
    return next((n for n in range(min(len(CLOSE) - 1, len(text)), 0, -1) if text.endswith(CLOSE[:n])), 0)
