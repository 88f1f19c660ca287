"""A node's own schema as the lines of a form: what stands in each box and what is read from it. Pure.

An empty box means the default. `none` means nothing where the default is something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, inspect, structs

from workbench.systems import edits
from workbench.systems.fields import Field, FieldError, fields_of
from workbench.systems.nodes import System

NONE = "none"
BRANCH, BUDGET = "branch", "budget"
_BOOLS = ("false", "true")


class Entry(msgspec.Struct, frozen=True):
    """One line: a field and what it holds."""

    key: str
    """The field's name; `branch/label` of a route's branch, `budget/max_usd` of a system's budget."""
    field: Field
    value: Any

    @property
    def name(self) -> str:
        """As it is shown."""
        group, _, name = self.key.rpartition("/")
        return f"{group} {name}" if group and name != "when" else name

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it is one of; the first is empty where nothing may be chosen."""
        words = _BOOLS if _is(self.field, inspect.BoolType) else self.field.choices
        return ("", *words) if words and self.field.default is None and not self.field.required else words

    @property
    def text(self) -> str:
        """What stands in the box."""
        return text_of(self.field, self.value)

    @property
    def long(self) -> bool:
        """Whether it may have several lines."""
        free = _is(self.field, inspect.StrType) and not self.choices
        optional = self.field.default is None and not self.field.required
        return free and (optional or self.key in ("tests", "example") or "\n" in self.text)

    def read(self, text: str) -> Any:
        """What the box says. Raises `FieldError`."""
        return value_of(self.field, text)

    def error(self, text: str) -> str:
        """What is wrong with the text; empty where nothing is."""
        try:
            self.read(text)
        except FieldError as error:
            return f"{takes(self.field) or 'needed'}. {error.hint}".removesuffix(". ")
        return ""


def entries_of(system: System, path: str) -> list[Entry]:
    """The lines of the node's form; those of its branch first where a route holds it."""
    node = edits.get(system, path)
    branch = edits.branch_at(system, path)
    before = _entries(branch, f"{BRANCH}/") if branch is not None else []
    own = _entries(node)
    first = [entry for entry in own if entry.key in ("model", "ref", "replicas")]
    first.sort(key=lambda entry: entry.key == "replicas")
    label = [entry for entry in own if entry.key == "label"]
    return before + first + [entry for entry in own if entry not in first and entry not in label] + label


def entries_of_system(system: System) -> list[Entry]:
    """The lines of the form of the system as a whole."""
    own = [entry for entry in _entries(system) if entry.key != BUDGET]
    return own + _entries(system.budget, f"{BUDGET}/")


def _entries(value: Struct, prefix: str = "") -> list[Entry]:
    fields = [field for field in fields_of(type(value)).values() if field.kind == "value"]
    return [Entry(prefix + field.name, field, getattr(value, field.name)) for field in fields]


def apply(system: System, path: str, values: Mapping[str, Any]) -> System:
    """The system with these values in the node at the path. Raises `EditError`."""
    for key, value in values.items():
        if not key.startswith(f"{BRANCH}/"):
            system = edits.set_field(system, path, key, value)
    branch = edits.branch_at(system, path)
    said = {key.partition("/")[2]: value for key, value in values.items() if key.startswith(f"{BRANCH}/")}
    if branch is not None and said:
        system = edits.set_branch(system, path, said.get("label", branch.label), said.get("when"))
    return system


def apply_to_system(system: System, values: Mapping[str, Any]) -> System:
    """The system with these values of its own."""
    budget = {key.partition("/")[2]: value for key, value in values.items() if key.startswith(f"{BUDGET}/")}
    own = {key: value for key, value in values.items() if "/" not in key}
    return structs.replace(system, budget=structs.replace(system.budget, **budget), **own)


_BRIEF = (
    (r" or null", ""),
    (r"^an? ", ""),
    (r" of at least ", " ≥ "),
    (r" from (\S+) to ", r" \1 – "),
    (r" above ", " > "),
    (r", at most ", ", ≤ "),
    (r"^text( that is not empty)?$", ""),
    (r"^list, each item text.*", "texts, between commas"),
    (r"^table of .*", "a JSON object"),
)


def takes(field: Field) -> str:
    """What the field takes, short enough to stand beside its box; nothing where any text does."""
    words = field.takes
    for pattern, short in _BRIEF:
        words = re.sub(pattern, short, words)
    return words


def default_text(field: Field) -> str:
    """What an empty box means."""
    return "" if field.required else text_of(field, field.default, bare=False)


def text_of(field: Field, value: Any, *, bare: bool = True) -> str:
    """The value as text. `bare`: nothing where it is the default."""
    if bare and not field.required and value == field.default:
        return ""
    if value is None:
        return "" if field.default is None else NONE
    if isinstance(value, bool):
        return _BOOLS[value]
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, tuple):
        return ", ".join(value) if all(_plain(text) for text in value) else msgspec.json.encode(value).decode()
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else str(value)


def value_of(field: Field, text: str) -> Any:
    """What the text says. Raises `FieldError`."""
    if _is(field, inspect.StrType) and not field.choices:
        return field.convert(text) if text or field.required else field.default
    text = text.strip()
    if not text and not field.required:
        return field.default
    if text == NONE and NONE not in field.choices:
        return field.convert(None)
    if field.choices:
        return field.convert(text)
    if _is(field, inspect.VarTupleType):
        return field.convert(_json(text) if text.startswith("[") else [part.strip() for part in text.split(",")])
    return field.convert(_json(text))


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        try:
            return float(text)
        except ValueError:
            return text


def _plain(text: str) -> bool:
    return bool(text) and text == text.strip() and not any(sign in text for sign in ',["\n')


def _is(field: Field, kind: type[inspect.Type]) -> bool:
    return any(isinstance(part, kind) for part in _parts(inspect.type_info(field.type)))


def _parts(info: inspect.Type) -> list[inspect.Type]:
    if isinstance(info, inspect.Metadata):
        return _parts(info.type)
    if isinstance(info, inspect.UnionType):
        return [part for one in info.types for part in _parts(one)]
    return [info]
