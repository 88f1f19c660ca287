"""Syntax errors in words: what stands there, what could stand there instead, and which bracket is still open."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from workbench.errors import NotationError

_WORDS = {
    "TEMPERATURE": "a temperature such as @0.8",
    "LPAR": "'('",
    "RPAR": "')'",
    "LSQB": "'['",
    "RSQB": "']'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "COMMA": "','",
    "COLON": "':'",
    "EQUAL": "'='",
    "NUMBER": "a number",
    "STRING": "quoted text",
    "NAME": "a name",
    "$END": "the end",
}
_ARROW = "'>>'"
_NODE = "a model, an operator(…) or $name"
_STARTS_NODE = {"REPLICAS", "REF", "NAME", "STRING", "LPAR"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_PIECES = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?P<open_quote>["'])|(?P<bracket>[()\[\]{}])""", re.S
)


def explain(text: str, error: UnexpectedInput, acceptable: set[str]) -> NotationError:
    """Lark's error as ours; `acceptable` are the terminals that may stand there."""
    if not text.strip():
        return NotationError(
            "nothing is written here", line=1, column=1, expected=(_NODE,), hint="E.g. race(5*gpt-4o-mini)."
        )
    unclosed = _unclosed_quote(text)
    if unclosed is not None:
        line, column = _position(text, unclosed)
        return NotationError("this quote is never closed", line=line, column=column, expected=("a closing quote",))
    expected = _expected(acceptable)
    ended = isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    line, column = _position(text, len(text.rstrip())) if ended else (error.line, error.column)
    found = "the text ends here" if ended else f"{_found(text, error)} can't stand here"
    message = f"{found}; expected {_or(expected)}" if expected else found
    return NotationError(message, line=line, column=column, expected=expected, hint=_hint(text, error, ended))


def _expected(acceptable: set[str]) -> tuple[str, ...]:
    names = set(acceptable)
    out: list[str] = []
    if "REPLICAS" in names or "REF" in names:
        out.append(_NODE)
        names -= _STARTS_NODE
    elif "LSQB" in names and "NUMBER" in names:
        out.append("a value")
        names -= {"NAME", "NUMBER", "STRING", "LSQB", "LBRACE"}
    elif "NAME" in names:
        out.append("an option's name")
        names -= {"NAME", "STRING"}
    out.extend(sorted(_WORDS.get(name, _ARROW) for name in names))
    return tuple(dict.fromkeys(out))


def _found(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedToken):
        return repr(str(error.token))
    position = error.pos_in_stream or 0
    return repr(text[position : position + 1])


def _hint(text: str, error: UnexpectedInput, ended: bool) -> str:
    opened = _open_brackets(text)
    if ended and opened:
        bracket, position = opened[-1]
        line, column = _position(text, position)
        return f"{bracket!r} at line {line}, column {column} is never closed: {_CLOSERS[bracket]!r} is missing."
    if isinstance(error, UnexpectedCharacters):
        return "A name with unusual characters goes in quotes."
    if isinstance(error, UnexpectedToken) and error.token == "(" and "}" in text[: error.pos_in_stream]:
        return "An operator's options go in square brackets: race[take=3](…)."
    if isinstance(error, UnexpectedToken) and error.token == "=":
        return "Options stand in [ ] after an operator and in { } after a model, a check or $name."
    return ""


def _unclosed_quote(text: str) -> int | None:
    return next((m.start() for m in _PIECES.finditer(text) if m.lastgroup == "open_quote"), None)


def _open_brackets(text: str) -> list[tuple[str, int]]:
    opened: list[tuple[str, int]] = []
    for match in _PIECES.finditer(text):
        if match.lastgroup != "bracket":
            continue
        if match[0] in _CLOSERS:
            opened.append((match[0], match.start()))
        elif opened and _CLOSERS[opened[-1][0]] == match[0]:
            opened.pop()
    return opened


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _or(expected: tuple[str, ...]) -> str:
    return expected[0] if len(expected) == 1 else f"{', '.join(expected[:-1])} or {expected[-1]}"
