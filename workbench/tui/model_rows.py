"""The catalogue as a table: which rows a search leaves, in which order, and what stands in each cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from workbench.models.base import ModelInfo
from workbench.models.listing import Key, Listed, Readiness, rank
from workbench.tui import figures
from workbench.tui.states import Look
from workbench.tui.text import Cells, fit, one_line

Scope: TypeAlias = Literal["all", "usable", "local", "simulated", "servers"]
SCOPES: dict[Scope, str] = {
    "all": "all",
    "usable": "usable now",
    "local": "local",
    "simulated": "simulated",
    "servers": "servers",
}
Order: TypeAlias = Literal["ready first", "name", "input price", "output price", "context"]
ORDERS: tuple[Order, ...] = ("ready first", "name", "input price", "output price", "context")

LOOKS: dict[Readiness, Look] = {
    "ready": Look("✓", "ready", "done"),
    "absent": Look("↓", "to fetch", "answering"),
    "maybe": Look("?", "may need a key", "waiting"),
    "blocked": Look("✗", "not callable", "cancelled"),
}
KEYS: dict[Key, tuple[str, str]] = {
    "none": ("–", "muted"),
    "found": ("found", "done"),
    "missing": ("missing", "cancelled"),
    "unknown": ("?", "muted"),
}
"""Key → word and colour: no key is needed, one is there, one is not, nobody knows."""


class Row(msgspec.Struct, frozen=True):
    """A model and the text that a search looks at."""

    listed: Listed
    text: str

    @property
    def info(self) -> ModelInfo:
        """What is known of it."""
        return self.listed.info

    @property
    def name(self) -> str:
        """Its full name, as the notation has it."""
        return self.listed.info.name


class Question(msgspec.Struct, frozen=True):
    """What is looked for."""

    words: str = ""
    scope: Scope = "all"
    only: str = ""
    """An endpoint; empty for all."""
    order: Order = "ready first"

    @property
    def narrow(self) -> bool:
        """Whether anything is filtered out."""
        return bool(self.words.strip() or self.only or self.scope != "all")

    def turned(self, by: int) -> Question:
        """The next scope."""
        scopes = list(SCOPES)
        return replace(self, scope=scopes[(scopes.index(self.scope) + by) % len(scopes)])


def index(rows: Iterable[Listed]) -> list[Row]:
    """The rows made searchable."""
    return [Row(row, _text(row.info)) for row in rows]


def _text(info: ModelInfo) -> str:
    return " ".join((info.name, info.endpoint, info.provider, info.kind, *abilities(info))).lower()


def abilities(info: ModelInfo) -> tuple[str, ...]:
    """Reasoning first."""
    return (*(("reasoning",) if info.reasoning else ()), *info.abilities)


def select(rows: Sequence[Row], question: Question, here: frozenset[str], servers: frozenset[str]) -> list[Row]:
    """The rows that fit, in order. `here`: endpoints on this machine; `servers`: those of config.toml or found."""
    words = question.words.lower().split()
    inside = _inside(question, here, servers)
    found = [row for row in rows if inside(row) and all(word in row.text for word in words)]
    return sorted(found, key=_order(question.order))


def count(rows: Sequence[Row], here: frozenset[str], servers: frozenset[str]) -> dict[Scope, int]:
    """Rows in each scope."""
    tests = {scope: _inside(Question(scope=scope), here, servers) for scope in SCOPES}
    return {scope: sum(map(test, rows)) for scope, test in tests.items()}


def _inside(question: Question, here: frozenset[str], servers: frozenset[str]) -> Callable[[Row], bool]:
    scopes: dict[Scope, Callable[[Row], bool]] = {
        "all": lambda row: True,
        "usable": lambda row: row.listed.readiness == "ready",
        "local": lambda row: row.info.provider == "local" or row.info.endpoint in here,
        "simulated": lambda row: row.info.kind == "simulated",
        "servers": lambda row: row.info.endpoint in servers,
    }
    inside, only = scopes[question.scope], question.only
    return (lambda row: row.info.endpoint == only and inside(row)) if only else inside


def _order(order: Order) -> Callable[[Row], tuple[object, ...]]:
    match order:
        case "ready first":
            return lambda row: (rank(row.listed),)
        case "name":
            return lambda row: (row.name.lower(),)
        case "input price":
            return lambda row: _price_order(row, "input")
        case "output price":
            return lambda row: _price_order(row, "output")
        case "context":
            return lambda row: (-(row.info.context or 0),)


def _price_order(row: Row, part: str) -> tuple[object, ...]:
    """Cheapest first, the unknown last."""
    price = getattr(row.info.prices, part, None)
    return (price is None, price or 0)


# Cells


class Columns(msgspec.Struct, frozen=True):
    """Widths in cells; 0 leaves a column out."""

    name: int
    by: int
    price: int
    context: int
    can: int
    key: int
    state: int


GAP = 2
WIDEST, WIDE, MIDDLE, NARROW = 160, 130, 104, 90


def columns(width: int) -> Columns:
    """What fits: the name takes what is left."""
    if width >= WIDE:
        fixed = Columns(0, 14 if width >= WIDEST else 0, 9, 10, 20, 7, 20)
    elif width >= MIDDLE:
        fixed = Columns(0, 0, 8, 10, 9, 7, 21)
    elif width >= NARROW:
        fixed = Columns(0, 0, 8, 9, 0, 7, 20)
    else:
        fixed = Columns(0, 0, 8, 9, 0, 0, 14)
    others = (fixed.by, fixed.price, fixed.price, fixed.context, fixed.can, fixed.key, fixed.state)
    rest = width - 2 - sum(others) - GAP * sum(1 for other in others if other)
    return replace(fixed, name=max(8, rest))


def head(c: Columns) -> Cells:
    """The titles."""
    return _row(
        c,
        (
            (fit("model", c.name), "muted"),
            (fit("served by", c.by), "muted"),
            (fit("in $/M  ", c.price, right=True), "muted"),
            (fit("out $/M ", c.price, right=True), "muted"),
            (fit("context", c.context, right=True), "muted"),
            (fit("can", c.can), "muted"),
            (fit("key", c.key), "muted"),
            (fit("state", c.state), "muted"),
        ),
    )


def cells(row: Row, c: Columns) -> Cells:
    """One model's line."""
    info, listed = row.info, row.listed
    look = LOOKS[listed.readiness]
    key, key_colour = KEYS[listed.key]
    quiet = "quiet" if listed.readiness == "blocked" else ""
    prices = info.prices
    return _row(
        c,
        (
            (fit(one_line(info.name), c.name), quiet or "name"),
            (fit(one_line(info.endpoint), c.by), "muted"),
            (fit(aligned(prices.input if prices else None), c.price, right=True), quiet),
            (fit(aligned(prices.output if prices else None), c.price, right=True), quiet),
            (fit("?" if info.context is None else figures.count(info.context), c.context, right=True), quiet),
            (fit(_whole(abilities(info), c.can), c.can), "muted"),
            (fit(key, c.key), key_colour),
            (fit(f"{look.glyph} {_state(listed, c.state - 2)}", c.state), look.colour),
        ),
    )


def _state(listed: Listed, width: int) -> str:
    """Its readiness in so many cells, in shorter words where they don't fit."""
    words = one_line(listed.words)
    if listed.info.kind == "simulated" and listed.readiness == "ready":
        return "simulated"
    if len(words) <= width:
        return words
    if listed.readiness == "maybe":
        return "key unknown"
    if listed.key == "missing" and width < 16:
        return "no key"
    return words.partition(", ")[0]


def _whole(words: Iterable[str], width: int) -> str:
    """As many whole words as fit."""
    said = ""
    for word in words:
        longer = f"{said} {word}".strip()
        if len(longer) > width:
            break
        said = longer
    return said


def _row(c: Columns, columns: tuple[tuple[str, str], ...]) -> Cells:
    widths = (c.name, c.by, c.price, c.price, c.context, c.can, c.key, c.state)
    made: list[tuple[str, str]] = [(" ", "")]
    for width, cell in zip(widths, columns, strict=True):
        if width:
            made += [cell, (" " * GAP, "")]
    return tuple(made[:-1])


def per_million(pico: int | None) -> str:
    """Pico-dollars a token → dollars per million tokens: `0.55`, `0.0375`."""
    if pico is None:
        return "?"
    usd = pico / 1e6
    if usd >= 1000:
        return f"{usd:,.0f}"
    if round(usd, 2) == usd or usd >= 100:
        return f"{usd:.2f}"
    return f"{usd:.4f}" if usd >= 0.0001 else "<.0001"


def aligned(pico: int | None) -> str:
    """The same with its point where that of `0.0375` stands."""
    said = per_million(pico)
    return said + "  " if pico is None or said[-3:-2] == "." else said
