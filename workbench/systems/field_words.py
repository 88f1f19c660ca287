"""What a field takes and is for, in words, read off its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import inspect

if TYPE_CHECKING:
    from workbench.systems.fields import FieldKind


def description(hint: Any, kind: FieldKind) -> str:
    """What it is for."""
    return _description(inspect.type_info(hint)) or _KIND_DESCRIPTIONS.get(kind, "")


def takes(hint: Any, kind: FieldKind, choices: tuple[str, ...]) -> str:
    """`a whole number of at least 1`. `choices`: the words it is one of, where it is."""
    return _KIND_WORDS.get(kind) or _takes(inspect.type_info(hint), choices)


_KIND_WORDS: dict[FieldKind, str] = {
    "node": "a node",
    "test": "a node or a check",
    "nodes": "nodes",
    "branches": "labelled branches",
}
_KIND_DESCRIPTIONS: dict[FieldKind, str] = {
    "node": "A model, or any node that answers like one.",
    "test": "A model, any node that answers like one, or a check that needs no model.",
    "nodes": "The children.",
    "branches": "The branches, each with its label.",
}


def _description(info: inspect.Type) -> str:
    if isinstance(info, inspect.Metadata):
        extra = info.extra_json_schema or {}
        return str(extra.get("description", "")) or _description(info.type)
    return ""


def _takes(info: inspect.Type, choices: tuple[str, ...]) -> str:
    if not choices:
        return _words(info)
    words = f"one of {', '.join(choices)}"
    inner = info.type if isinstance(info, inspect.Metadata) else info
    return f"{words} or null" if isinstance(inner, inspect.UnionType) else words


def _words(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata():
            return _words(info.type)
        case inspect.UnionType():
            return " or ".join(_words(part) for part in sorted(info.types, key=_none_last))
        case inspect.IntType() | inspect.FloatType():
            return _number_words(info)
        case inspect.StrType():
            return "text" if not info.min_length else "text that is not empty"
        case inspect.VarTupleType() | inspect.ListType():
            return f"a list, each item {_words(info.item_type)}"
        case _:
            return _PLAIN_WORDS.get(type(info), "a value")


_PLAIN_WORDS: dict[type[inspect.Type], str] = {
    inspect.BoolType: "true or false",
    inspect.NoneType: "null",
    inspect.DictType: "a table of names and values",
    inspect.StructType: "a table of its own keys",
}


def _none_last(info: inspect.Type) -> bool:
    return isinstance(info, inspect.NoneType)


def _number_words(info: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(info, inspect.IntType) else "a number"
    low, high = info.ge, info.le
    if low is not None and high is not None:
        return f"{noun} from {low} to {high}"
    if info.gt is not None:
        bound = f" above {info.gt}"
        return f"{noun}{bound}, at most {high}" if high is not None else f"{noun}{bound}"
    return f"{noun} of at least {low}" if low is not None else noun
