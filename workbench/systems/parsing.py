"""Notation → nodes: lark's tree is read by hand, so that every error says in plain words what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Any, NoReturn, TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken
from msgspec import Struct, structs

from workbench.errors import NotationError
from workbench.systems import words
from workbench.systems.expectations import explain
from workbench.systems.fields import (
    CHECKS_BY_KIND,
    OPERATORS,
    Field,
    FieldError,
    fields_of,
    suggest,
)
from workbench.systems.nodes import AnyNode, AnyTest, Branch, Chain, Check, Model, Node, Ref

MAX_DEPTH = 100
"""Deepest nesting that is read."""

ParseTree: TypeAlias = Tree[Token]


@lru_cache(maxsize=1)
def grammar() -> Lark:
    """The parser, built once."""
    text = resources.files("workbench.systems").joinpath("notation.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)


def read(text: str, *, checks_allowed: bool = False) -> AnyTest:
    """The node (or check, where allowed) that the text describes. Raises `NotationError`."""
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise explain(text, error, _acceptable(text, error)) from None
    return _Reader().chain(_tree(tree.children[0]), checks_allowed=checks_allowed)


def _acceptable(text: str, error: UnexpectedInput) -> set[str]:
    """The terminals that may stand where the error is."""
    if isinstance(error, UnexpectedToken) and error.accepts:
        return error.accepts
    parser = grammar().parse_interactive(text[: error.pos_in_stream])
    try:
        parser.exhaust_lexer()
    except UnexpectedInput:
        return set()
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    return accepted


def fail(at: Token | ParseTree, message: str, *, expected: tuple[str, ...] = (), hint: str = "") -> NoReturn:
    """Raise a `NotationError` that points at the token or the start of the subtree."""
    line, column = (at.line, at.column) if isinstance(at, Token) else (at.meta.line, at.meta.column)
    raise NotationError(message, line=line or 1, column=column or 1, expected=expected, hint=hint)


class _Reader:
    """Reads one tree; counts how deep it stands."""

    def __init__(self) -> None:
        self.depth = 0

    def chain(self, tree: ParseTree, *, checks_allowed: bool) -> AnyTest:
        """`a >> b`, or the one node that stands there."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            fail(tree, f"nested more than {MAX_DEPTH} deep", hint="Save an inner part as a system of its own: $name.")
        alone = len(tree.children) == 1
        steps = tuple(self.counted(_tree(step), checks_allowed=checks_allowed and alone) for step in tree.children)
        self.depth -= 1
        return steps[0] if alone else Chain(steps=tuple(map(_node, steps)))

    def counted(self, tree: ParseTree, *, checks_allowed: bool) -> AnyTest:
        """`3*node`"""
        *count, primary = tree.children
        node = _READERS[_tree(primary).data](self, _tree(primary), checks_allowed)
        return _with_replicas(node, _token(count[0])) if count else node

    def group(self, tree: ParseTree, checks_allowed: bool) -> AnyTest:
        """`(node)`"""
        return self.chain(_tree(tree.children[0]), checks_allowed=checks_allowed)

    def call(self, tree: ParseTree, checks_allowed: bool) -> AnyTest:
        """`operator[argument, option=value](children)`"""
        name = _token(tree.children[0])
        cls = _operator(name)
        values: dict[str, Any] = {}
        given: list[ParseTree] = []
        children: list[ParseTree] = []
        for part in map(_tree, tree.children[1:]):
            (given if part.data == "brackets" else children).extend(map(_tree, part.children))
        for item in given:
            if item.data == "pair":
                _option(cls, name, item, values)
            else:
                self._argument(cls, name, item, values)
        self._children(cls, name, children, values)
        node: AnyTest = _make(cls, name, values)
        return node

    def leaf(self, tree: ParseTree, checks_allowed: bool) -> AnyTest:
        """A model, a check or `$name`, with its options in braces."""
        name, *rest = tree.children
        token = _token(name)
        temperature = next((part for part in rest if isinstance(part, Token)), None)
        pairs = [_tree(pair) for part in rest if isinstance(part, Tree) for pair in part.children]
        if token.type == "REF":
            return _ref(token, temperature, pairs)
        if token.type == "NAME" and token.value in CHECKS_BY_KIND:
            return _check(token, temperature, pairs, checks_allowed)
        if token.type == "NAME" and token.value in OPERATORS:
            fail(
                token,
                f"{token.value} is an operator and needs its children in round brackets",
                expected=("'('", "'['"),
                hint=f'{token.value}(…); for a model of that name write "{token.value}" in quotes.',
            )
        return _model(token, temperature, pairs)

    def _argument(self, cls: type[Node], name: Token, item: ParseTree, values: dict[str, Any]) -> None:
        if not cls.arguments:
            options = ", ".join(_option_names(cls))
            fail(item, f"{name} takes options in its square brackets, no node", hint=f"Options: {options}.")
        field = fields_of(cls)[cls.arguments[0]]
        if field.name in values:
            fail(
                item,
                f"{name} takes one {field.name}, and this is a second",
                hint=f"Children go in round brackets: {name}[…](…).",
            )
        values[field.name] = self.chain(item, checks_allowed=field.kind == "test")

    def _children(self, cls: type[Node], name: Token, children: list[ParseTree], values: dict[str, Any]) -> None:
        field = fields_of(cls)[cls.branches_in[0]]
        if field.kind == "branches":
            values[field.name] = tuple(self._branch(child, name) for child in children)
            return
        for child in children:
            if child.data == "branch":
                fail(
                    child,
                    f"{name} takes children without labels",
                    hint="Only route has labels: route[router](code: a, else: b).",
                )
        values[field.name] = tuple(self.chain(child, checks_allowed=False) for child in children)

    def _branch(self, tree: ParseTree, operator: Token) -> Branch:
        if tree.data != "branch":
            fail(
                tree,
                f"a branch of {operator} needs a label",
                expected=("a label and ':'",),
                hint="Write label: node, with a space after the colon, e.g. code: sonnet.",
            )
        label, *when, node = tree.children
        text = _text(_token(label))
        if not text:
            fail(_token(label), "a branch's label can't be empty")
        described = _text(_token(when[0])) if when else ""
        to = _node(self.chain(_tree(node), checks_allowed=False))
        return Branch(label=text, when=described, to=to)


_READERS: dict[str, Callable[[_Reader, ParseTree, bool], AnyTest]] = {
    "group": _Reader.group,
    "call": _Reader.call,
    "leaf": _Reader.leaf,
}


def _operator(name: Token) -> type[Node]:
    cls = OPERATORS.get(name.value)
    if cls is not None:
        return cls
    if name.value in CHECKS_BY_KIND:
        fail(name, f"{name} is a check and has no children", hint=f"Its options go in braces: {name}{{…}}.")
    near = suggest(name.value, OPERATORS)
    known = ", ".join(OPERATORS)
    fail(name, f"there is no operator {name.value!r}", expected=tuple(OPERATORS), hint=near or f"Operators: {known}.")


def _model(name: Token, temperature: Token | None, pairs: list[ParseTree]) -> AnyTest:
    values: dict[str, Any] = {"model": _text(name)}
    if not values["model"]:
        fail(name, "a model's name can't be empty")
    if name.type == "NAME":
        values["model"], written = words.split_temperature(name.value)
    else:
        written = None
    if temperature is not None:
        if written is not None:
            fail(temperature, "the temperature is given twice")
        written = temperature.value[1:].strip()
    if written is not None:
        at = _behind(name, len(values["model"])) if temperature is None else temperature
        values["temperature"] = _convert(fields_of(Model)["temperature"], at, words.read_word(written))
    for pair in pairs:
        _option(Model, name, pair, values)
    node: AnyTest = _make(Model, name, values)
    return node


def _ref(name: Token, temperature: Token | None, pairs: list[ParseTree]) -> AnyTest:
    if temperature is not None:
        fail(temperature, "a saved system has no temperature of its own", hint="Set it inside that system.")
    raw = name.value[1:]
    values: dict[str, Any] = {"ref": _unquoted(name, raw) if raw[:1] in "\"'" else raw}
    if not values["ref"]:
        fail(name, "the saved system has no name", expected=("a name after $",))
    for pair in pairs:
        _option(Ref, name, pair, values)
    node: AnyTest = _make(Ref, name, values)
    return node


def _check(name: Token, temperature: Token | None, pairs: list[ParseTree], allowed: bool) -> AnyTest:
    cls = CHECKS_BY_KIND[name.value]
    if not allowed:
        fail(
            name,
            f"{name} is a check: it can stand only where a verifier does",
            hint=f'verify[{name}](…); for a model of that name write "{name}" in quotes.',
        )
    if temperature is not None:
        fail(temperature, f"{name} is a check and has no temperature")
    values: dict[str, Any] = {}
    for pair in pairs:
        _option(cls, name, pair, values)
    node: AnyTest = _make(cls, name, values)
    return node


def _with_replicas(node: AnyTest, count: Token) -> AnyTest:
    copies = int(count.value[:-1].strip())
    if isinstance(node, Check):
        fail(count, "a check is asked once; it has no copies", hint="votes=3 asks a verifier three times.")
    if copies < 1:
        fail(count, "the count must be at least 1")
    if node.replicas != 1 and copies != 1:
        total = copies * node.replicas
        fail(count, "this node already has a count", hint=f"Write {total}*… or {copies}*ensemble({node.replicas}*…).")
    return structs.replace(node, replicas=copies * node.replicas)


def _option(cls: type[Node] | type[Check], name: Token, pair: ParseTree, values: dict[str, Any]) -> None:
    key_token, raw = _token(pair.children[0]), pair.children[1]
    key = _text(key_token)
    field = fields_of(cls).get(key)
    if field is None or (issubclass(cls, Node) and key in (*cls.arguments, *cls.branches_in)):
        names = _option_names(cls)
        hint = suggest(key, names) or f"Options: {', '.join(names)}."
        fail(key_token, f"{_thing(cls, name)} has no option {key!r}", expected=tuple(names), hint=hint)
    if key in values:
        fail(key_token, f"{key} is given twice")
    values[key] = _convert(field, raw, _plain(raw), _plain(raw, verbatim=True))


def _convert(field: Field, at: Token | ParseTree, *readings: object) -> Any:
    """The first reading that fits: `label=3` is a number first, then the text that the field takes."""
    problem = FieldError("")
    for reading in readings:
        try:
            return field.convert(reading)
        except FieldError as error:
            problem = error if not problem.args[0] else problem
    fail(at, str(problem), expected=field.choices or (field.takes,), hint=problem.hint)


def _plain(value: Token | ParseTree, *, verbatim: bool = False) -> Any:
    if isinstance(value, Token):
        quoted = value.type == "STRING"
        return _text(value) if quoted or verbatim else words.read_word(value.value)
    if value.data == "list":
        return [_plain(item, verbatim=verbatim) for item in value.children]
    table: dict[str, Any] = {}
    for pair in map(_tree, value.children):
        key = _text(_token(pair.children[0]))
        if key in table:
            fail(pair, f"{key} is given twice")
        table[key] = _plain(pair.children[1], verbatim=verbatim)
    return table


def _make(cls: type[Struct], name: Token, values: dict[str, Any]) -> Any:
    for field in fields_of(cls).values():
        if field.required and field.name not in values:
            if field.kind in ("node", "test"):
                fail(
                    name,
                    f"{name} needs its {field.name} in square brackets",
                    expected=("'['",),
                    hint=f"{name}[{field.name}](…)",
                )
            fail(name, f"{name} needs {field.name}: {field.takes}", hint=f"{name}{{{field.name}=…}}")
    return cls(**values)


def _option_names(cls: type[Node] | type[Check]) -> list[str]:
    hidden = {"model", "ref"} if cls in (Model, Ref) else set()
    if issubclass(cls, Node):
        hidden |= {*cls.arguments, *cls.branches_in}
    return [name for name in fields_of(cls) if name not in hidden]


def _thing(cls: type[Node] | type[Check], name: Token) -> str:
    return "a model" if cls is Model else "a saved system" if cls is Ref else name.value


def _text(token: Token) -> str:
    return _unquoted(token, token.value) if token.type == "STRING" else str(token.value)


def _behind(token: Token, offset: int) -> Token:
    """The part of a token on one line that begins at the offset."""
    column = None if token.column is None else token.column + offset
    return Token(token.type, token.value[offset:], line=token.line, column=column)


def _unquoted(token: Token, quoted: str) -> str:
    try:
        return words.unquote(quoted)
    except ValueError:
        fail(
            token,
            "this quoted text holds an unknown backslash escape",
            hint=r"Double the backslash ('\\d' in double quotes), or use single quotes, where a backslash is itself.",
        )


def _node(node: AnyTest) -> AnyNode:
    assert not isinstance(node, Check)
    return node


def _tree(value: Token | ParseTree) -> ParseTree:
    assert isinstance(value, Tree)
    return value


def _token(value: Token | ParseTree) -> Token:
    assert isinstance(value, Token)
    return value
