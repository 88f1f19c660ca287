"""What the structs say about their own fields, in words: for error messages, forms, completion and the docs.

Everything here is read off the structs in `nodes`; nothing is written twice.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

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
        from workbench.systems import field_words

        return field_words.description(self.type, self.kind)

    @cached_property
    def takes(self) -> str:
        """What it takes, in words: 'a whole number of at least 1'."""
        from workbench.systems import field_words

        return field_words.takes(self.type, self.kind, self.choices)

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The words it is one of, where it is."""
        return _choices(self.type)

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
    names, defaults = cls.__struct_fields__, cls.__struct_defaults__  # `structs.fields` would read the types once more
    told = (NODEFAULT,) * (len(names) - len(defaults)) + defaults
    return {name: _field(cls, name, hints[name], default) for name, default in zip(names, told, strict=True)}


def suggest(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'shortest'?`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""


def _field(cls: type[Struct], name: str, hint: Any, default: Any) -> Field:
    required, factory = default is NODEFAULT, getattr(default, "factory", None)
    told = None if required else factory() if factory is not None else default
    return Field(name=name, kind=_kind(cls, name, hint), type=hint, required=required, default=told)


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


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of a Literal anywhere in the annotation, in the order in which they are declared."""
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    return tuple(word for part in get_args(hint) for word in _choices(part))


def _show(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | int | float):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}…"
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else "this"
