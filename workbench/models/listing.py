"""The catalogue as lists show it: each model with its readiness in a word, shared by the app and `workbench models`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from workbench.models.base import ModelInfo
from workbench.models.keys import VARIABLES

if TYPE_CHECKING:
    from workbench.models.local.store import LocalModel

Readiness: TypeAlias = Literal["ready", "absent", "maybe", "blocked"]
"""absent: a local model that can be fetched; maybe: nobody knows whether a key is needed."""
Key: TypeAlias = Literal["none", "found", "missing", "unknown"]


class Listed(Struct, frozen=True, kw_only=True):
    """One row."""

    info: ModelInfo
    local: LocalModel | None = None
    """The file, where it is one on this machine."""
    readiness: Readiness
    words: str
    """`ready`, `on disk, 93 MB`, `set OPENAI_API_KEY` …"""
    key: Key = "none"


def listed(info: ModelInfo, local: LocalModel | None = None, *, keyed: bool = False) -> Listed:
    """The row of a model. `keyed`: its endpoint has a key of its own in config.toml."""
    key = _key(info, keyed)
    if local is not None:
        size = f"on disk, {local.bytes / 1e6:.0f} MB" if local.ready else "not fetched"
        words = info.problem or f"{size}{'; ' + local.note if local.note else ''}"
        readiness: Readiness = "blocked" if not info.available else "ready" if local.ready else "absent"
        return Listed(info=info, local=local, readiness=readiness, words=words)
    if not info.available:
        return Listed(info=info, readiness="blocked", words=info.problem, key=key)
    if surely(info):
        return Listed(info=info, readiness="ready", words="ready", key=key)
    return Listed(info=info, readiness="maybe", words="may need a key", key=key)


def surely(info: ModelInfo) -> bool:
    """Whether the model is callable for a reason: its key is there, or config.toml names its endpoint. Of the other
    providers it isn't known whether they need a key."""
    return info.available and (info.provider != "litellm" or info.endpoint in VARIABLES)


def _key(info: ModelInfo, keyed: bool) -> Key:
    if info.provider == "litellm" and info.endpoint not in VARIABLES:
        return "unknown"
    if info.problem.startswith("set "):
        return "missing"
    return "found" if keyed or (info.provider == "litellm" and info.available) else "none"


def rank(row: Listed) -> int:
    """Order of lists: what can be called first."""
    return {"ready": 0, "absent": 0, "maybe": 1, "blocked": 2}[row.readiness]


def price_date(source: str, config_file: Path) -> date | None:
    """When the catalogue that a price comes from came onto this machine; None where that can't be told."""
    import importlib.metadata

    package = source.split(" ", 1)[0].rstrip(",")
    try:
        if package == "config":
            file = config_file
        else:
            found = importlib.metadata.distribution(package)
            file = Path(str(found.locate_file(""))) / next(str(f) for f in found.files or () if f.name == "METADATA")
        return date.fromtimestamp(file.stat().st_mtime)
    except (importlib.metadata.PackageNotFoundError, OSError, StopIteration, ValueError):
        return None
