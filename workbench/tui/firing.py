"""How a run is fired where that differs from the system as it stands: a part of it, its losers finishing, a seed."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs

from workbench.systems import edits, tree
from workbench.systems.nodes import Node, Race, System


class Firing(msgspec.Struct, frozen=True):
    """What is asked of one run beside the system and the prompt."""

    seed: int | None = None
    """None: a new one."""
    at: str = ""
    """Path of the node that is fired alone; the root by default."""
    let_finish: bool = False
    """Whether the losers of races go on to their end, so that the run can be studied."""
    instruction: str = ""
    """The system prompt."""


def part(system: System, at: str) -> System:
    """The node alone, as an unnamed system with the same settings. Raises `EditError` where it can't stand alone."""
    if not at:
        return system
    node = edits.get(system, at)
    if not isinstance(node, Node):
        raise edits.EditError("A check can't be fired alone: it has no answer of its own.")
    root: Any = node
    return structs.replace(system, root=root, name="", description="")


def finishing(system: System) -> System:
    """All races let their losers finish."""
    return structs.replace(system, root=tree.transform(system.root, _let_finish))


def _let_finish(node: Node) -> Node:
    return structs.replace(node, losers="finish", grace=0.0) if isinstance(node, Race) else node
