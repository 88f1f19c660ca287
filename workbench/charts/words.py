"""Labels made by people and models, as harmless text on one line, cut by the cells that they take."""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len, set_cell_size

JOIN = " · "
"""Between the facts of a line."""
_ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b.?")


def plain(text: str) -> str:
    """The text on one line without escape sequences, control characters, direction marks and lone surrogates."""
    flat = " ".join(_ESCAPES.sub("", text).split())
    return "".join(c for c in flat if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def cut(text: str, width: int) -> str:
    """At most `width` cells, with `…` where something is missing."""
    if width <= 0:
        return ""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def ends(text: str, width: int) -> str:
    """As `cut`, but both ends stay: names of models often differ there."""
    if cell_len(text) <= width or width < 8:
        return cut(text, width)
    end = text
    while cell_len(end) > width // 2 - 1:
        end = end[1:]
    return set_cell_size(text, width - 1 - cell_len(end)) + "…" + end


def rows(text: str, width: int, most: int) -> list[str]:
    """Facts joined by ` · ` on at most so many lines, broken between facts; what has no room ends in `…`."""
    if width <= 0 or most <= 0 or not text:
        return []
    found = [""]
    for fact in text.split(JOIN):
        longer = f"{found[-1]}{JOIN}{fact}" if found[-1] else fact
        if not found[-1] or cell_len(longer) <= width or len(found) == most:
            found[-1] = longer
        else:
            found.append(fact)
    return [cut(line, width) for line in found]


def kind_said(kind: str) -> str:
    """What a subtitle has to say of where the figures come from: nothing of real ones."""
    return "" if kind in ("", "real") else plain(kind)
