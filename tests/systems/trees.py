"""Random nodes of every kind, drawn from what the structs say about their fields."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, inspect

from workbench.systems.fields import CHECKS_BY_KIND, OPERATORS, fields_of
from workbench.systems.nodes import AnyNode, AnyTest, Branch, Budget, Model, Ref, System

_TRICKY = [
    "gpt-4o-mini",
    "deepseek/deepseek-r1:free",
    "claude-3-5-sonnet@20240620",
    "model@0.8",
    "race",
    "regex",
    "3",
    "true",
    "null",
    "-1e5",
    "a: b",
    "$x",
    "it's \\d+",
    '"',
    "line\nbreak",
    "\x1b[31m",
    "\x85",
    "😀",
    "٣",
    "# no comment",
    "- no list",
    "~",
    "=",
    " ",
]
_REPLICAS = st.one_of(st.just(1), st.integers(1, 12), st.just(999_999_999))
_TEXT = st.sampled_from(_TRICKY) | st.text(max_size=12)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)


def _values(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Every value that the type takes."""
    match info:
        case inspect.Metadata():
            return _values(info.type)
        case inspect.UnionType():
            return st.one_of(*map(_values, info.types))
        case inspect.IntType():
            return st.integers(
                info.ge if info.ge is not None else -(10**18), info.le if info.le is not None else 10**18
            )
        case inspect.FloatType():
            low, above = (info.ge, False) if info.ge is not None else (info.gt, info.gt is not None)
            return st.floats(low, info.le, exclude_min=above, allow_nan=False, allow_infinity=False)
        case inspect.StrType():
            return _TEXT.filter(bool) if info.min_length else _TEXT
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.DictType():
            return st.dictionaries(_TEXT, _JSON, max_size=2)
        case inspect.VarTupleType():
            return st.lists(_values(info.item_type), min_size=info.min_length or 0, max_size=3).map(tuple)
    raise AssertionError(f"no strategy for {info}")


def _struct(cls: type[Struct], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The struct with fields at random: each optional one is mostly left at its default."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in fields_of(cls).items():
        if name in given:
            required[name] = given[name]
        else:
            (required if field.required else optional)[name] = _values(inspect.type_info(field.type))
    kept = st.sets(st.sampled_from(sorted(optional)), max_size=3) if optional else st.just(set[str]())
    return kept.flatmap(lambda names: st.builds(cls, **required, **{name: optional[name] for name in sorted(names)}))


checks: st.SearchStrategy[Any] = st.one_of(*(_struct(cls) for cls in CHECKS_BY_KIND.values()))
leaves: st.SearchStrategy[Any] = _struct(Model, replicas=_REPLICAS) | _struct(Ref, replicas=_REPLICAS)


def _operators(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    made = []
    for cls in OPERATORS.values():
        given: dict[str, st.SearchStrategy[Any]] = {"replicas": _REPLICAS}
        for name, field in fields_of(cls).items():
            if field.kind == "node":
                given[name] = inner
            elif field.kind == "test":
                given[name] = inner | checks
            elif field.kind == "nodes":
                given[name] = st.lists(inner, min_size=1, max_size=3).map(tuple)
            elif field.kind == "branches":
                labels = st.lists(_TEXT.filter(bool), min_size=1, max_size=3, unique=True)
                given[name] = labels.flatmap(lambda names: _branches(names, inner))
        made.append(_struct(cls, **given))
    return st.one_of(*made)


def _branches(labels: list[str], inner: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Branch, ...]]:
    return st.tuples(*(st.builds(Branch, label=st.just(label), to=inner, when=st.just("") | _TEXT) for label in labels))


nodes: st.SearchStrategy[AnyNode] = st.recursive(leaves, _operators, max_leaves=6)
tests: st.SearchStrategy[AnyTest] = nodes | checks
systems: st.SearchStrategy[System] = _struct(System, root=nodes, budget=_struct(Budget))
