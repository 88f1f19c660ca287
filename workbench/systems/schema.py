"""JSON Schema of a system's file for editors, with the shorthands that the reader understands."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, fields_of
from workbench.systems.nodes import Branch, System

_TEMPLATE = "#/$defs/{name}"
_NOTATION = {"type": "string", "minLength": 1, "description": "A line of notation, e.g. 5*openai/gpt-4o-mini@0.8"}


def build() -> dict[str, Any]:
    """The schema; every node and check is a definition of its own."""
    _, definitions = msgspec.json.schema_components((System,), ref_template=_TEMPLATE)
    kinds: list[type[Struct]] = [*NODES_BY_KIND.values(), *CHECKS_BY_KIND.values(), Branch, System]
    for cls in kinds:
        _shorthands(definitions[cls.__name__], cls)
    definitions["RefShort"] = _short_ref(definitions["Ref"])
    nodes = [*(cls.__name__ for cls in NODES_BY_KIND.values()), "RefShort"]
    checks = [cls.__name__ for cls in CHECKS_BY_KIND.values()]
    definitions["node"] = {"anyOf": [_NOTATION, *map(_reference, nodes)]}
    definitions["test"] = {"anyOf": [_NOTATION, *map(_reference, (*nodes, *checks))]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Workbench system",
        "anyOf": [_reference("System"), _reference("node")],
        "$defs": definitions,
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(name=name)}


def _shorthands(definition: dict[str, Any], cls: type[Struct]) -> None:
    for name, field in fields_of(cls).items():
        words = {"description": field.description} if field.description else {}
        if field.kind in ("node", "test"):
            definition["properties"][name] = {**_reference(field.kind), **words}
        elif field.kind == "nodes":
            many = {"type": "array", "items": _reference("node")}
            definition["properties"][name] = {"anyOf": [_reference("node"), many], **words}
        elif field.kind == "branches":
            table = {"type": "object", "additionalProperties": _reference("node")}
            listed = {"type": "array", "items": _reference("Branch")}
            definition["properties"][name] = {"anyOf": [table, listed], **words}


def _short_ref(ref: dict[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in ref["properties"].items() if name not in ("node", "ref")}
    return {
        **ref,
        "title": "RefShort",
        "properties": {"$ref": ref["properties"]["ref"], **properties},
        "required": ["$ref"],
    }
