"""Systems as files: load, check, save. YAML or JSON in, YAML out; comments survive a save."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from workbench.errors import SystemFileError
from workbench.systems.nodes import System

SUFFIXES = (".yaml", ".yml", ".json")


def load(path: str | Path) -> System:
    """The system in a YAML or JSON file; its name defaults to the file's stem.

    Raises `SystemFileError` (where: file:line:column) on a missing file, bad syntax, unknown keys and wrong types.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SystemFileError("there is no such file", where=str(path), hint=near(path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"is not UTF-8: byte 0x{error.object[error.start]:02x} stands there"
        raise SystemFileError(message, where=f"{path}:{line}", hint="Save the file as UTF-8.") from error
    except (OSError, ValueError) as error:
        raise SystemFileError(f"can't be read: {_reason(error)}", where=str(path)) from error
    return loads(text, str(path), name=path.stem)


def loads(text: str, where: str = "text", *, name: str = "") -> System:
    """The system in YAML or JSON text. `where` is the file in messages, `name` fills in for a missing one."""
    # ruamel.yaml is imported when a file is read, not when the room is entered
    from msgspec import structs

    from workbench.systems import reading, yamltext

    source = yamltext.Source(where)
    system = reading.read_system(yamltext.read_items(text, source), source)
    return system if system.name or not name else structs.replace(system, name=name)


def dumps(system: System) -> str:
    """The system as YAML. `loads(dumps(system)) == system`."""
    from workbench.systems import writing

    return writing.fresh(system)


def save(system: System, path: str | Path) -> None:
    """Write the system as YAML (JSON where the file is called so); an existing file keeps its comments and spellings.

    The file is replaced in one step. Raises `SystemFileError` where it can't be written.
    """
    from workbench.systems import writing

    path = Path(path)
    text = writing.to_json(system) if path.suffix == ".json" else writing.updated(_existing(path), system, path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path.resolve(), text)
    except OSError as error:
        raise SystemFileError(f"can't be written: {_reason(error)}", where=str(path)) from error


def json_schema() -> dict[str, Any]:
    """JSON Schema of a system's file, shorthands included, for editors."""
    from workbench.systems import schema

    return schema.build()


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then put the new one in its place, on disk before its name is."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _existing(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def near(path: Path) -> str:
    """A hint that names the files near by whose names are like the missing one's."""
    import difflib

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in SUFFIXES]
    except OSError:
        return ""
    alike = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f"Near by: {', '.join(alike)}." if alike else ""


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
