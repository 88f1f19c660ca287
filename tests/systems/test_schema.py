"""The JSON Schema agrees with the reader: what one takes the other takes."""

from __future__ import annotations

from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from tests.laws import examples
from tests.systems import trees
from workbench import paths
from workbench.errors import SystemFileError
from workbench.systems import files
from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, fields_of
from workbench.systems.nodes import Budget, System

SCHEMA = files.json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(paths.presets_dir().glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_system_is_valid(path: Any) -> None:
    VALIDATOR.validate(plain(path.read_text(encoding="utf-8")))


@settings(max_examples=examples(60), deadline=None)
@given(trees.systems)
def test_every_system_is_valid(system: System) -> None:
    VALIDATOR.validate(msgspec.json.decode(msgspec.json.encode(system)))


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "root: race(3*a)",
        "node: race\nof: 3*a",
        "$ref: laconic-10\nreplicas: 3",
        "root: {node: route, router: r, branches: {code: a, else: b}}",
        "root: {node: route, router: r, branches: [{label: code, when: programs, to: a}]}",
        "root: {node: verify, verifier: {node: number}, of: [a, {$ref: b}]}",
    ],
)
def test_shorthands_are_valid_and_read(text: str) -> None:
    VALIDATOR.validate(plain(text))
    assert files.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "root: {node: race, tke: 3, of: a}",
        "root: {node: race, take: 0, of: a}",
        "root: {node: race, rule: fast, of: a}",
        "root: {node: rcae, of: a}",
        "root: {node: judge, of: a}",
        "root: {node: number}",
        "root: {node: judge, judge: {node: number}, of: a}",
        "name: x",
        "root: a\nbudget: {max_usd: -1}",
        "root: {node: model, model: a, temperature: hot}",
        "5",
    ],
)
def test_what_the_reader_refuses_is_invalid(text: str) -> None:
    assert not VALIDATOR.is_valid(plain(text))
    with pytest.raises(SystemFileError):
        files.loads(text)


@pytest.mark.parametrize("cls", [*NODES_BY_KIND.values(), *CHECKS_BY_KIND.values(), Budget, System])
def test_every_field_says_what_it_is(cls: type[msgspec.Struct]) -> None:
    without = [name for name, field in fields_of(cls).items() if not field.description]
    assert without == (["budget"] if cls is System else [])  # the budget is described by its own fields
    properties = SCHEMA["$defs"][cls.__name__]["properties"]
    assert [name for name in fields_of(cls) if name not in properties] == []
