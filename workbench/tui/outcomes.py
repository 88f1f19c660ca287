"""What runs came to, and several systems' outcomes as one table: medians, ranges, the best of each row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from workbench import money
from workbench.analysis.comparison import Spread, best, shared, tally
from workbench.engine.view import RunView
from workbench.models.base import RunKind
from workbench.tui import figures
from workbench.tui.text import one_line

if TYPE_CHECKING:
    from workbench.ledger.queries import Grade

NONE, UNKNOWN = "–", "?"
"""There is nothing to tell; and it is not known."""
CUT = ("cancelled", "interrupted")
"""Runs that ended so say nothing about their system: no figure counts them."""


class Outcome(msgspec.Struct):
    """One finished run. Money is pico-dollars, times are nanoseconds; None is unknown (of an answer: there is none)."""

    run: str
    turn: int
    kind: RunKind
    status: str
    reason: str
    answer: str | None
    key: str | None
    cost: int | None
    estimated: bool
    waste: int | None
    first_token: int | None
    answered: int | None
    tokens: int | None
    calls: int
    score: float | None
    score_name: str
    grade: Grade | None = None

    @property
    def price(self) -> str:
        """What it cost, as a person reads it; what is free is so for sure."""
        return money.show(self.cost, estimated=self.estimated and self.cost != 0)

    @property
    def counts(self) -> bool:
        """Whether the run went to its end."""
        return self.status not in CUT


def outcome(view: RunView, turn: int) -> Outcome:
    """A run that has ended, without its events and texts: hundreds of these are kept."""
    answer = view.answer
    prompt, completion = view.tokens("prompt_tokens"), view.tokens("completion_tokens")
    scored = min(view.disagreements.values(), key=lambda d: (d.node.count("/"), d.node), default=None)
    return Outcome(
        run=view.id,
        turn=turn,
        kind=view.kind,
        status=view.status or "interrupted",
        reason=view.reason,
        answer=None if answer is None else answer.text,
        key=None if answer is None else answer.key,
        cost=view.cost(),
        estimated=view.estimated(),
        waste=view.waste(),
        first_token=view.first_token_at,
        answered=_answered(view),
        tokens=None if prompt is None or completion is None else prompt + completion,
        calls=len(view.calls),
        score=None if scored is None else scored.score,
        score_name="" if scored is None else scored.headline,
    )


def _answered(view: RunView) -> int | None:
    """When the answer was there and chosen: a vote's winner may have been written long before it won."""
    if view.answer_id is None:
        return None
    chosen = [selection.t for selection in view.selections if view.answer_id in selection.winners]
    return max([view.candidate_times.get(view.answer_id, view.t), *chosen])


class Cell(msgspec.Struct, frozen=True):
    """One figure of one system: its median, and beside it the range where not all its runs are alike (of a score, its
    name too)."""

    text: str
    range: str = ""
    best: bool = False


class Row(msgspec.Struct, frozen=True):
    """One figure of all systems."""

    title: str
    cells: tuple[Cell, ...]


class Judged(msgspec.Struct, frozen=True):
    """What blind judging came to for a system."""

    better: int = 0
    ties: int = 0
    of: int = 0


Column: TypeAlias = Sequence[Outcome]
Value: TypeAlias = Callable[[Outcome], float | None]


def rows(columns: Sequence[Column], planned: int, judged: Sequence[Judged] = (), *, live: bool = False) -> list[Row]:
    """The table, a column a system. Nothing is marked best while runs are under way or where `why_unranked` says so."""
    counted = [[each for each in column if each.counts] for column in columns]
    ranked = not live and not why_unranked(columns)

    def row(title: str, value: Value, show: Callable[[float], str]) -> Row:
        return _row(title, counted, value, [show] * len(counted), ranked=ranked)

    def money_row(title: str, value: Value) -> Row:
        guessed = [any(each.estimated and value(each) for each in column) for column in counted]
        return _row(title, counted, value, [partial(_dollars, estimated=guess) for guess in guessed], ranked=ranked)

    table = [
        Row("done", tuple(Cell(_done(column, planned)) for column in columns)),
        money_row("cost", lambda each: each.cost),
        row("first token", lambda each: each.first_token, _seconds),
        row("answer after", lambda each: each.answered, _seconds),
        row("tokens", lambda each: each.tokens, _count),
        row("calls", lambda each: each.calls, _count),
        money_row("waste", lambda each: each.waste),
        _disagreement(counted, ranked=ranked),
        Row("answer key", tuple(Cell(_keys(column)) for column in counted)),
        _grades(counted, ranked=ranked),
    ]
    kinds = [shared((str(each.kind) for each in column), "") for column in columns]
    if set(kinds) - {"real", ""}:
        table.insert(1, Row("kind", tuple(Cell(kind or NONE) for kind in kinds)))
    return [*table, _preferred(judged, ranked=ranked)] if any(each.of for each in judged) else table


def why_unranked(columns: Sequence[Column]) -> str:
    """Why no system is marked best; empty where they can be ranked."""
    counted = [[each for each in column if each.counts] for column in columns]
    if len(columns) < 2 or not all(counted):
        return "a system has no finished run"
    kinds = {each.kind for column in counted for each in column}
    if len(kinds) > 1:
        return f"{' and '.join(sorted(kinds))} runs are not ranked together"
    if any(each.answer is None for column in counted for each in column):
        return "a run has no answer"
    return ""


def _cell(spread: Spread | None, show: Callable[[float], str], marked: bool, some: bool) -> Cell:
    if spread is None:
        return Cell(UNKNOWN if some else NONE)
    low, high = show(spread.low), show(spread.high)
    return Cell(
        show(spread.median), "" if low == high else f"{low} to {high}".replace("~", "").replace("$", ""), marked
    )


def _row(
    title: str, counted: Sequence[Column], value: Value, shows: Sequence[Callable[[float], str]], *, ranked: bool
) -> Row:
    spreads = [Spread.of(value(each) for each in column) for column in counted]
    marks = best([s.median if s else None for s in spreads]) if ranked else frozenset[int]()
    cells = [
        _cell(spread, show, index in marks, bool(column))
        for index, (spread, show, column) in enumerate(zip(spreads, shows, counted, strict=True))
    ]
    return Row(title, tuple(cells))


def _disagreement(counted: Sequence[Column], *, ranked: bool) -> Row:
    names = [shared((each.score_name for each in column), "") for column in counted]
    spreads = [
        Spread.of(each.score for each in column) if name else None for name, column in zip(names, counted, strict=True)
    ]
    marks = best([s.median if s else None for s in spreads]) if ranked and len(set(names)) == 1 else frozenset[int]()
    cells = []
    for index, (name, spread, column) in enumerate(zip(names, spreads, counted, strict=True)):
        partly = any(each.score is not None for each in column)
        cell = _cell(spread, lambda value: f"{value:.2f}", index in marks, partly)
        cells.append(Cell(cell.text, f"{one_line(name)} {cell.range}".strip() if partly else "", cell.best))
    return Row("disagreement", tuple(cells))


def _grades(counted: Sequence[Column], *, ranked: bool) -> Row:
    cells, shares = [], []
    for column in counted:
        right, wrong, skipped = (sum(each.grade == word for each in column) for word in ("right", "wrong", "skip"))
        told = [f"{n} {word}" for n, word in ((right, "right"), (wrong, "wrong"), (skipped, "skipped")) if n]
        whole = right + wrong > 0 and all(each.grade for each in column)
        shares.append(right / (right + wrong) if whole else None)
        cells.append(" ".join(told) or (UNKNOWN if column else NONE))
    marks = best(shares, highest=True) if ranked else ()
    return Row("grade", tuple(Cell(text, "", index in marks) for index, text in enumerate(cells)))


def _preferred(judged: Sequence[Judged], *, ranked: bool) -> Row:
    marks = best([each.better / each.of if each.of else None for each in judged], highest=True) if ranked else ()
    said = [
        f"{each.better} of {each.of}" + (f", {each.ties} tied" if each.ties else "") if each.of else NONE
        for each in judged
    ]
    return Row("blind: better", tuple(Cell(text, "", index in marks) for index, text in enumerate(said)))


def _done(column: Column, planned: int) -> str:
    answered = sum(each.answer is not None and each.counts for each in column)
    failed, cut = sum(each.answer is None and each.counts for each in column), sum(not each.counts for each in column)
    more = [f"{n} {word}" for n, word in ((failed, "failed"), (cut, "stopped")) if n]
    return ", ".join([f"{answered} of {max(planned, len(column))}", *more])


def _keys(column: Column) -> str:
    given = tally(each.key or "no key" for each in column if each.answer is not None)
    if len(given) == 1:
        return one_line(given[0][0])
    return ", ".join(f"{one_line(key)} ×{count}" for key, count in given) or NONE


def _dollars(value: float, *, estimated: bool) -> str:
    return money.show(round(value), estimated=estimated)


def _count(value: float) -> str:
    return figures.count(round(value))


def _seconds(value: float) -> str:
    return figures.seconds(round(value))
