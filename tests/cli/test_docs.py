"""Reference pages name everything there is."""

from __future__ import annotations

import json
import re
import shlex
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli import scripted
from workbench.cli.line import build
from workbench.cli.main import COMMANDS
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


def defaults_of(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, object]]:
    """(key, default) of every key that has a place of its own in the file."""
    for field in msgspec.structs.fields(struct):
        inner = _struct_in(field.type)
        if inner is None:
            yield f"{prefix}{field.encode_name}", field.default
        elif typing.get_origin(field.type) is not dict:
            yield from defaults_of(inner, f"{prefix}{field.encode_name}.")


def test_documented_defaults_are_the_defaults() -> None:
    text = (DOCS / "config.md").read_text(encoding="utf-8").split("## Keys of the file")[1]
    documented = dict(re.findall(r"^\| `([^`]+)` \| `?([^|`]+?)`? \|", text, re.M))
    words = {"none": None, "cores − 1": None, "true": True, "false": False}
    for key, default in defaults_of(Config):
        if default is msgspec.NODEFAULT or isinstance(default, dict) or key == "defaults.prompt":
            continue
        said = documented[key]
        assert words[said] == default if said in words else json.loads(said) == default, key


def subcommands() -> Iterator[str]:
    app = build()
    for name in COMMANDS:
        inner = [each for each in app[name] if not each.startswith("-")]
        yield from (f"{name} {each}" for each in inner) if inner else (name,)


def test_every_command_is_documented() -> None:
    table = (DOCS / "cli.md").read_text(encoding="utf-8").split("\n## ")[0]
    documented = set[str]()
    for cell in re.findall(r"^\| (`[^|]+) \|", table, re.M):
        first, *more = re.findall(r"`([^`]+)`", cell)
        words = [word for word in first.split() if word.islower() and word[0] not in "[-"]
        documented |= {" ".join(words), *(f"{words[0]} {each}" for each in more)} if words else set()
    assert documented - {"--install-completion"} == set(subcommands())


def test_every_command_with_json_of_its_own_says_what_it_prints() -> None:
    section = (DOCS / "json.md").read_text(encoding="utf-8").split("## Other commands\n")[1]
    cells = re.findall(r"^\| ((?:`[a-z ]+`(?:, )?)+) \|", section, re.M)
    documented = {name for cell in cells for name in re.findall(r"`([a-z ]+)`", cell)}
    runs = {"run", "replay", "runs list", "runs search", "runs show", "runs export", "runs distil", "chart"}
    assert documented | runs == set(subcommands())


EXAMPLES = re.findall(r"^\$ .*?(workbench [^|>\n]+)", (DOCS / "cli.md").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_parses(example: str) -> None:
    command, _, unused = build().parse_args(shlex.split(example)[1:], print_error=False, exit_on_error=False)[:3]
    assert command.__name__ not in ("_open", "help_print")
    assert not unused


@pytest.mark.parametrize(("heading", "part"), [("A run", None), ("A call", "calls"), ("A candidate", "candidates")])
def test_every_json_name_is_documented(heading: str, part: str | None) -> None:
    data = RunView().apply_all(scripted.race()).to_json()
    names = set(data if part is None else data[part][0])
    section = (DOCS / "json.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, re.M)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == names
