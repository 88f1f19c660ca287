"""Nodes as notation: on one line, or indented to a width. Both are drawn from one small document tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from workbench.systems import words
from workbench.systems.fields import fields_of
from workbench.systems.nodes import AnyTest, Branch, Chain, Check, Model, Node, Ref, kind_of

INDENT = 2


class Bracketed(Struct, frozen=True):
    """Items between brackets; broken, each stands on its own line."""

    left: str
    items: tuple[Document, ...]
    right: str


class Steps(Struct, frozen=True):
    """Items joined by `>>`; broken, each step begins a line."""

    items: tuple[Document, ...]


Document: TypeAlias = "tuple[str | Bracketed | Steps, ...]"


def document(node: AnyTest) -> Document:
    """The node as parts that can be drawn flat or broken."""
    if isinstance(node, Check):
        return (kind_of(node), *_braces(_options(node)))
    count = f"{node.replicas}*" if node.replicas != 1 else ""
    if isinstance(node, Model):
        return _model(node, count)
    if isinstance(node, Ref):
        return (count + words.write_ref(node.ref), *_braces(_options(node, "ref")))
    if isinstance(node, Chain) and _is_arrow(node):
        steps = Steps(tuple(map(_step, node.steps)))
        return (count, Bracketed("(", ((steps,),), ")")) if count else (steps,)
    return _operator(node, count)


def flat(parts: Document) -> str:
    """The document on one line."""
    return "".join(map(_flat_part, parts))


def broken(parts: Document, width: int, indent: int = 0) -> str:
    """The document within the width where that is possible: quoted text is never broken."""
    line = flat(parts)
    if indent + len(line) <= width:
        return line
    out: list[str] = []
    last = max((i for i, part in enumerate(parts) if not isinstance(part, str)), default=-1)
    for i, part in enumerate(parts):
        head_fits = indent + len(flat(parts[: i + 1])) <= width
        if isinstance(part, str) or (i < last and head_fits):
            out.append(_flat_part(part))
        else:
            out.append(_broken_part(part, width, indent))
    return "".join(out)


def _flat_part(part: str | Bracketed | Steps) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Steps):
        return " >> ".join(map(flat, part.items))
    return f"{part.left}{', '.join(map(flat, part.items))}{part.right}"


def _broken_part(part: Bracketed | Steps, width: int, indent: int) -> str:
    if isinstance(part, Steps):
        first, *rest = part.items
        steps = (f"\n{' ' * indent}>> {broken(step, width, indent + 3)}" for step in rest)
        return broken(first, width, indent) + "".join(steps)
    if not part.items:
        return part.left + part.right
    inner = indent + INDENT
    lines = (f"{' ' * inner}{broken(item, width, inner)}" for item in part.items)
    return part.left + "\n" + ",\n".join(lines) + f"\n{' ' * indent}" + part.right


def _model(node: Model, count: str) -> Document:
    temperature = None if node.temperature is None else words.write_temperature(node.temperature)
    left_out = ("model", "temperature") if temperature else ("model",)
    head = f"{count}{words.write_model_name(node.model)}{temperature or ''}"
    return (head, *_braces(_options(node, *left_out)))


def _operator(node: Node, count: str) -> Document:
    items: list[Document] = [document(getattr(node, field)) for field in node.arguments]
    items.extend(_options(node, *node.arguments, *node.branches_in))
    children = tuple(_child(child) for field in node.branches_in for child in getattr(node, field))
    brackets = (Bracketed("[", tuple(items), "]"),) if items else ()
    return (f"{count}{kind_of(node)}", *brackets, Bracketed("(", children, ")"))


def _child(child: AnyTest | Branch) -> Document:
    if not isinstance(child, Branch):
        return document(child)
    when = f" {words.quote(child.when)}" if child.when else ""
    return (f"{words.write_label(child.label)}{when}: ", *document(child.to))


def _step(node: AnyTest) -> Document:
    parts = document(node)
    return (Bracketed("(", (parts,), ")"),) if isinstance(parts[0], Steps) else parts


def _is_arrow(node: Chain) -> bool:
    return len(node.steps) > 1 and not any(_options(node, "steps"))


def _options(node: Node | Check, *left_out: str) -> Iterator[Document]:
    for name, field in fields_of(type(node)).items():
        value = getattr(node, name)
        if name in left_out or name == "replicas" or (not field.required and value == field.default):
            continue
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        yield (f"{name}={words.write_value(int(value) if whole else value)}",)


def _braces(options: Iterator[Document]) -> tuple[Bracketed, ...]:
    items = tuple(options)
    return (Bracketed("{", items, "}"),) if items else ()
