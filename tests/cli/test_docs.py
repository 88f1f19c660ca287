"""Reference pages name everything there is."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli import scripted
from workbench.config import Config
from workbench.engine.view import RunView

DOCS = Path(__file__).parents[2] / "docs"


def keys_of(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """Every key of a config struct, `<…>` for a key that the user names."""
    for field in msgspec.structs.fields(struct):
        inner = _struct_in(field.type)
        name = f"{prefix}{field.encode_name}"
        if inner is None:
            yield name
        elif typing.get_origin(field.type) is dict:
            if prefix:
                yield name
            else:
                yield from keys_of(inner, f"{name}.<>.")
        else:
            yield from keys_of(inner, f"{name}.")


def _struct_in(annotation: object) -> type[msgspec.Struct] | None:
    candidates = (annotation, *typing.get_args(annotation))
    return next((t for t in candidates if isinstance(t, type) and issubclass(t, msgspec.Struct)), None)


def documented_keys() -> set[str]:
    rows = re.findall(
        r"^\| `([^`]+)` \|", (DOCS / "config.md").read_text(encoding="utf-8").split("## Keys of the file")[1], re.M
    )
    return {re.sub(r"<[^>]+>", "<>", row) for row in rows}


def test_every_config_key_is_documented_and_no_other() -> None:
    documented = {key.removesuffix(".<>") for key in documented_keys()}
    assert documented == set(keys_of(Config))


@pytest.mark.parametrize(("heading", "part"), [("A run", None), ("A call", "calls"), ("A candidate", "candidates")])
def test_every_json_name_is_documented(heading: str, part: str | None) -> None:
    data = RunView().apply_all(scripted.race()).to_json()
    names = set(data if part is None else data[part][0])
    section = (DOCS / "json.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.M)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == names
