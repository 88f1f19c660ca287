"""Colours of an exported chart: light for paper, dark, or those of a theme file. Knows no Textual."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench import paths
from workbench.errors import InputError

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}|[a-zA-Z]{3,24}")


class Palette(Struct, frozen=True, kw_only=True):
    """`series` are those of Okabe and Ito, told apart without red, green or blue cones too."""

    background: str
    foreground: str
    muted: str
    grid: str
    frontier: str
    ambiguous: str
    dominated: str
    plain: str
    line: str
    series: tuple[str, ...]


LIGHT = Palette(
    background="#ffffff", foreground="#1a1a1a", muted="#555555", grid="#e4e4e4", frontier="#009e73",
    ambiguous="#d55e00", dominated="#9a9a9a", plain="#0072b2", line="#009e73",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"),
)  # fmt: skip
DARK = Palette(
    background="#101216", foreground="#e6e8eb", muted="#9aa0a8", grid="#2a2f38", frontier="#3cc9a0",
    ambiguous="#e69f00", dominated="#747b85", plain="#56b4e9", line="#3cc9a0",
    series=("#56b4e9", "#e69f00", "#3cc9a0", "#cc79a7", "#f0e442", "#d55e00"),
)  # fmt: skip
BUILT_IN = {"light": LIGHT, "dark": DARK}


def palette(theme: str) -> Palette:
    """By name: `light`, `dark`, or a theme of the app, shipped or the user's own. Raises `InputError`."""
    return BUILT_IN[theme] if theme in BUILT_IN else _of_file(theme)


def _of_file(theme: str) -> Palette:
    found = _files()
    if theme not in found:
        names = ", ".join((*BUILT_IN, *sorted(found)))
        raise InputError(f"there is no theme {theme!r}", hint=f"There are: {names}.")
    data = found[theme]
    base = DARK if data.get("dark", True) else LIGHT
    named = {**_texts(data.get("colors")), **_texts(data.get("variables"))}

    def pick(fallback: str, *names: str) -> str:
        return next((named[name] for name in names if name in named), fallback)

    accents = ("primary", "warning", "success", "secondary", "accent", "error")
    return Palette(
        background=pick(base.background, "background"),
        foreground=pick(base.foreground, "foreground"),
        muted=pick(base.muted, "muted"),
        grid=pick(base.grid, "line"),
        frontier=pick(base.frontier, "state-won", "success"),
        ambiguous=pick(base.ambiguous, "state-retrying", "warning"),
        dominated=pick(base.dominated, "faint", "state-cancelled"),
        plain=pick(base.plain, "primary"),
        line=pick(base.line, "state-won", "success"),
        series=tuple(pick(each, name) for name, each in zip(accents, base.series, strict=True)),
    )


def _files() -> dict[str, dict[str, Any]]:
    """Name → content of every theme file that can be read; the user's win."""
    found: dict[str, dict[str, Any]] = {}
    for folder in (paths.shipped_themes_dir(), paths.themes_dir()):
        for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            data = _read(file)
            if isinstance(data, dict) and isinstance(data.get("name"), str):
                found[data["name"]] = data
    return found


def _read(file: Path) -> object:
    try:
        return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError, ValueError):
        return None


def _texts(data: object) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    return {str(k): str(v) for k, v in data.items() if _COLOUR.fullmatch(str(v))}
