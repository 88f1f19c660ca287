"""Where files live. `WORKBENCH_HOME` puts config, data and cache under one folder; else the platform's own places."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs

APP = "workbench"


def typed(text: str) -> Path:
    """A path that a person wrote: `~` is a home where that is known, and a letter where it is not."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def stands(path: Path, what: Literal["file", "folder", "any"] = "any") -> bool:
    """Whether it is there; False too for what can't be a name (too long a one), where `Path` raises."""
    try:
        return {"file": path.is_file, "folder": path.is_dir, "any": path.exists}[what]()
    except (OSError, ValueError):
        return False


def home() -> Path | None:
    """The folder that `WORKBENCH_HOME` names, or None."""
    value = os.environ.get("WORKBENCH_HOME")
    return typed(value) if value else None


def config_dir() -> Path:
    """Folder of config.toml, the user's systems and themes."""
    root = home()
    return root / "config" if root else Path(platformdirs.user_config_dir(APP, appauthor=False))


def data_dir() -> Path:
    """Folder of the ledger and the embedded models."""
    root = home()
    return root / "data" if root else Path(platformdirs.user_data_dir(APP, appauthor=False))


def cache_dir() -> Path:
    """Folder of what can be fetched or computed again."""
    root = home()
    return root / "cache" if root else Path(platformdirs.user_cache_dir(APP, appauthor=False))


def config_file() -> Path:
    """config.toml"""
    return config_dir() / "config.toml"


def ledger_file() -> Path:
    """The SQLite ledger."""
    return data_dir() / "ledger.db"


def models_dir() -> Path:
    """Folder of GGUF files that were pulled or added."""
    return data_dir() / "models"


def systems_dir() -> Path:
    """Folder of the user's own systems (YAML)."""
    return config_dir() / "systems"


def themes_dir() -> Path:
    """Folder of the user's own themes (YAML)."""
    return config_dir() / "themes"


def _shipped(name: str) -> Path:
    installed = Path(__file__).parent / f"_{name}"
    return installed if installed.is_dir() else Path(__file__).parent.parent / name


def presets_dir() -> Path:
    """Folder of the systems shipped with the product."""
    return _shipped("presets")


def shipped_themes_dir() -> Path:
    """Folder of the themes shipped with the product."""
    return _shipped("themes")
