"""The search line of the Runs screen: plain words, and `kind:` `status:` `grade:` `tag:` `system:` before a value."""

from __future__ import annotations

import re
from typing import Any, get_args

from workbench.engine.events import RunStatus
from workbench.ledger.queries import RunQuery
from workbench.models.base import RunKind

NAMES = ("kind", "status", "grade", "tag", "system")
VALUES: dict[str, tuple[str, ...]] = {
    "kind": get_args(RunKind),
    "status": get_args(RunStatus),
    "grade": ("right", "wrong", "skip", "none"),
}
"""Filters whose values are known beforehand; `grade:none` is a run without a grade."""
_TOKEN = re.compile(r'(?:(kind|status|grade|tag|system):(?:"([^"]*)"?|(\S*)))|(\S+)')


def parse(line: str) -> RunQuery:
    """What the line asks for. A filter without a value asks for nothing; a word that no run has finds none."""
    words: list[str] = []
    given: dict[str, Any] = {}
    tags: list[str] = []
    for name, quoted, plain, word in _TOKEN.findall(line):
        value = quoted or plain
        if word:
            words.append(word)
        elif name == "tag" and value:
            tags.append(value)
        elif value and (name not in VALUES or value in VALUES[name]):
            given[name] = value
    ends_in_word = bool(words) and line.endswith(words[-1])
    return RunQuery(text=" ".join(words), unfinished=ends_in_word, tags=tuple(tags), **given)


def toggled(line: str, name: str, value: str) -> str:
    """The line with a filter added, or taken out where it is there. A filter of one value takes the place of another
    of its name; tags add up."""
    token = f'{name}:"{value}"' if re.search(r"\s", value) or not value else f"{name}:{value}"
    kept, found = [], False
    for match in _TOKEN.finditer(line):
        same = (match[2] or match[3] or "") == value
        if match[1] == name and same:
            found = True
        elif match[1] != name or name == "tag":
            kept.append(match[0])
    return " ".join([*kept] if found else [token, *kept])
