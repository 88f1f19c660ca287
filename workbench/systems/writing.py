"""A `System` → YAML text: anew, or into an existing text whose comments and spellings stay."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from workbench.errors import SystemFileError
from workbench.systems import notation
from workbench.systems.fields import Field, fields_of
from workbench.systems.nodes import AnyTest, Branch, Budget, Check, Node, Ref, System, kind_of
from workbench.systems.reading import REF_KEY, read_node, read_system
from workbench.systems.yamltext import Item, Source, read_items

_ORDER = ("name", "description", "source", "example", "extract", "on_none", "budget", "root", "tags")
_SOURCE = Source("file")

Written: TypeAlias = "CommentedMap | CommentedSeq | str | int | float | bool | None"


def fresh(system: System) -> str:
    """The system as new YAML text."""
    return _dump(_struct(system))


def to_json(system: System) -> str:
    """The system as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(system), indent=2).decode() + "\n"


def updated(text: str, system: System, path: Path) -> str:
    """The text changed so that it holds the system: what says the same already is left exactly as it is.

    Text that holds no system is replaced.
    """
    try:
        old = read_system(read_items(text, _SOURCE), _SOURCE)
        document = _yaml().load(text)
    except (SystemFileError, YAMLError):
        return fresh(_named(system, path))
    if not isinstance(document, CommentedMap) or "root" not in document:
        return text if old.root == system.root and _is_bare(system, path) else fresh(_named(system, path))
    if "name" not in document:
        system = _named(system, path)
    _update(document, system)
    changed = _dump(document)
    # a number in an unusual spelling may lose a digit on its way through ruamel
    return changed if _says(changed, system) else fresh(system)


def _says(text: str, system: System) -> bool:
    try:
        return read_system(read_items(text, _SOURCE), _SOURCE) == system
    except SystemFileError:
        return False


def _named(system: System, path: Path) -> System:
    """Without its name where that is the file's stem."""
    return msgspec.structs.replace(system, name="") if system.name == path.stem else system


def _is_bare(system: System, path: Path) -> bool:
    return _named(system, path) == System(root=system.root)


def _update(document: CommentedMap, value: Struct) -> None:
    """Bring a table up to date with the struct, key by key."""
    fields = {name: field for name, field in fields_of(type(value)).items() if name in dict(_present(value))}
    for key in [key for key in document if key not in fields and key not in ("node", REF_KEY)]:
        del document[key]
    for name, field in fields.items():
        key = REF_KEY if name == "ref" and REF_KEY in document else name
        new = getattr(value, name)
        if key not in document:
            document.insert(_place(document, value, key), key, _value(field, new))
        else:
            _replace(document, key, field, new)


def _replace(parent: Any, key: Any, field: Field, new: Any) -> None:
    old = parent[key]
    if field.kind in ("node", "test"):
        _replace_node(parent, key, new)
    elif field.kind in ("nodes", "branches") and isinstance(old, CommentedSeq):
        _update_list(old, new)
    elif field.kind == "nodes" and len(new) == 1:
        _replace_node(parent, key, new[0])
    elif isinstance(old, CommentedMap) and isinstance(new, Budget):
        _update(old, new)
    elif field.kind == "branches" and isinstance(old, CommentedMap) and not any(b.when for b in new):
        _update_branches(old, new)
    elif field.kind != "value" or field.type is Budget or not _same(field, old, new):
        parent[key] = _value(field, new)


def _replace_node(parent: Any, key: Any, new: AnyTest | Branch) -> None:
    old = parent[key]
    if _read(old) == new:
        return
    if isinstance(new, Branch):
        if isinstance(old, CommentedMap):
            _update(old, new)
        else:
            parent[key] = _struct(new)
    elif isinstance(old, str):
        parent[key] = notation.print_node(new)
    elif isinstance(old, CommentedMap) and (
        old.get("node") == kind_of(new) or (REF_KEY in old and isinstance(new, Ref))
    ):
        _update(old, new)
    else:
        parent[key] = _struct(new)


def _update_list(old: CommentedSeq, new: tuple[AnyTest | Branch, ...]) -> None:
    """Line old and new items up, so that comments stay with the items they stand at."""
    before = [_read(item) for item in old]
    matcher = SequenceMatcher(a=[repr(node) for node in before], b=[repr(node) for node in new], autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    leaving = [old[i] for _, a1, a2, b1, b2 in changes for i in range(a1 + min(a2 - a1, b2 - b1), a2)]
    for _, a1, a2, b1, b2 in reversed(changes):
        shared = min(a2 - a1, b2 - b1)
        for index in range(a2 - 1, a1 + shared - 1, -1):
            del old[index]
        for offset in range(shared):
            _replace_node(old, a1 + offset, new[b1 + offset])
        for offset in range(shared, b2 - b1):
            old.insert(a1 + offset, _moved(leaving, new[b1 + offset]))


def _moved(leaving: list[Any], node: AnyTest | Branch) -> Any:
    """The node as it was written where it only changes its place, else written anew."""
    for index, written in enumerate(leaving):
        if _read(written) == node:
            return leaving.pop(index)
    return _struct(node)


def _update_branches(old: CommentedMap, new: tuple[Branch, ...]) -> None:
    wanted = {branch.label: branch.to for branch in new}
    for label in [label for label in old if label not in wanted]:
        del old[label]
    for index, (label, node) in enumerate(wanted.items()):
        if label in old:
            _replace_node(old, label, node)
        else:
            old.insert(index, label, _struct(node))


def _read(written: Any) -> AnyTest | Branch | None:
    """The node that a piece of the document says, or None where it says none."""
    try:
        item = _item(written)
        if isinstance(item.content, dict) and "to" in item.content:
            return _read_branch(item)
        return read_node(item, _SOURCE)
    except SystemFileError:
        return None


def _read_branch(item: Item) -> Branch | None:
    assert isinstance(item.content, dict)
    to = read_node(item.content["to"], _SOURCE)
    words = {key: value.content for key, value in item.content.items() if key != "to"}
    try:
        return msgspec.convert({**words, "to": msgspec.to_builtins(to)}, Branch)
    except msgspec.ValidationError:
        return None


def _item(written: Any) -> Item:
    if isinstance(written, dict):
        return Item({str(key): _item(value) for key, value in written.items()}, 1, 1)
    if isinstance(written, list):
        return Item([_item(value) for value in written], 1, 1)
    return Item(_scalar(written), 1, 1)


def _scalar(written: Any) -> str | int | float | bool | None:
    for plain in (bool, int, float, str):
        if isinstance(written, plain):
            return plain(written)
    return None


def _same(field: Field, old: Any, new: Any) -> bool:
    try:
        return bool(field.convert(_item(old).plain()) == new)
    except ValueError:
        return False


def _place(document: CommentedMap, value: Struct, key: str) -> int:
    """Where a new key goes: behind the nearest key that comes before it in the order of writing."""
    order = _order(type(value))
    before = {"node", REF_KEY, *order[: order.index(key)]}
    return max((index for index, name in enumerate(document) if name in before), default=-1) + 1


def _order(cls: type[Struct]) -> tuple[str, ...]:
    """The order in which fields are written: a node's options, its arguments, its children."""
    if cls is System:
        return _ORDER
    ranks = {"value": 0, "node": 1, "test": 1, "nodes": 2, "branches": 2}
    fields = fields_of(cls)
    return tuple(sorted(fields, key=lambda name: (ranks[fields[name].kind], not fields[name].required)))


def _struct(value: Struct) -> CommentedMap:
    table = CommentedMap()
    if isinstance(value, Node | Check) and not isinstance(value, Ref):
        table["node"] = kind_of(value)
    present = dict(_present(value))
    for name in (name for name in _order(type(value)) if name in present):
        key = REF_KEY if isinstance(value, Ref) and name == "ref" else name
        table[key] = _value(present[name], getattr(value, name))
    return table


def _present(value: Struct) -> Iterator[tuple[str, Field]]:
    """The fields that are written: required ones, then those that differ from their default."""
    for name, field in fields_of(type(value)).items():
        if field.required or getattr(value, name) != field.default:
            yield name, field


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, Struct):
        return _struct(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return CommentedMap({_text(key): _plain(item) for key, item in value.items()})
    if not isinstance(value, tuple | list):
        return value
    items = CommentedSeq(_struct(item) if isinstance(item, Struct) else _plain(item) for item in value)
    if all(isinstance(item, str | int | float) and "\n" not in str(item) for item in value):
        items.fa.set_flow_style()
    return items


def _text(text: str) -> Any:
    """Lines as a block where they can stand there as they are; what a terminal would not show as escapes."""
    lines = text.replace("\t", " ").split("\n")
    if not all(line.isprintable() for line in lines):
        return DoubleQuotedScalarString(text)
    if len(lines) == 1:
        return text
    tidy = all(line == line.rstrip() for line in lines) and lines[0][:1].strip()
    return LiteralScalarString(text) if tidy else DoubleQuotedScalarString(text)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000  # a long text keeps its line: breaks inside it would be noise in a diff
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    return yaml


def _dump(document: CommentedMap) -> str:
    out = StringIO()
    _yaml().dump(document, out)
    return out.getvalue()
