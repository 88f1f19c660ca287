"""Workbench: networks of model calls that are raced, voted on, judged, verified and nested.

The public Python API, loaded when first used:

- `parse(text)`: a line of notation → `System`
- `load(name_or_path)`: a saved or shipped system, its `$refs` resolved → `System`
- `run(system, prompt, ...)`: fire it; returns a `RunView`
- `replay(ref)`: a past run from the ledger, no model called → `RunView`
- `open_ledger(path=None)`: the SQLite ledger
- `WorkbenchError`: base of every error that these raise
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import WorkbenchError, load, open_ledger, parse, replay, run

__version__ = "0.1.0"
__all__ = ["WorkbenchError", "__version__", "load", "open_ledger", "parse", "replay", "run"]


def __getattr__(name: str) -> Any:
    """Load the API's module when one of its names is first asked for."""
    if name in __all__:
        from workbench import api

        return getattr(api, name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
