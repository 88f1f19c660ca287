"""Where files live. `WORKBENCH_HOME` puts config, data and cache under one folder; else the platform's own places."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "workbench"


def home() -> Path | None:
    """The folder that `WORKBENCH_HOME` names, or None."""
    value = os.environ.get("WORKBENCH_HOME")
    return Path(value).expanduser() if value else None


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
