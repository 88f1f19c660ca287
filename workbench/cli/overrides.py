"""`--model`, `--judge`, `--timeout`: the same system with other models in it, a pure function on the tree."""

from __future__ import annotations

from typing import Any

import msgspec

from workbench.systems.nodes import AnyNode, AnyTest, Branch, Check, Model, Ref, System


def override(
    system: System, *, model: str | None = None, judge: str | None = None, timeout: float | None = None
) -> System:
    """The system with every generator's model replaced by `model` and every model in an argument (judge, verifier,
    router, critic, scorer) by `judge`; `timeout` is each call's, seconds. All else stays. `$refs` must be resolved."""
    limits = {} if timeout is None else {"timeout": timeout}
    root: AnyNode = _swap(system.root, _changes(model, limits), _changes(judge, limits))
    return msgspec.structs.replace(system, root=root)


def _changes(model: str | None, limits: dict[str, Any]) -> dict[str, Any]:
    return limits if model is None else {**limits, "model": model}


def _swap(node: Any, own: dict[str, Any], argument: dict[str, Any]) -> Any:
    """`own`: fields to set on models below; `argument`: on those inside a judge, verifier, router or critic."""
    if isinstance(node, Check | Ref):
        return node
    if isinstance(node, Model):
        return msgspec.structs.replace(node, **own)
    fields: dict[str, Any] = {name: _swap(getattr(node, name), argument, argument) for name in node.arguments}
    for name in node.branches_in:
        fields[name] = tuple(_swap_child(child, own, argument) for child in getattr(node, name))
    return msgspec.structs.replace(node, **fields)


def _swap_child(child: AnyTest | Branch, own: dict[str, Any], argument: dict[str, Any]) -> Any:
    if isinstance(child, Branch):
        return msgspec.structs.replace(child, to=_swap(child.to, own, argument))
    return _swap(child, own, argument)
