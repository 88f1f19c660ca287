"""What the tree's keys mean: pure functions, from a system and a path to the changed system and the cursor's place."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import structs

from workbench.errors import WorkbenchError
from workbench.systems import edits, files, notation
from workbench.systems.edits import DEFAULT_MODEL, EditError
from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, OPERATORS
from workbench.systems.nodes import (
    AnyNode,
    AnyTest,
    Check,
    Command,
    Contains,
    Model,
    Node,
    Ref,
    Regex,
    System,
    kind_of,
)
from workbench.systems.tree import join, walk


class Graft(NamedTuple):
    """A changed system and the path that the cursor goes to."""

    system: System
    path: str


def about(kind: str) -> str:
    """What a kind of node does, in its own words."""
    cls = NODES_BY_KIND.get(kind) or CHECKS_BY_KIND[kind]
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())


def near_model(system: System, path: str) -> str:
    """The model that a new node most likely calls: the first one below the path, else the first of all."""
    for root in (edits.get(system, path), system.root):
        for _, node in walk(root):
            if isinstance(node, Model):
                return node.model
    return DEFAULT_MODEL


def fresh(kind: str, model: str) -> AnyTest:
    """A new node of the kind that is whole as it stands; operators hold one call of the model. `$name` is a saved
    system."""
    if kind.startswith("$"):
        return Ref(ref=kind[1:])
    if kind == "regex":
        return Regex(pattern=".")
    if kind == "contains":
        return Contains(text="42")
    if kind == "command":
        return Command(run=("true",))
    if kind in CHECKS_BY_KIND:
        return CHECKS_BY_KIND[kind]()  # type: ignore[return-value]
    leaf = System(root=Model(model=model))
    return edits.wrap(leaf, "", kind).root if kind in OPERATORS else leaf.root


def holds_children(node: AnyTest) -> bool:
    """Whether children can be put into it."""
    return isinstance(node, Node) and bool(node.branches_in)


def is_argument(system: System, path: str) -> bool:
    """Whether the node is what its parent judges, verifies or routes with."""
    return bool(path) and "." not in path.rpartition("/")[2]


def is_test(system: System, path: str) -> bool:
    """Whether a check may stand at the path."""
    if not is_argument(system, path):
        return False
    parent, _, step = path.rpartition("/")
    return step != "judge" and step != "router" and isinstance(edits.get(system, parent), Node)


def add(system: System, path: str, node: AnyTest) -> Graft:
    """Into the node as its last child; beside it where it holds none."""
    holder = edits.get(system, path)
    if not holds_children(holder):
        return beside(system, path, node)
    assert isinstance(holder, Node)
    field = holder.branches_in[0]
    new = join(path, f"{field}.{len(getattr(holder, field))}")
    return Graft(edits.insert(system, new, _no_check(node)), new)


def beside(system: System, path: str, node: AnyTest) -> Graft:
    """Right behind the node, among its siblings; the root becomes the first child of an ensemble."""
    if not path:
        system, path = edits.wrap(system, "", "ensemble"), "of.0"
    if is_argument(system, path):
        parent, _, step = path.rpartition("/")
        what = kind_of(edits.get(system, parent))
        raise EditError(f"{what} has one {step}", hint=f"Change it (t), edit it (Enter), or add to the {what} itself.")
    head, _, index = path.rpartition(".")
    new = f"{head}.{int(index) + 1}"
    return Graft(edits.insert(system, new, _no_check(node)), new)


def paste(system: System, path: str, node: AnyTest) -> Graft:
    """As `add`; what judges, verifies or routes is replaced, as there is one of it."""
    if is_argument(system, path) and (isinstance(node, Check) or not holds_children(edits.get(system, path))):
        return Graft(edits.replace(system, path, node), path)
    return add(system, path, node)


def delete(system: System, path: str) -> Graft:
    """Without the node; the cursor goes to the next sibling, else to the one before."""
    changed = edits.delete(system, path)
    try:
        edits.get(changed, path)
    except EditError:
        head, _, index = path.rpartition(".")
        path = f"{head}.{int(index) - 1}"
    return Graft(changed, path)


def move(system: System, path: str, by: int) -> Graft:
    """Up or down among its siblings."""
    changed = edits.move(system, path, by)
    head, _, index = path.rpartition(".")
    return Graft(changed, f"{head}.{int(index) + by}")


def duplicate(system: System, path: str) -> Graft:
    """A copy right behind it. The root and an argument have no siblings: the root gets some in an ensemble."""
    if not path:
        return beside(system, path, system.root)
    changed = edits.duplicate(system, path)
    head, _, index = path.rpartition(".")
    return Graft(changed, f"{head}.{int(index) + 1}")


def change(system: System, path: str, kind: str) -> Graft:
    """Another kind in its place. Between operators children are kept; a model that becomes an operator goes into it; an
    operator that becomes a model leaves the first model it held."""
    old = edits.get(system, path)
    if kind_of(old) == kind:
        return Graft(system, path)
    if kind in OPERATORS and kind_of(old) in OPERATORS:
        return Graft(edits.change_kind(system, path, kind), path)
    if kind in OPERATORS and not isinstance(old, Check):
        return Graft(edits.wrap(system, path, kind), path)
    new = fresh(kind, near_model(system, path))
    if kind == "model":
        new = next((node for _, node in walk(old) if isinstance(node, Model)), new)
    elif isinstance(new, Ref) and isinstance(old, Node):
        new = structs.replace(new, replicas=old.replicas, label=old.label)
    return Graft(edits.replace(system, path, new), path)


def text_of(node: AnyTest) -> str:
    """The subtree as YAML, a whole system file; a check, which can't be a file's root, as notation."""
    return notation.print_node(node) if isinstance(node, Check) else files.dumps(System(root=node))


def node_of(text: str) -> AnyTest:
    """The subtree that a copied text holds: YAML, JSON or notation. Raises `WorkbenchError`."""
    text = text.strip()
    if not text:
        raise EditError("there is nothing to paste", hint="Copy a node with c, or paste YAML or notation.")
    try:
        return notation.parse_test(text)
    except WorkbenchError as no_notation:
        if ":" not in text:
            raise EditError("this is no node", where="paste", hint=no_notation.message) from no_notation
    return files.loads(text, "paste").root


def _no_check(node: AnyTest) -> AnyNode:
    if isinstance(node, Check):
        hint = "Select the verifier and paste or change (t) it there."
        raise EditError(f"{kind_of(node)} is a check: it stands only where a verifier does", hint=hint)
    return node


def parsed(text: str) -> System | WorkbenchError:
    """The system that it says, or why it says none."""
    try:
        return files.loads(text, "yaml")
    except WorkbenchError as error:
        return error
