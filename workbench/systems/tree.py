"""Walking a system: the one place that knows which field of a node holds which child.

A path names a node inside its tree: steps joined by `/`, each a field and, in a list, an index: `of.0/judge`. The root
is the empty path. In a run a replica of a node adds `#i` (from 1) to its step: `of.0#3/of.1`; the root's is `#3`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, structs

from workbench.systems.nodes import AnyTest, Branch, Check, Model, Node, System


class Child(Struct, frozen=True):
    """A child and the step that leads to it. `role` is the field ('of', 'judge'), `label` a route's branch label."""

    step: str
    role: str
    node: AnyTest
    label: str = ""


def children(node: Node | Check) -> Iterator[Child]:
    """The node's direct children, arguments (judge, verifier) first, in the order of the struct."""
    if isinstance(node, Check):
        return
    for field in node.arguments:
        yield Child(step=field, role=field, node=getattr(node, field))
    for field in node.branches_in:
        for index, child in enumerate(getattr(node, field)):
            if isinstance(child, Branch):
                yield Child(step=f"{field}.{index}", role=field, node=child.to, label=child.label)
            else:
                yield Child(step=f"{field}.{index}", role=field, node=child)


def join(path: str, step: str) -> str:
    """`of.0` + `judge` → `of.0/judge`."""
    return f"{path}/{step}" if path else step


def walk(node: AnyTest, path: str = "") -> Iterator[tuple[str, AnyTest]]:
    """Every node of the tree with its path, parents first."""
    yield path, node
    for child in children(node):
        yield from walk(child.node, join(path, child.step))


def models(system: System) -> tuple[str, ...]:
    """Every model that the system may call, each once: its nodes', then those that extract answer keys."""
    nodes = [node for _, node in walk(system.root)]
    extracting = (extractor(asks) for asks in (system, *nodes))
    return tuple(dict.fromkeys((*(n.model for n in nodes if isinstance(n, Model)), *filter(None, extracting))))


def extractor(asks: object) -> str:
    """The model that a system, node or test has answer keys extracted by; empty where no model does it."""
    kind, _, name = str(getattr(asks, "extract", "")).strip().partition(":")
    return name if kind == "model" else ""


def transform(node: AnyTest, change: Callable[[Node], Node]) -> Any:
    """The tree with every node but checks changed, children first."""
    if not isinstance(node, Node):
        return node
    made: Node = node
    for child in children(node):
        made = with_child(made, child.step, transform(child.node, change))
    return change(made)


def static_path(path: str) -> str:
    """A run's path without replica numbers: `of.0#3/of.1` → `of.0/of.1`."""
    return re.sub(r"#\d+", "", path)


def with_child(node: Node, step: str, child: AnyTest) -> Any:
    """The node with another child at the step; labels of branches stay. Raises KeyError on an unknown step."""
    field, _, index = step.partition(".")
    if field in node.arguments and not index:
        return structs.replace(node, **{field: child})
    if field not in node.branches_in or not index.isascii() or not index.isdigit():
        raise KeyError(step)
    items = list(getattr(node, field))
    if int(index) >= len(items):
        raise KeyError(step)
    old = items[int(index)]
    items[int(index)] = structs.replace(old, to=child) if isinstance(old, Branch) else child
    return structs.replace(node, **{field: tuple(items)})
