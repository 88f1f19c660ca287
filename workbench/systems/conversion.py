"""What the importers share: the result, how input is read, and how parameters become a model's fields."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from workbench.errors import SystemFileError
from workbench.systems.fields import FieldError, fields_of
from workbench.systems.nodes import AnyNode, Ensemble, Model, System


class Conversion(Struct, frozen=True):
    """A system made from another tool's configuration, and everything of it that could not be carried over."""

    system: System
    lost: tuple[str, ...] = ()


class Losses:
    """Collects what can't be carried over, each said once."""

    def __init__(self) -> None:
        self._said: dict[str, None] = {}

    def add(self, message: str) -> None:
        """One more thing that is lost."""
        self._said[message] = None

    def all(self) -> tuple[str, ...]:
        """Everything that was lost, in order."""
        return tuple(self._said)


def read_input(text: object, tool: str) -> Any:
    """Text as JSON (or a Python list, as it stands in programs); anything else as it is. None where it is neither."""
    if not isinstance(text, str):
        return text
    stripped = text.strip()
    if not stripped:
        raise SystemFileError("nothing is written here", where=tool)
    if stripped[0] not in "[{":
        return None
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise SystemFileError(f"is neither JSON nor a list of strings: {_first_line(error)}", where=tool) from error


def model(name: str, options: Mapping[str, object], losses: Losses, what: str) -> Model:
    """A model with the options that it knows; `None` is left out, the rest is lost and said."""
    values: dict[str, Any] = {}
    for key, value in options.items():
        if value is None:
            continue
        try:
            values[key] = fields_of(Model)[key].convert(value)
        except (KeyError, FieldError) as error:
            reason = str(error) if isinstance(error, FieldError) else "it has no counterpart"
            losses.add(f"{what}: {key} = {value!r} ({reason})")
    return Model(model=name, **values)


def together(candidates: list[AnyNode]) -> AnyNode:
    """One node that yields all the candidates."""
    return candidates[0] if len(candidates) == 1 else Ensemble(of=tuple(candidates))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
