"""Plain values from a file → a `System`, shorthands understood, every error with its place and tree path.

Shorthands: a text is notation wherever a node is expected; children may be one node or a list; `{$ref: name}` is a
saved system; the branches of a route may be a table `label: node`.
"""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec
from msgspec import Struct

from workbench.errors import NotationError, SystemFileError
from workbench.systems import notation
from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, Field, FieldError, fields_of, suggest
from workbench.systems.nodes import AnyNode, AnyTest, Branch, Budget, Check, Node, Ref, System
from workbench.systems.tree import join
from workbench.systems.yamltext import Item, Source

REF_KEY = "$ref"


def read_system(item: Item, source: Source) -> System:
    """The whole document. Raises `SystemFileError`."""
    return _Reader(source).system(item)


def read_node(item: Item, source: Source) -> AnyTest:
    """One node or check. Raises `SystemFileError`."""
    return _Reader(source).node(item, "", checks_allowed=True)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source

    def system(self, item: Item) -> System:
        if isinstance(item.content, str):
            return System(root=self.root(item))
        table = self._table(item, "a system")
        if "node" in table or REF_KEY in table:
            return System(root=self.root(item))
        system: System = self._struct(System, item, table, path=None, what="a system")
        return system

    def root(self, item: Item) -> AnyNode:
        """The whole text as one node."""
        node = self.node(item, "", checks_allowed=False)
        assert not isinstance(node, Check)
        return node

    def node(self, item: Item, path: str, *, checks_allowed: bool) -> AnyTest:
        """A node in any of its spellings."""
        if isinstance(item.content, str):
            return self._notation(item, path, checks_allowed)
        if isinstance(item.content, list):
            self._fail(item, path, "one node is expected here, not a list", hint="Wrap them: node: ensemble, of: […]")
        table = self._table(item, "a node", path)
        if REF_KEY in table:
            return self._ref(item, table, path)
        kind = table.get("node")
        if kind is None:
            self._fail(item, path, "a node needs the key 'node'", hint=f"One of: {', '.join(NODES_BY_KIND)}.")
        cls = self._class(kind, path, checks_allowed)
        fields = {key: value for key, value in table.items() if key != "node"}
        node: AnyTest = self._struct(cls, item, fields, path=path, what=str(kind.content))
        return node

    def _class(self, kind: Item, path: str, checks_allowed: bool) -> type[Node] | type[Check]:
        name = kind.content if isinstance(kind.content, str) else ""
        known: dict[str, type[Node] | type[Check]] = {**NODES_BY_KIND, **CHECKS_BY_KIND}
        if name not in known:
            hint = suggest(name, known) or f"One of: {', '.join(known)}."
            self._fail(kind, path, f"there is no node {kind.plain()!r}", hint=hint)
        if name in CHECKS_BY_KIND and not checks_allowed:
            self._fail(kind, path, f"{name} is a check: it can stand only where a verifier does")
        return known[name]

    def _struct(self, cls: type[Struct], item: Item, table: dict[str, Item], *, path: str | None, what: str) -> Any:
        fields = fields_of(cls)
        values = {}
        for key, value in table.items():
            if key not in fields:
                hint = suggest(key, fields) or f"Keys: {', '.join(fields)}."
                at = Item(None, *value.key) if value.key else value
                self._fail(at, path, f"{what} has no key {key!r}", hint=hint)
            values[key] = self._value(fields[key], value, path)
        missing = [name for name, field in fields.items() if field.required and name not in values]
        if missing:
            field = fields[missing[0]]
            self._fail(item, path, f"{what} needs the key {field.name!r}", hint=f"It takes {field.takes}.")
        return cls(**values)

    def _value(self, field: Field, item: Item, path: str | None) -> Any:
        here = "" if field.name == "root" and path is None else join(path or "", field.name)
        if field.kind in ("node", "test"):
            return self.node(item, here, checks_allowed=field.kind == "test")
        if field.kind == "nodes":
            items = item.content if isinstance(item.content, list) else [item]
            return tuple(self.node(child, f"{here}.{i}", checks_allowed=False) for i, child in enumerate(items))
        if field.kind == "branches":
            return self._branches(item, here)
        if field.type is Budget:
            return self._struct(Budget, item, self._table(item, "budget", here), path=here, what="budget")
        try:
            return field.convert(item.plain())
        except FieldError as error:
            self._fail(item, path, str(error), hint=error.hint or _quote_hint(field, item))

    def _branches(self, item: Item, path: str) -> tuple[Branch, ...]:
        if isinstance(item.content, dict):
            pairs = enumerate(item.content.items())
            return tuple(self._branch(i, label, node, path) for i, (label, node) in pairs)
        if not isinstance(item.content, list):
            self._fail(item, path, "branches take a list of {label, to} or a table label: node")
        return tuple(
            self._struct(
                Branch, child, self._table(child, "a branch", f"{path}.{i}"), path=f"{path}.{i}", what="a branch"
            )
            for i, child in enumerate(item.content)
        )

    def _branch(self, index: int, label: str, node: Item, path: str) -> Branch:
        to = self.node(node, f"{path}.{index}", checks_allowed=False)
        assert not isinstance(to, Check)
        return Branch(label=label, to=to)

    def _ref(self, item: Item, table: dict[str, Item], path: str) -> Ref:
        fields = {("ref" if key == REF_KEY else key): value for key, value in table.items()}
        ref = self._struct(Ref, item, fields, path=path, what=REF_KEY)
        assert isinstance(ref, Ref)
        return ref

    def _notation(self, item: Item, path: str, checks_allowed: bool) -> AnyTest:
        assert isinstance(item.content, str)
        try:
            return notation.parse_test(item.content) if checks_allowed else notation.parse(item.content)
        except NotationError as error:
            column = item.column + error.column - 1 if error.line == 1 and not item.quoted else item.column
            place = Item(None, item.line, column)
            inside = f" ({error.where} of {_shorten(item.content)})" if item.quoted else ""
            self._fail(place, path, f"{error.message}{inside}", hint=error.hint, cause=error)

    def _table(self, item: Item, what: str, path: str | None = None) -> dict[str, Item]:
        if not isinstance(item.content, dict):
            self._fail(item, path, f"{what} is a table of keys or a line of notation, not {_shorten(item.plain())}")
        return item.content

    def _fail(
        self, at: Item, path: str | None, message: str, *, hint: str = "", cause: Exception | None = None
    ) -> NoReturn:
        """`path` names the node; None is the system itself."""
        self.source.fail(at, message if path is None else f"at {path or 'root'}: {message}", hint=hint, cause=cause)


def _quote_hint(field: Field, item: Item) -> str:
    scalar = isinstance(item.content, int | float | bool) or item.content is None
    return "Put it in quotes." if scalar and field.takes.startswith("text") else ""


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def decode_json(data: bytes | str) -> System:
    """A system from the JSON that `msgspec.json.encode` makes of it (the ledger's `system_json`)."""
    try:
        return msgspec.json.decode(data, type=System)
    except msgspec.MsgspecError as error:
        raise SystemFileError(f"the saved system can't be read: {error}") from error
