"""Themes as YAML files: shipped ones and the user's own. A bad file is reported and left out; the app goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from workbench import paths
from workbench.errors import InputError
from workbench.tui.states import COLOURS

DEFAULT = "workbench-dark"
EXTRA = {
    **{f"state-{name}": fallback for name, fallback in COLOURS.items()},
    "muted": "text-muted",
    "faint": "text-disabled",
    "line": "panel-lighten-1",
    "bar": "panel",
    "select": "boost",
    "brand": "accent",
    "operator": "accent",
    "model": "primary",
}
"""Our own variables → Textual's variable they take where a theme does not name them."""


class ThemeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One theme. Colours are `#rrggbb` or CSS names."""

    name: str
    dark: bool = True
    colors: dict[str, str]
    """Textual's: primary, secondary, accent, foreground, background, surface, panel, boost, warning, error, success."""
    variables: dict[str, str] = {}
    """Our own (`state-won`, `muted`, `line` …, see docs/bench.md) and any of Textual's."""


@dataclass(frozen=True)
class Themes:
    """What was found: the themes that are good, and a sentence for each file that is not."""

    themes: tuple[Theme, ...]
    problems: tuple[str, ...]


def load(folders: Iterable[Path] | None = None) -> Themes:
    """Every `*.yaml` of the folders (default: shipped, then the user's); a later one of the same name wins."""
    found: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in folders or (paths.shipped_themes_dir(), paths.themes_dir()):
        for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            try:
                theme = load_file(file)
            except InputError as error:
                problems.append(str(error))
            else:
                found[theme.name] = theme
    return Themes(tuple(found.values()), tuple(problems))


def exists(name: str, found: Themes) -> bool:
    """Whether a theme of that name is among those that were found or is one of Textual's own."""
    return name in BUILTIN_THEMES or any(theme.name == name for theme in found.themes)


def load_file(file: Path) -> Theme:
    """One file. Raises `InputError` with the file and what is wrong with it."""
    try:
        data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        read = msgspec.convert(data, ThemeFile)
        return _theme(read)
    except (OSError, UnicodeDecodeError, YAMLError, msgspec.ValidationError, ColorParseError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"is not a theme: {reason}", where=file.name) from error


def _theme(read: ThemeFile) -> Theme:
    for value in (*read.colors.values(), *read.variables.values()):
        Color.parse(value.split()[0])
    colors: dict[str, Any] = dict(read.colors)
    theme = Theme(name=read.name, dark=read.dark, variables=dict(read.variables), **colors)
    theme.to_color_system().generate()
    return theme


def complete(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables with ours added where it lacks them, so that Textual's own themes work too."""
    for name, source in EXTRA.items():
        variables.setdefault(name, variables[source])
    return variables
