"""Users' regular expressions, run on text that others wrote: compiled once, limited in time and in size.

The `regex` library stops a search that backtracks without end, which `re` can't; its syntax is a superset of `re`'s.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from workbench.errors import InputError

SECONDS = 0.5
"""Longest that one search may take."""
MAX_PATTERN = 2_000
"""Longest pattern, characters."""


class PatternTimeout(Exception):
    """The search took longer than `SECONDS`."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    """The pattern, compiled. Raises `InputError` saying what is wrong and where in it."""
    import regex  # heavy, and most runs need none

    if len(pattern) > MAX_PATTERN:
        raise InputError(
            f"a pattern of {len(pattern)} characters is too long", where="regex", hint=f"Most: {MAX_PATTERN}."
        )
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise InputError(f"is no regular expression: {error}", where=f"regex {pattern!r}") from error


def found(pattern: str, text: str, *, whole: bool = False) -> bool:
    """Whether the pattern is found in the text (or matches all of it). Raises `InputError`, `PatternTimeout`."""
    compiled = compile_pattern(pattern)
    search = compiled.fullmatch if whole else compiled.search
    try:
        return search(text, timeout=SECONDS) is not None
    except TimeoutError as error:
        raise PatternTimeout from error


def last_match(pattern: str, text: str) -> str | None:
    """The last match: its group `answer`, else its first group, else all of it. Raises as `found` does."""
    last: Any = None
    try:
        for match in compile_pattern(pattern).finditer(text, timeout=SECONDS):
            last = match
    except TimeoutError as error:
        raise PatternTimeout from error
    if last is None:
        return None
    group = "answer" if "answer" in last.re.groupindex else min(1, last.re.groups)
    value = last.group(group)
    return value if isinstance(value, str) else None
