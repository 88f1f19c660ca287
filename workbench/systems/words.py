"""The words of the notation: what may stand bare, what needs quotes, how quoted text is written and read."""

from __future__ import annotations

import re

from workbench.systems.fields import CHECKS_BY_KIND, OPERATORS

_NAME = re.compile(r"\w(?:[\w./:@+~-]*[\w+])?")
_REF = re.compile(r"[\w.~/](?:[\w./:+~-]*[\w+])?")
_TEMPERATURE = re.compile(r"@(-?(?:\d{1,3}(?:\.\d*)?|\.\d+))\Z")
_INTEGER = re.compile(r"[-+]?\d{1,4000}")
_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(OPERATORS) | frozenset(CHECKS_BY_KIND)

Word = str | int | float | bool | None


def read_word(raw: str) -> Word:
    """A bare word as a value: `true`, `null`, `3`, `0.5`, or text."""
    if raw in _CONSTANTS:
        return _CONSTANTS[raw]
    if _INTEGER.fullmatch(raw):
        return int(raw)
    return float(raw) if _FLOAT.fullmatch(raw) else raw


def write_value(value: object) -> str:
    """A plain value (text, number, list, table) as notation."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return write_number(value)
    if isinstance(value, str):
        bare = _NAME.fullmatch(value) and isinstance(read_word(value), str)
        return value if bare else quote(value)
    if isinstance(value, dict):
        pairs = (f"{value_key(key)}={write_value(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(write_value, value)) + "]"
    raise TypeError(f"{type(value).__name__} can't be written as notation")


def write_number(value: float) -> str:
    """A float so that it reads back the same; infinity as a number too big to hold."""
    if value != value:
        raise TypeError("NaN can't be written as notation")
    if value in (float("inf"), float("-inf")):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)


def value_key(key: str) -> str:
    """A table's key, bare where it can be."""
    return key if _NAME.fullmatch(key) else quote(key)


def split_temperature(name: str) -> tuple[str, str | None]:
    """`gpt-4o@0.8` → (`gpt-4o`, `0.8`). `@20240620` is a version, not a temperature, and stays in the name."""
    found = _TEMPERATURE.search(name)
    return (name, None) if found is None else (name[: found.start()], found.group(1))


def write_model_name(name: str) -> str:
    """A model's name, quoted where it would be read as something else."""
    bare = _NAME.fullmatch(name) and name not in _RESERVED and not _TEMPERATURE.search(name)
    return name if bare else quote(name)


def write_ref(name: str) -> str:
    """`$name`"""
    return f"${name}" if _REF.fullmatch(name) else f"${quote(name)}"


def write_label(label: str) -> str:
    """A branch's label, bare where it can be."""
    return label if _NAME.fullmatch(label) else quote(label)


def write_temperature(value: float) -> str | None:
    """`@0.8`, or None where the number has no plain decimal form and must be written as an option."""
    text = repr(float(value)).removesuffix(".0")
    return f"@{text}" if _TEMPERATURE.fullmatch(f"@{text}") and float(text) == value else None


def quote(text: str) -> str:
    """Quoted text on one line: verbatim in single quotes where backslashes would need doubling, else with JSON's
    escapes. Nothing that a terminal would not print stands in it raw."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    import json

    escaped = json.dumps(text, ensure_ascii=False)
    return escaped if escaped.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in escaped)


def unquote(quoted: str) -> str:
    """The text of a quoted token. Raises ValueError on an unknown backslash escape."""
    if quoted.startswith("'"):
        return quoted[1:-1].replace("''", "'")
    import json

    text: str = json.loads(quoted, strict=False)
    return text


def _escape(character: str) -> str:
    import json

    return json.dumps(character)[1:-1]
