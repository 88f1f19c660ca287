"""The search line of the Runs and Frontier screens: plain words, and `kind:` `status:` `grade:` `tag:` `system:`
`tasks:` `since:` `until:` before a value."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from workbench.engine.events import RunStatus
from workbench.errors import InputError
from workbench.ledger.queries import RunQuery
from workbench.models.base import RunKind
from workbench.moments import moment
from workbench.paths import stands
from workbench.paths import typed as typed_path

NAMES = ("kind", "status", "grade", "tag", "system", "tasks", "since", "until")
VALUES: dict[str, tuple[str, ...]] = {
    "kind": get_args(RunKind),
    "status": get_args(RunStatus),
    "grade": ("right", "wrong", "skip", "none"),
}
"""Filters whose values are known beforehand; `grade:none` is a run without a grade."""
OFFERED = 50
"""So many files are offered as task sets."""
_TOKEN = re.compile(r'(?:(kind|status|grade|tag|system|tasks|since|until):(?:"([^"]*)"?|(\S*)))|(\S+)')


def parse(line: str, now_ns: int | None = None) -> RunQuery:
    """What the line asks for. A filter without a value, or with a time that is none, asks for nothing; a word that no
    run has finds none, as does a file that is no task set. `now_ns`: since when `7d` is counted back."""
    words: list[str] = []
    given: dict[str, Any] = {}
    tags: list[str] = []
    for name, quoted, plain, word in _TOKEN.findall(line):
        value = quoted or plain
        if word:
            words.append(word)
        elif name == "tag" and value:
            tags.append(value)
        elif name in ("since", "until"):
            with suppress(InputError):  # it is still being typed
                given[f"{name}_unix_ns"] = moment(value, name, None if now_ns is None else now_ns / 1e9)
        elif name == "tasks" and value:
            given |= {"tasks": value, "prompts": _prompts(value)}
        elif value and (name not in VALUES or value in VALUES[name]):
            given[name] = value
    ends_in_word = bool(words) and line.endswith(words[-1])
    return RunQuery(text=" ".join(words), unfinished=ends_in_word, tags=tuple(tags), **given)


def _prompts(file: str) -> tuple[str, ...]:
    try:
        return _read(file)
    except InputError:
        return ()


def problem(query: RunQuery) -> str:
    """Why its file of tasks names no run; empty where it does."""
    if query.prompts != ():
        return ""
    try:
        _read(query.tasks)
    except InputError as error:
        return str(error)
    return ""


def _read(file: str) -> tuple[str, ...]:
    from workbench.evals.task_sets import prompts

    path = typed_path(file)
    if stands(path) and not stands(path, "file"):  # a pipe may keep one waiting for ever
        raise InputError("is no file", where=file)
    return prompts(path)


def task_files() -> list[str]:
    """Files of the working folder that may be task sets, by name; they are not read."""
    with suppress(OSError):
        return sorted(path.name for path in Path().iterdir() if path.name.endswith((".jsonl", ".jsonl.gz")))[:OFFERED]
    return []


def toggled(line: str, name: str, value: str) -> str:
    """The line with a filter added, or taken out where it is there. A filter of one value takes the place of another
    of its name; tags add up."""
    token = written(name, value)
    kept, found = [], False
    for match in _TOKEN.finditer(line):
        same = (match[2] or match[3] or "") == value
        if match[1] == name and same:
            found = True
        elif match[1] != name or name == "tag":
            kept.append(match[0])
    return " ".join([*kept] if found else [token, *kept])


def written(name: str, value: str) -> str:
    """A filter as the line has it."""
    value = value.replace('"', "")
    return f'{name}:"{value}"' if re.search(r"\s", value) or not value else f"{name}:{value}"


def without(line: str, name: str) -> str:
    """The line without the filters of a name."""
    return " ".join(match[0] for match in _TOKEN.finditer(line) if match[1] != name)
