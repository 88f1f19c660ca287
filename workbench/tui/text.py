"""Untrusted text made safe to draw: no control sequences, no direction tricks, no markup, bounded length.

Model output, prompts, names and error messages pass through here on their way to the screen. What comes out is still
only ever put into `Content`, `Text` or `Segment`, which do not read markup.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeAlias

from rich.cells import cell_len, chop_cells, set_cell_size

Cells: TypeAlias = tuple[tuple[str, str], ...]
"""A line from left to right: (text, name of the component style it is drawn in, or nothing)."""

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC up to their end
    r"|\x1b[@-Z\\-_]?"
    r"|\x9b[0-?]*[ -/]*[@-~]?"
)
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile(r"\s*\n\s*")


def clean(text: str) -> str:
    """The text without control sequences, control characters and direction overrides; newlines stay, tabs become
    spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _UNSAFE.sub("", text.expandtabs(4)))


def one_line(text: str) -> str:
    """Clean text on one line: each break becomes a space."""
    return flat(text).strip()


def flat(text: str) -> str:
    """The same with the spaces at its ends."""
    return _BREAKS.sub(" ", clean(text))


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells of clean text: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    cells = cell_len(text)
    if cells > width:
        return set_cell_size(text, width - 1) + "…"
    return (" " * (width - cells) + text) if right else text + " " * (width - cells)


def fit_ends(text: str, width: int) -> str:
    """Exactly `width` cells of clean text; where it is cut, both its ends stay: names often differ there."""
    if cell_len(text) <= width or width < 8:
        return fit(text, width)
    tail = width // 2 - 1
    end = text
    while cell_len(end) > tail:
        end = end[1:]
    return set_cell_size(text, width - 1 - cell_len(end)) + "…" + end


def wrap(text: str, width: int) -> list[str]:
    """Clean text folded at `width` cells, at spaces where there are some."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_fold(paragraph, max(1, width)))
    return lines


def _fold(paragraph: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in paragraph.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width) or [""]
        lines.extend(full)
    return [*lines, line]


def tail(text: str, limit: int) -> tuple[str, int]:
    """The last `limit` characters from a line's start where one is near, and how many were left out."""
    if len(text) <= limit:
        return text, 0
    start = len(text) - limit
    line = text.find("\n", start, start + limit // 4)
    start = line + 1 if line >= 0 else start
    return text[start:], start


def short(path: Path) -> str:
    """The path with the home folder as ~."""
    home = str(Path.home())
    text = str(path)
    return one_line("~" + text[len(home) :] if text.startswith(home + "/") else text)
