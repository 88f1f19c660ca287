"""YAML or JSON text → plain values that know where they stand, with bombs refused.

JSON is read as the YAML it is, so that both give line and column. Aliases may be used; what they expand to is counted.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias

from msgspec import Struct, structs
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import Reader

from workbench.errors import SystemFileError

MAX_BYTES = 1_000_000
"""Largest file that is read."""
MAX_VALUES = 50_000
"""Most values in one file, aliases expanded."""
MAX_DEPTH = 250

Content: TypeAlias = "str | int | float | bool | list[Item] | dict[str, Item] | None"


class Item(Struct, frozen=True):
    """A value and the place where it begins; line and column count from 1."""

    content: Content
    line: int
    column: int
    quoted: bool = False
    key: tuple[int, int] | None = None
    """Line and column of its key, where it has one."""

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.content, dict):
            return {key: item.plain() for key, item in self.content.items()}
        if isinstance(self.content, list):
            return [item.plain() for item in self.content]
        return self.content


class Source(Struct, frozen=True):
    """What a text is called in messages."""

    where: str

    def fail(self, at: Item | None, message: str, *, hint: str = "", cause: Exception | None = None) -> NoReturn:
        """Raise a `SystemFileError` that points at the item (or at the text as a whole)."""
        where = self.where if at is None else self.place(at.line, at.column)
        raise SystemFileError(message, where=where, hint=hint) from cause

    def place(self, line: int, column: int) -> str:
        """file:line:column"""
        return f"{self.where}:{line}:{column}"


class _QuickReader(Reader):
    """Text of plain letters needs no pattern of all that YAML forbids: to compile that takes milliseconds."""

    def check_printable(self, data: str) -> None:
        if not data.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
            super().check_printable(data)


def safe_yaml() -> YAML:
    """A reader of plain values that tells where they stand."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Reader = _QuickReader
    return yaml


def read_items(text: str, source: Source) -> Item:
    """The text's one document. Raises `SystemFileError` on bad syntax, duplicate keys, and what is too big or deep."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        source.fail(None, f"is larger than {MAX_BYTES:,} bytes; a system is a small file")
    is_json = text.lstrip().startswith("{")
    yaml = safe_yaml()
    try:
        root = yaml.compose(text.replace("\t", " ") if is_json else text)
        if root is None:
            source.fail(None, "is empty", hint="At the least: root: some-model")
        return _Reader(source, yaml.constructor, is_json).item(root, 0)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = source.where if mark is None else source.place(mark.line + 1, mark.column + 1)
        problem = error.problem or error.context or "syntax error"
        raise SystemFileError(f"is not valid YAML: {problem}", where=where, hint=_hint(problem)) from error
    except YAMLError as error:
        source.fail(None, f"is not valid YAML: {str(error).splitlines()[0]}", cause=error)
    except RecursionError as error:
        source.fail(None, "is nested too deep", cause=error)


def _hint(problem: str) -> str:
    if "mapping values are not allowed" in problem or "could not find expected ':'" in problem:
        return "Text that holds ': ' goes in quotes; check the indentation."
    if "<stream end>" in problem:
        return "A bracket or a quote that was opened is never closed."
    if "tab" in problem or "\\t" in problem:
        return "YAML is indented with spaces, not tabs."
    return ""


class _Reader:
    def __init__(self, source: Source, constructor: Any, is_json: bool) -> None:
        self.source = source
        self.constructor = constructor
        self.is_json = is_json
        self.count = 0

    def item(self, node: Any, depth: int) -> Item:
        here = Item(None, node.start_mark.line + 1, node.start_mark.column + 1)
        self.count += 1
        if self.count > MAX_VALUES:
            self.source.fail(here, f"holds more than {MAX_VALUES:,} values, aliases expanded")
        if depth > MAX_DEPTH:
            self.source.fail(here, f"is nested more than {MAX_DEPTH} deep, or an alias holds itself")
        if isinstance(node, MappingNode):
            return Item(self._table(node, depth), here.line, here.column)
        if isinstance(node, SequenceNode):
            return Item([self.item(child, depth + 1) for child in node.value], here.line, here.column)
        assert isinstance(node, ScalarNode)
        return Item(self._scalar(node, here), here.line, here.column, quoted=node.style in ("'", '"', "|", ">"))

    def _table(self, node: MappingNode, depth: int) -> dict[str, Item]:
        table: dict[str, Item] = {}
        for key_node, value_node in node.value:
            key = self.item(key_node, depth + 1)
            if not isinstance(key.content, str):
                self.source.fail(key, "a key must be text", hint="Put it in quotes.")
            if key.content in table:
                self.source.fail(key, f"the key {key.content!r} stands here twice")
            value = self.item(value_node, depth + 1)
            table[key.content] = structs.replace(value, key=(key.line, key.column))
        return table

    def _scalar(self, node: ScalarNode, here: Item) -> str | int | float | bool | None:
        if node.tag not in _SCALAR_TAGS:
            return str(node.value)
        try:
            value = self.constructor.construct_object(node)
        except ValueError as error:
            self.source.fail(here, f"{node.value!r} can't be read: {error}", cause=error)
        if isinstance(value, str) and self.is_json:
            return _join_surrogates(value)
        assert value is None or isinstance(value, str | int | float | bool)
        return value


_SCALAR_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))


def _join_surrogates(text: str) -> str:
    r"""JSON writes 😀 as two escapes, `\ud83d\ude00`, which YAML reads as two halves."""
    if text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    import json

    joined: str = json.loads(json.dumps(text))
    return joined
