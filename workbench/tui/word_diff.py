"""What two texts share and where they part, word by word. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

import msgspec

Change: TypeAlias = Literal["same", "gone", "new"]
MOST_WORDS = 1500
"""Longer texts are compared line by line: word by word takes time with the square of their length."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text: in both, only in the first, or only in the second."""

    text: str
    change: Change


class Diff(msgspec.Struct, frozen=True):
    """The pieces in order, and how alike the texts are from 0 to 1."""

    pieces: tuple[Piece, ...]
    likeness: float
    by_line: bool = False


def word_diff(first: str, second: str) -> Diff:
    """The pieces of both texts. Those of the first alone stand before those of the second alone."""
    one, two = _WORDS.findall(first), _WORDS.findall(second)
    by_line = max(len(one), len(two)) > MOST_WORDS
    if by_line:
        one, two = first.splitlines(keepends=True), second.splitlines(keepends=True)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    pieces: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("".join(one[a:b]), "same"))
            continue
        pieces += [Piece("".join(one[a:b]), "gone")] if b > a else []
        pieces += [Piece("".join(two[c:d]), "new")] if d > c else []
    return Diff(_joined(pieces), matcher.ratio(), by_line)


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """White space between two changes goes with them, so that a reworded sentence is one change and not ten."""
    out: list[Piece] = []
    gone, new = "", ""
    for index, piece in enumerate(pieces):
        between = piece.change == "same" and (gone or new) and piece.text.isspace() and "\n" not in piece.text
        if between and index + 1 < len(pieces):
            gone, new = gone + piece.text, new + piece.text
        elif piece.change == "gone":
            gone += piece.text
        elif piece.change == "new":
            new += piece.text
        else:
            out += [*_changes(gone, new), piece]
            gone, new = "", ""
    return (*out, *_changes(gone, new))


def _changes(gone: str, new: str) -> list[Piece]:
    pieces = [Piece(gone, "gone"), Piece(new, "new")]
    return [piece for piece in pieces if piece.text]
