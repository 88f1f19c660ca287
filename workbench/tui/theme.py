"""Themes as YAML files: shipped ones and the user's own. A bad file is reported and left out; the app goes on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from workbench import paths
from workbench.errors import InputError
from workbench.systems.yamltext import safe_yaml
from workbench.tui.states import COLOURS

DEFAULT = "workbench-dark"
SIXTEEN = "workbench-16"
"""For terminals of 16 colours or none."""
_QUIETEST = 0.55
"""Share of the foreground in the quietest text of a theme that does not name it."""
_TEXT_STYLES = {"bold", "dim", "italic", "none", "not", "reverse", "strike", "underline"}
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


class Colours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Textual's own; those left out follow from `primary`."""

    primary: str
    secondary: str | None = None
    accent: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    boost: str | None = None
    warning: str | None = None
    error: str | None = None
    success: str | None = None


class ThemeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One theme. Colours are `#rrggbb` or CSS names."""

    name: Annotated[str, Meta(min_length=1)]
    dark: bool = True
    colors: Colours
    variables: dict[str, str] = {}
    """Our own (`state-won`, `muted`, `line` …, see docs/themes.md) and any of Textual's."""


class Themes(msgspec.Struct, frozen=True):
    """What was found: the themes that are good, and a sentence for each file that is not."""

    themes: tuple[Theme, ...]
    problems: tuple[str, ...]


def load(folders: Iterable[Path] | None = None) -> Themes:
    """Every `*.yaml` of the folders (default: shipped, then the user's); a later one of the same name wins."""
    chosen = folders or (paths.shipped_themes_dir(), paths.themes_dir())
    return load_files(file for folder in chosen for file in files(folder))


def load_files(chosen: Iterable[Path]) -> Themes:
    """These files; a later one of the same name wins."""
    found: dict[str, Theme] = {}
    problems: list[str] = []
    for file in chosen:
        try:
            theme = load_file(file)
        except InputError as error:
            problems.append(str(error))
        else:
            found[theme.name] = theme
    return Themes(tuple(found.values()), tuple(problems))


def shipped(names: Iterable[str] | None = None) -> list[Path]:
    """Files of the shipped themes, all or those of these names: a shipped file is called what its theme is."""
    found = files(paths.shipped_themes_dir())
    wanted = None if names is None else set(names)
    return [file for file in found if wanted is None or file.stem in wanted]


def files(folder: Path) -> list[Path]:
    """The folder's theme files in order; an editor's hidden ones are none."""
    try:
        return sorted(file for file in folder.glob("*.yaml") if not file.name.startswith("."))
    except OSError:
        return []


def exists(name: str, found: Themes) -> bool:
    """Whether a theme of that name is among those that were found or is one of Textual's own."""
    return name in BUILTIN_THEMES or any(theme.name == name for theme in found.themes)


def load_file(file: Path) -> Theme:
    """One file. Raises `InputError` with the file and what is wrong with it. Shipped ones do not change."""
    return _shipped(file) if file.parent == paths.shipped_themes_dir() else _load(file)


def _load(file: Path, *, own: bool = False) -> Theme:
    try:
        # The library's C half reads several times faster; of a user's file it would not say as well what is wrong.
        data = (YAML(typ="safe") if own else safe_yaml()).load(file.read_text(encoding="utf-8"))
        read = msgspec.convert(data, ThemeFile)
        return _theme(read)
    except InputError as error:
        raise InputError(f"is not a theme: {error.message}", where=file.name, hint=error.hint) from error
    except (OSError, UnicodeDecodeError, YAMLError, msgspec.ValidationError, ValueError) as error:
        raise InputError(f"is not a theme: {_reason(error)}", where=file.name) from error


_shipped = lru_cache(partial(_load, own=True))


def _reason(error: Exception) -> str:
    """What is wrong in a line; of a YAML error the place and the problem, without the excerpt."""
    if isinstance(error, MarkedYAMLError) and error.problem and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())


def _theme(read: ThemeFile) -> Theme:
    colors: dict[str, Any] = {name: value for name, value in structs.asdict(read.colors).items() if value is not None}
    for name, value in {**colors, **read.variables}.items():
        words = value.split()
        if name.endswith("-style") and words and set(words) <= _TEXT_STYLES:
            continue
        try:
            Color.parse(words[0] if words and name not in EXTRA else value)
        except ColorParseError as error:
            raise InputError(f"{name}: {value!r} is no colour", hint="Colours are #rrggbb or CSS names.") from error
    theme = Theme(name=read.name, dark=read.dark, variables=dict(read.variables), **colors)
    theme.to_color_system().generate()
    return theme


def complete(variables: dict[str, str]) -> dict[str, str]:
    """A theme's variables with ours added where it lacks them, so that Textual's own themes work too."""
    for name, source in EXTRA.items():
        variables.setdefault(name, _plain(variables[source], variables))
    return variables


def _plain(value: str, variables: dict[str, str]) -> str:
    """`auto 60%` as the colour that it is on the background: only text may be `auto`, rules may not."""
    if not value.startswith("auto"):
        return value
    front, back = Color.parse(variables["foreground"]), Color.parse(variables["background"])
    if front.ansi is not None or back.ansi is not None:
        return variables["foreground"]
    return back.blend(front, max(_QUIETEST, float(value.split()[-1].rstrip("%")) / 100)).hex
