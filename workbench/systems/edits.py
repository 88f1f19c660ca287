"""Edits of a system's tree: pure functions from a system and a path to a new system, and a history of them.

Paths are those of `systems.tree`: `""` is the root, `of.0/judge` the judge of its first child. Every function raises
`EditError` where the edit makes no sense, and leaves its argument as it was.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, structs

from workbench.errors import InputError
from workbench.systems.fields import OPERATORS, FieldError, fields_of, suggest
from workbench.systems.history import History
from workbench.systems.nodes import Agreement, AnyNode, AnyTest, Branch, Check, Model, Node, Number, System, kind_of
from workbench.systems.tree import children, join, walk, with_child

__all__ = [
    "DEFAULT_MODEL",
    "EditError",
    "History",
    "branch_at",
    "change_kind",
    "delete",
    "duplicate",
    "get",
    "insert",
    "move",
    "replace",
    "set_branch",
    "set_field",
    "unwrap",
    "wrap",
]

DEFAULT_MODEL = "local/smollm2-135m"
"""Stands as a judge or router where the wrapped node has no model to copy."""

Item: TypeAlias = AnyNode | Branch


class EditError(InputError):
    """An edit that makes no sense: no such path, the last child, a field that does not take the value."""


def get(system: System, path: str) -> AnyTest:
    """The node (or check) at the path."""
    node: AnyTest = system.root
    for step in path.split("/") if path else ():
        found = next((child.node for child in children(node) if child.step == step), None)
        if found is None:
            raise EditError(f"{kind_of(node)} has no child {step!r}", where=path)
        node = found
    return node


def branch_at(system: System, path: str) -> Branch | None:
    """The labelled branch whose node stands at the path, or None where its parent is no route."""
    get(system, path)
    if not path:
        return None
    place = _Place.of(system, path)
    item = None if place.index is None else place.items[place.index]
    return item if isinstance(item, Branch) else None


def replace(system: System, path: str, node: AnyTest) -> System:
    """Another node in the path's place. A check may stand only where a verifier does."""
    get(system, path)
    if not path:
        return structs.replace(system, root=_a_node(node, path))
    parent, step = _split(path)
    holder = _a_node(get(system, parent), parent)
    if fields_of(type(holder))[step.partition(".")[0]].kind != "test":
        _a_node(node, path)
    return replace(system, parent, with_child(holder, step, node))


def insert(system: System, path: str, node: AnyNode, label: str = "") -> System:
    """A new child that stands at the path (`of.2`: behind the first two).

    `label` is for branches of a route; without one, or where it is taken, a free one is made.
    """
    place = _Place.of(system, path)
    if place.index is None:
        raise EditError(f"{kind_of(place.holder)} has one {place.field}", where=path, hint="Replace it instead.")
    if place.index > len(place.items):
        raise EditError(f"there are {len(place.items)} children, none can stand at {place.index}", where=path)
    new: Item = _a_node(node, path)
    if place.labelled:
        taken = [item.label for item in place.items if isinstance(item, Branch)]
        new = Branch(label=_free_label(label or "branch", taken), to=_a_node(node, path))
    return place.with_items(system, [*place.items[: place.index], new, *place.items[place.index :]])


def delete(system: System, path: str) -> System:
    """Without the child at the path. The root, an argument and the last child can only be replaced."""
    get(system, path)
    if not path:
        raise EditError("the root can't be deleted", hint="Replace it.")
    place = _Place.of(system, path)
    if place.index is None:
        raise EditError(f"{kind_of(place.holder)} needs its {place.field}", where=path, hint="Replace it instead.")
    if len(place.items) == 1:
        hint = "Replace it, or delete its parent."
        raise EditError(f"this is the last child of {kind_of(place.holder)}", where=path, hint=hint)
    return place.with_items(system, [*place.items[: place.index], *place.items[place.index + 1 :]])


def move(system: System, path: str, by: int) -> System:
    """The child moved among its siblings: -1 is one up. Its new path has `by` added to the index."""
    place = _existing(system, path)
    items, index = list(place.items), place.index or 0
    if not 0 <= index + by < len(items):
        raise EditError(f"it is already the {'first' if by < 0 else 'last'} child", where=path)
    items.insert(index + by, items.pop(index))
    return place.with_items(system, items)


def duplicate(system: System, path: str) -> System:
    """A copy right behind the child; a branch's copy gets a label of its own."""
    place = _existing(system, path)
    index = place.index or 0
    item = place.items[index]
    beside = join(place.parent, f"{place.field}.{index + 1}")
    node, label = (item.to, item.label) if isinstance(item, Branch) else (item, "")
    return insert(system, beside, node, label)


def wrap(system: System, path: str, kind: str, argument: AnyTest | None = None) -> System:
    """The node put into a new operator of that kind; it then stands at `<path>/of.0` (`steps.0`, `branches.0`).

    Where the operator needs an argument and none is given: a judge, router or critic is a single copy of the first
    model inside, a cascade's test is agreement, any other test is `number`.
    """
    node = _a_node(get(system, path), path)
    cls = _operator(kind, path)
    values: dict[str, Any] = {name: argument or _argument(cls, name, node) for name in cls.arguments}
    return replace(system, path, _made(cls, values, [node], path))


def unwrap(system: System, path: str) -> System:
    """The operator's children in its place. Several children need a parent that holds several, or the edit fails."""
    node = _a_node(get(system, path), path)
    inner = [_a_node(child.node, path) for child in children(node) if child.role in node.branches_in]
    if not inner:
        raise EditError(f"{kind_of(node)} has no children to take its place", where=path)
    if len(inner) == 1:
        return replace(system, path, inner[0])
    place = _Place.of(system, path) if path else None
    if place is None or place.index is None or place.labelled:
        raise EditError(f"one node must stand here, and {kind_of(node)} has {len(inner)} children", where=path)
    return place.with_items(system, [*place.items[: place.index], *inner, *place.items[place.index + 1 :]])


def set_field(system: System, path: str, name: str, value: object) -> System:
    """The node's field set to the value, which is converted and checked. Children are edited by `replace`."""
    node = get(system, path)
    fields = {key: field for key, field in fields_of(type(node)).items() if field.kind == "value"}
    if name not in fields:
        hint = suggest(name, fields) or f"Fields: {', '.join(fields)}."
        raise EditError(f"{kind_of(node)} has no field {name!r}", where=path, hint=hint)
    try:
        converted = fields[name].convert(value)
    except FieldError as error:
        raise EditError(str(error), where=path, hint=error.hint) from error
    return replace(system, path, structs.replace(node, **{name: converted}))


def set_branch(system: System, path: str, label: str, when: str | None = None) -> System:
    """The label (and what belongs there) of the branch whose node stands at the path."""
    branch = branch_at(system, path)
    if branch is None:
        raise EditError("only the branches of a route have labels", where=path)
    place = _existing(system, path)
    items, index = list(place.items), place.index or 0
    taken = [item.label for i, item in enumerate(items) if isinstance(item, Branch) and i != index]
    if not label or label in taken:
        raise EditError(f"there is a branch {label!r} already" if label else "a branch needs a label", where=path)
    items[index] = structs.replace(branch, label=label, when=branch.when if when is None else when)
    return place.with_items(system, items)


def change_kind(system: System, path: str, kind: str) -> System:
    """The operator turned into another kind; children, argument and the fields that both have are kept."""
    old = _a_node(get(system, path), path)
    cls = _operator(kind, path)
    if kind_of(old) not in OPERATORS:
        raise EditError(f"{kind_of(old)} can't become an operator", where=path, hint="Wrap it.")
    inner = [_a_node(child.node, path) for child in children(old) if child.role in old.branches_in]
    given = next((child.node for child in children(old) if child.role in old.arguments), None)
    values = _shared_values(old, cls)
    for name in cls.arguments:
        fits = fields_of(cls)[name].kind == "test" or not isinstance(given, Check)
        values[name] = given if given is not None and fits else _argument(cls, name, old)
    return replace(system, path, _made(cls, values, inner, path))


class _Place(Struct, frozen=True):
    """A place among a node's children: the list it stands in and its index, or None for an argument."""

    parent: str
    holder: AnyNode
    field: str
    index: int | None
    items: list[Item]
    labelled: bool

    @staticmethod
    def of(system: System, path: str) -> _Place:
        """The place that a path names; nothing needs to stand there yet."""
        parent, step = _split(path)
        holder = _a_node(get(system, parent), parent)
        field, _, index = step.partition(".")
        if field in holder.arguments and not index:
            return _Place(parent, holder, field, None, [], labelled=False)
        if field not in holder.branches_in or not (index.isascii() and index.isdigit()):
            raise EditError(f"{kind_of(holder)} has no place {step!r}", where=path)
        labelled = fields_of(type(holder))[field].kind == "branches"
        return _Place(parent, holder, field, int(index), list(getattr(holder, field)), labelled)

    def with_items(self, system: System, items: list[Item]) -> System:
        """The system with other children here."""
        return replace(system, self.parent, structs.replace(self.holder, **{self.field: tuple(items)}))


def _existing(system: System, path: str) -> _Place:
    get(system, path)
    place = _Place.of(system, path) if path else None
    if place is None or place.index is None:
        raise EditError("it has no siblings", where=path)
    return place


def _split(path: str) -> tuple[str, str]:
    if not path:
        raise EditError("the root stands in no other node", hint="Wrap it first.")
    parent, _, step = path.rpartition("/")
    return parent, step


def _a_node(node: AnyTest, path: str) -> AnyNode:
    if isinstance(node, Check):
        raise EditError(f"{kind_of(node)} is a check: it can stand only where a verifier does", where=path)
    return node


def _operator(kind: str, path: str) -> type[Node]:
    if kind not in OPERATORS:
        hint = suggest(kind, OPERATORS) or f"Operators: {', '.join(OPERATORS)}."
        raise EditError(f"there is no operator {kind!r}", where=path, hint=hint)
    return OPERATORS[kind]


def _made(cls: type[Node], values: dict[str, Any], inner: list[AnyNode], path: str) -> AnyNode:
    field = fields_of(cls)[cls.branches_in[0]]
    if field.kind == "branches":
        labels = [*(f"branch-{i}" for i in range(1, len(inner))), "else"]
        values[field.name] = tuple(Branch(label=label, to=node) for label, node in zip(labels, inner, strict=False))
    else:
        values[field.name] = tuple(inner)
    for name in cls.arguments:
        if fields_of(cls)[name].kind == "node":
            _a_node(values[name], join(path, name))
    made: AnyNode = cls(**values)  # type: ignore[assignment]
    return made


def _argument(cls: type[Node], name: str, inside: AnyNode) -> AnyTest:
    if name == "accept":
        return Agreement()
    if fields_of(cls)[name].kind == "test" and name != "critic":
        return Number()
    first = next((node for _, node in walk(inside) if isinstance(node, Model)), Model(model=DEFAULT_MODEL))
    return structs.replace(first, replicas=1, label="")


def _shared_values(old: AnyNode, cls: type[Node]) -> dict[str, Any]:
    """What was set on the old one and fits the new one; a default was not set."""
    values: dict[str, Any] = {}
    known = fields_of(type(old))
    for name, field in fields_of(cls).items():
        if field.kind == "value" and name in known and getattr(old, name) != known[name].default:
            try:
                values[name] = field.convert(getattr(old, name))
            except FieldError:
                continue
    return values


def _free_label(label: str, taken: list[str]) -> str:
    number = 2
    free = label
    while free in taken:
        free, number = f"{label}-{number}", number + 1
    return free
