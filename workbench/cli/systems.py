"""`workbench systems`: saved and shipped systems; check, convert, save them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from cyclopts import App, Parameter

from workbench import paths
from workbench.cli.files import write_whole
from workbench.cli.options import FLAG, HYPHEN, JSON
from workbench.cli.output import line, note, print_json, sanitise, table
from workbench.cli.services import Services
from workbench.errors import InputError, WorkbenchError
from workbench.systems.nodes import System

app = App(name="systems", help="Saved and shipped systems: list, show, check, convert, save, schema.")
Json = Annotated[bool, JSON]
Form: TypeAlias = Literal["yaml", "notation", "json"]


@app.command(name="list")
def list_systems(*, json: Json = False) -> int:
    """List the systems there are: your own, then the shipped ones."""
    library = Services().library
    systems: list[tuple[str, System | None, str]] = []
    for name in library.names():
        try:
            systems.append((name, library.get(name), ""))
        except WorkbenchError as error:
            systems.append((name, None, str(error)))
    if json:
        print_json([_entry(name, system, problem) for name, system, problem in systems])
        return 0
    rows = [(name, s.description if s else f"✗ {problem}", s.source if s else "") for name, s, problem in systems]
    table(("name", "what it is for", "source"), rows, flex="what it is for", least=40, drop=("source",), wrap=True)
    return 0


@app.command
def show(
    system: str,
    /,
    *,
    form: Annotated[Form, Parameter(name="--as")] = "yaml",
    resolve: Annotated[bool, FLAG] = False,
    json: Json = False,
) -> int:
    """Print one system.

    Parameters
    ----------
    system
        Name, path, or notation.
    form
        yaml, notation or json.
    resolve
        Put what `$refs` stand for in their place.
    json
        Short for `--as json`.
    """
    form = "json" if json else form
    services = Services()
    if form == "yaml" and not resolve and system.removeprefix("$") in services.library.names():
        line(services.library.path(system.removeprefix("$")).read_text(encoding="utf-8"))  # its comments as well
    else:
        line(_printed(services.system(system) if resolve else services.unresolved(system), form))
    return 0


@app.command
def check(*systems: str, allow_code: Annotated[bool, FLAG] = False, json: Json = False) -> int:
    """Look for what would go wrong, before anything is spent. Exit code 1 where a system can't run.

    Parameters
    ----------
    systems
        Names, paths or notation; all there are by default.
    allow_code
        Do not object to checks that run code.
    """
    services = Services()
    reports = [_checked(services, name, allow_code=allow_code) for name in systems or services.library.names()]
    if json:
        print_json(reports)
    else:
        for report in reports:
            calls = "" if report["calls"] is None else f"{report['calls']['low']} to {report['calls']['high']} calls"
            line(f"{report['system']}: {calls or 'broken'}")
            for problem in report["problems"]:
                hint = f" {problem['hint']}" if problem["hint"] else ""
                line(sanitise(f"  {problem['severity']} at {problem['where'] or 'root'}: {problem['message']}.{hint}"))
    return 1 if any(p["severity"] == "error" for report in reports for p in report["problems"]) else 0


@app.command
def convert(
    source: Annotated[str, HYPHEN],
    /,
    *,
    from_: Annotated[Literal["auto", "ember", "archon", "moa"], Parameter(name="--from")] = "auto",
    to: Form = "yaml",
    output: Annotated[Path | None, HYPHEN, Parameter(alias="-o")] = None,
    json: Json = False,
) -> int:
    """Turn one form of a system into another; what can't be carried over is said on stderr.

    Parameters
    ----------
    source
        Name, path or notation; for ember, archon and moa their own text or a file of it; `-` reads standard input.
    from_
        What `source` is: auto (name, path, YAML, JSON or notation), ember, archon, moa.
    to
        yaml, notation or json.
    output
        File to write; by default (or `-`) stdout.
    json
        Short for `--to json`.
    """
    system, lost = _converted(source, from_)
    for message in lost:
        note(f"workbench: not carried over: {message}")
    text = _printed(system, "json" if json else to)
    if output is None or str(output) == "-":
        line(text)
    else:
        write_whole(output, [text if text.endswith("\n") else f"{text}\n"])
    return 0


@app.command
def save(system: str, name: str, /, *, force: Annotated[bool, FLAG] = False, json: Json = False) -> int:
    """Keep a system under a name of your own, for `run NAME` and `$NAME`.

    Parameters
    ----------
    system
        Name, path, or notation.
    name
        What to call it.
    force
        Replace one of that name.
    """
    from workbench.systems.files import save as save_file

    if not name or any(c in name for c in "/\\ $") or name.startswith("."):
        raise InputError(f"{name!r} can't be a name", hint="Letters, digits, `-`, `_` and `.`.")
    path = paths.systems_dir() / f"{name}.yaml"
    if path.exists() and not force:
        raise InputError(f"there is a system {name!r} already", where=str(path), hint="--force replaces it.")
    found = Services().unresolved(system)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(msgspec.structs.replace(found, name=name), path)
    if json:
        print_json({"name": name, "path": str(path)})
    else:
        line(str(path))
    return 0


@app.command
def schema(*, json: Json = False) -> int:
    """Print the JSON Schema of a system's YAML, for editors. It is JSON with or without --json."""
    from workbench.systems.files import json_schema

    print_json(json_schema())
    return 0


def _printed(system: System, form: Form) -> str:
    if form == "notation":
        from workbench.systems.notation import print_node

        return print_node(system.root)
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(system)).decode()
    from workbench.systems.files import dumps

    return dumps(system)


def _entry(name: str, system: System | None, problem: str) -> dict[str, Any]:
    if system is None:
        return {"name": name, "problem": problem}
    return {
        "name": name,
        "description": system.description,
        "source": system.source,
        "notation": _printed(system, "notation"),
        "example": system.example or None,
        "tags": list(system.tags),
        "problem": None,
    }


def _checked(services: Services, name: str, *, allow_code: bool) -> dict[str, Any]:
    """One system's report: its problems, and how many calls it makes; null where it can't even be read."""
    from workbench.systems.checks import check as find_problems
    from workbench.systems.checks import count_calls

    try:
        system = services.system(name)
    except WorkbenchError as error:
        broken = {"severity": "error", "where": error.where, "message": error.message, "hint": error.hint or None}
        return {"system": name, "calls": None, "problems": [broken]}
    problems = find_problems(system, services.models, allow_code or services.config.allow_code)
    count = count_calls(system.root)
    return {
        "system": name,
        "calls": {"low": count.low, "high": count.high},
        "problems": [
            {"severity": p.severity, "where": p.path, "message": p.message, "hint": p.hint or None} for p in problems
        ],
    }


def _converted(source: str, kind: str) -> tuple[System, tuple[str, ...]]:
    services = Services()
    if kind == "auto":
        if source == "-":
            from workbench.systems.files import loads

            return loads(sys.stdin.read(), "standard input"), ()
        return services.unresolved(source), ()
    from workbench.systems import convert as conversions

    text = _text_of(source)
    made = {"ember": conversions.from_ember, "archon": conversions.from_archon, "moa": conversions.from_moa}[kind](text)
    return made.system, tuple(made.lost)


def _text_of(source: str) -> str:
    """Standard input for `-`, a file's text where there is one of that name, else the text itself."""
    if source == "-":
        return sys.stdin.read()
    try:
        known = os.path.isfile(source)  # noqa: PTH113 - Path.is_file raises where a text is too long for a name
        return Path(source).read_text(encoding="utf-8") if known else source
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can't be read: {error}", where=source) from error
