"""Systems from other tools' configurations. What can't be carried over stands in `Conversion.lost`."""

from __future__ import annotations

from workbench.systems.archon import from_archon, from_moa
from workbench.systems.conversion import Conversion
from workbench.systems.ember import from_ember

__all__ = ["Conversion", "from_archon", "from_ember", "from_moa"]
