"""`workbench locate`: where everything lives."""

from __future__ import annotations

from typing import Annotated

from workbench import paths
from workbench.cli.options import JSON
from workbench.cli.output import line, print_json


def places() -> dict[str, str]:
    """Name → path of every file and folder the product reads or writes."""
    return {
        "config": str(paths.config_file()),
        "systems": str(paths.systems_dir()),
        "themes": str(paths.themes_dir()),
        "ledger": str(paths.ledger_file()),
        "models": str(paths.models_dir()),
        "cache": str(paths.cache_dir()),
        "presets": str(paths.presets_dir()),
        "shipped-themes": str(paths.shipped_themes_dir()),
    }


def locate(name: str | None = None, /, *, json: Annotated[bool, JSON] = False) -> int:
    """Print where config, data and cache live; WORKBENCH_HOME moves them all.

    Parameters
    ----------
    name
        Only this one, as a bare path for scripts: config, systems, themes, ledger, models, cache, presets.
    json
        As JSON.
    """
    from workbench.errors import InputError

    found = places()
    if name is not None and name not in found:
        raise InputError(f"there is no place called {name!r}", hint=f"There are: {', '.join(found)}.")
    if json:
        print_json(found if name is None else {name: found[name]})
    elif name is not None:
        line(found[name])
    else:
        for key, path in found.items():
            line(f"{key:<15} {path}")
    return 0
