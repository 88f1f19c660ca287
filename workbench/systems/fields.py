"""What the structs say about their own fields, in words: for error messages, forms, completion and the docs.

Everything here is read off the structs in `nodes`; nothing is written twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct, inspect

from workbench.systems.nodes import CHECKS, NODES, Branch, Check, Model, Node, Ref, Regex

FieldKind: TypeAlias = Literal["node", "test", "nodes", "branches", "value"]

NODES_BY_KIND: dict[str, type[Node]] = {str(cls.__struct_config__.tag): cls for cls in NODES}
"""'race' → Race, for every operator, `model` and `ref`."""
CHECKS_BY_KIND: dict[str, type[Check]] = {str(cls.__struct_config__.tag): cls for cls in CHECKS}
"""'regex' → Regex, for every test that needs no model."""
OPERATORS: dict[str, type[Node]] = {tag: cls for tag, cls in NODES_BY_KIND.items() if cls not in (Model, Ref)}
"""The kinds that the notation writes with round brackets."""


class FieldError(ValueError):
    """A value does not fit its field. The text says what the field takes; `hint` what was probably meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Field(Struct, frozen=True, kw_only=True, dict=True):
    """One field of a node, check, branch, budget or system. What it says in words is put together when it is asked."""

    name: str
    kind: FieldKind
    """What it holds: one node, one node or check, children, labelled branches, or a plain value."""
    type: Any
    required: bool
    default: Any
    """The default value; None where the field is required."""

    @cached_property
    def description(self) -> str:
        """What it is for."""
        return _description(self._described) or _KIND_DESCRIPTIONS.get(self.kind, "")

    @cached_property
    def takes(self) -> str:
        """What it takes, in words: 'a whole number of at least 1'."""
        return _KIND_WORDS.get(self.kind) or _takes(self._described, self.choices)

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The words it is one of, where it is."""
        return _choices(self.type)

    @cached_property
    def _described(self) -> inspect.Type:
        return inspect.type_info(self.type)

    def convert(self, value: object) -> Any:
        """The value in the field's own type. Raises `FieldError` where it does not fit."""
        try:
            return msgspec.convert(value, self.type)
        except msgspec.ValidationError as error:
            hint = suggest(value, self.choices) if isinstance(value, str) else ""
            raise FieldError(f"{self.name} takes {self.takes}, not {_show(value)}", hint) from error


@cache
def fields_of(cls: type[Struct]) -> dict[str, Field]:
    """The struct's fields by name, in its own order."""
    hints = get_type_hints(cls, include_extras=True)
    return {f.name: _field(cls, f, hints[f.name]) for f in msgspec.structs.fields(cls)}


def suggest(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'shortest'?`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""


def _field(cls: type[Struct], info: msgspec.structs.FieldInfo, hint: Any) -> Field:
    kind = _kind(cls, info.name, hint)
    return Field(name=info.name, kind=kind, type=hint, required=info.required, default=_default(info))


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


def _kind(cls: type[Struct], name: str, hint: Any) -> FieldKind:
    if cls is Branch and name == "to":
        return "node"
    if cls.__name__ == "System" and name == "root":
        return "node"
    if not issubclass(cls, Node):
        return "value"
    if name in cls.arguments:
        return "test" if Regex in get_args(hint) else "node"
    if name in cls.branches_in:
        return "branches" if Branch in get_args(hint) else "nodes"
    return "value"


def _default(info: msgspec.structs.FieldInfo) -> Any:
    if info.default is not NODEFAULT:
        return info.default
    return None if info.default_factory is NODEFAULT else info.default_factory()


def _description(info: inspect.Type) -> str:
    if isinstance(info, inspect.Metadata):
        extra = info.extra_json_schema or {}
        return str(extra.get("description", "")) or _description(info.type)
    return ""


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of a Literal anywhere in the annotation, in the order in which they are declared."""
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    return tuple(word for part in get_args(hint) for word in _choices(part))


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


def _show(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}…"
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else "this"
