"""The lanes as a table: which rows, which columns at a width, and what stands in each cell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

import msgspec
from rich.cells import cell_len

from workbench.engine.view import CallView
from workbench.systems import tree
from workbench.systems.nodes import AnyTest, Model, Node
from workbench.tui import figures, outline, states
from workbench.tui.lane_filter import ALL, Only, fits
from workbench.tui.reading import Frame, Standing
from workbench.tui.text import Cells, fit, one_line

Sort: TypeAlias = Literal["replica", "finish", "tokens", "cost", "answer", "cluster"]
SORTS: tuple[Sort, ...] = ("replica", "finish", "tokens", "cost", "answer", "cluster")


GAP = 2
ROOM = 100
"""Cells from which a state is told in full: rank, time and why."""


class Contents(msgspec.Struct, frozen=True):
    """Cells that the longest content of each column takes."""

    replicas: int = 1
    model: int = 18
    answer: int = 6
    cost: int = 11


class Columns(msgspec.Struct, frozen=True):
    """Widths in cells; 0 leaves a column out."""

    number: int
    model: int
    bar: int
    tokens: int
    speed: int
    state: int
    answer: int
    cost: int

    @property
    def wide(self) -> bool:
        """Whether states are told in full."""
        return self.state >= WIDE_STATE


WIDE_STATE, SHORT_STATE, LEAST_BAR, LEAST_MODEL = 25, 14, 8, 12
SHORT_MODEL, LEAST_COST = 6, 8
"""What a model's name and a cost are cut to before bar and speed are both left out."""


def columns(width: int, contents: Contents = Contents()) -> Columns:
    """What fits: the bar takes what is left; the model's name, then the speed, then the bar give way, but
    where the bar goes the speed stays as long as a name can be told."""
    number = max(2, len(str(contents.replicas)))
    state = WIDE_STATE if width >= ROOM else SHORT_STATE
    model = min(28 if width >= ROOM else 22, max(LEAST_MODEL, contents.model))
    answer, cost = min(24 if width >= ROOM else 8, max(6, contents.answer)), max(5, min(11, contents.cost))
    speed = 5
    bar = width - 2 - (number + model + 6 + speed + state + answer + cost) - 3 * GAP - 4
    if bar < LEAST_BAR:
        bar, model = _shrink(bar, model, LEAST_MODEL)
    if bar < LEAST_BAR:
        bar, speed = bar + speed + 1, 0
    if bar < LEAST_BAR:
        bar, model = 0, max(4, model + bar + 1)
        if model - LEAST_MODEL <= 5:
            spared = min(max(0, cost - LEAST_COST), max(0, LEAST_MODEL + 6 - model))
            model, cost = model + spared, cost - spared
        if model - 6 >= SHORT_MODEL:
            model, speed = model - 6, 5
    return Columns(number, model, bar, 6, speed, state, answer, cost)


def _shrink(bar: int, other: int, least: int) -> tuple[int, int]:
    taken = min(LEAST_BAR - bar, other - least)
    return bar + taken, other - taken


def contents(frame: Frame) -> Contents:
    """The longest of what the frame's lanes say."""
    calls = frame.view.calls.values()
    told = {(call.model, call.kind, call.request.temperature): call for call in calls}
    names = {_model(_named(call, frame), call.request.temperature) for call in told.values()}
    keys = {made.key for made in frame.standing.candidate.values() if made.key}
    return Contents(
        replicas=max((call.replica for call in calls), default=1),
        model=max((cell_len(name) for name in names), default=18),
        answer=max((cell_len(one_line(key)) for key in keys), default=6),
        cost=11 if _priced(frame) else 5,
    )


def _priced(frame: Frame) -> bool:
    """Whether any call can cost something."""
    prices = (frame.price_of(model) for model in {call.model for call in frame.view.calls.values()})
    return any(price is None or any((price.input, price.output)) for price in prices) or not frame.view.calls


def _model(name: str, temperature: float | None) -> str:
    return name + ("" if temperature is None else f" @{temperature:g}")


def _named(call: CallView, frame: Frame) -> str:
    """The model without its provider; where simulated calls stand among real ones they say what they are."""
    name = outline.short(call.model)
    return f"sim/{name}" if call.kind == "simulated" and frame.view.kind != "simulated" else name


class LaneRow(msgspec.Struct, frozen=True):
    """A call's lane, or (call None) the heading of a group."""

    call: str | None
    heading: str = ""


def rows(frame: Frame, root: AnyTest | None, sort: Sort, only: Only = ALL) -> list[LaneRow]:
    """Every call that the filter lets through, grouped by node, in the order in which the nodes began; headings only
    where a system has several."""
    groups: dict[tuple[str, str], list[CallView]] = {}
    for call in frame.view.calls.values():
        groups.setdefault((call.node, call.role), []).append(call)
    headed = len(groups) > 1 or (root is not None and _callers(root) > 1)
    found: list[LaneRow] = []
    if only is not ALL and frame.view.calls:
        shown = {key: [call for call in calls if fits(only, frame, call)] for key, calls in groups.items()}
        groups = {key: calls for key, calls in shown.items() if calls}
        count = sum(len(calls) for calls in groups.values())
        found.append(LaneRow(None, f"only {only.words} · {count} of {len(frame.view.calls)} · f shows others"))
    for (node, role), calls in groups.items():
        if headed:
            found.append(LaneRow(None, heading(root, node, role, calls)))
        found.extend(LaneRow(call.id) for call in sorted(calls, key=_order(sort, frame.standing)))
    return found


def _callers(root: AnyTest) -> int:
    return sum(isinstance(node, Model) for _, node in tree.walk(root))


def _order(sort: Sort, standing: Standing) -> Callable[[CallView], tuple[object, ...]]:
    late = 10**9
    match sort:
        case "replica":
            return lambda call: (call.replica,)
        case "finish":
            return lambda call: (standing.rank.get(call.id, late), call.replica)
        case "tokens":
            return lambda call: (-call.tokens, call.replica)
        case "cost":
            return lambda call: (-(call.cost or 0), call.replica)
        case "cluster":
            sizes = Counter(made.key for made in standing.candidate.values() if made.key is not None)
            return lambda call: (
                -sizes[_key(call, standing) or ""],
                _key(call, standing) or "\uffff",
                standing.rank.get(call.id, late),
                call.replica,
            )
        case "answer":
            return lambda call: (_key(call, standing) or "\uffff", standing.rank.get(call.id, late), call.replica)


def heading(root: AnyTest | None, node: str, role: str, calls: Iterable[CallView]) -> str:
    """`judge › race #2 › sonnet`: the kinds on the way to a node, with the replicas of those that have several."""
    names = [*_names(root, node)] if root is not None else [node or "root"]
    calls = list(calls)
    names[-1] = outline.short(calls[0].model) if calls else names[-1]
    said = " › ".join(names)
    return f"{said} · {role}" if role != "generate" else said


def _names(root: AnyTest, path: str) -> Iterable[str]:
    here: AnyTest | None = root
    steps = path.split("/") if path else []
    yield _name(root, steps[0] if steps and steps[0].startswith("#") else "")
    for step in steps:
        if step.startswith("#") or here is None:
            continue
        plain = step.partition("#")[0]
        here = next((c.node for c in tree.children(here) if c.step == plain), None)
        yield plain if here is None else _name(here, step)


def _name(node: AnyTest, step: str) -> str:
    number = step.partition("#")[2]
    name = outline.title(node)[0]
    return f"{name} #{number}" if number and isinstance(node, Node) else name


def head(c: Columns) -> Cells:
    """The column titles."""
    return _row(
        c,
        (
            ((fit("#", c.number, right=True), "muted"),),
            ((fit("model", c.model), "muted"),),
            ((fit("progress", c.bar), "muted"),),
            ((fit("tokens", c.tokens, right=True), "muted"),),
            ((fit("tok/s", c.speed, right=True), "muted"),),
            ((fit("state", c.state), "muted"),),
            ((fit("answer", c.answer), "muted"),),
            ((fit("cost", c.cost, right=True), "muted"),),
        ),
    )


def _row(c: Columns, columns: tuple[Cells, ...]) -> Cells:
    """The columns that have a width, with gaps before them: narrow before figures that are aligned right."""
    widths = (c.number, c.model, c.bar, c.tokens, c.speed, c.state, c.answer, c.cost)
    gaps = (1, GAP, 1, 1, 1, GAP, GAP, 1)
    cells: list[tuple[str, str]] = []
    for width, gap, column in zip(widths, gaps, columns, strict=True):
        if width:
            cells += [(" " * gap, ""), *column]
    return tuple(cells)


def lane(frame: Frame, call: CallView, c: Columns, full: int) -> Cells:
    """One call's line; `full` is the bar's full length in tokens."""
    standing = frame.standing
    look = states.of_call(call, won=call.id in standing.won)
    quiet = "cancelled" if look.colour == "cancelled" else ""
    done, rest = figures.bar(call.tokens / full, c.bar)
    tokens = figures.count(call.tokens) if call.tokens else figures.UNKNOWN
    return _row(
        c,
        (
            ((fit(str(call.replica), c.number, right=True), "strong" if call.id in standing.won else quiet),),
            ((_fit_model(call, _named(call, frame), c.model), "muted"),),
            ((done, look.colour), (rest, "line")),
            ((fit(tokens, c.tokens, right=True), quiet),),
            ((fit(figures.per_second(call, frame.elapsed), c.speed, right=True), "muted"),),
            ((fit(state_words(call, look, standing, short=not c.wide), c.state), look.colour),),
            ((fit(one_line(_key(call, standing) or ""), c.answer), "strong"),),
            ((fit(figures.cost(call, frame.price_of(call.model), c.cost), c.cost, right=True), quiet),),
        ),
    )


def _fit_model(call: CallView, name: str, width: int) -> str:
    """The name is cut, its temperature stays."""
    tail = _model("", call.request.temperature)
    if cell_len(name + tail) > width and width - len(tail) >= 6:
        name = fit(name, width - len(tail))
    return fit(name + tail, width)


def state_words(call: CallView, look: states.Look, standing: Standing, *, short: bool = False) -> str:
    """`⚑ answered 1st 4.1 s`, `↻ retry 1 · rate_limit`, `✗ failed · reset by peer`; short: `⚑ 1st 4.1 s`."""
    if call.status == "done":
        took, rank = figures.seconds(call.finished_at), standing.rank.get(call.id)
        ranked = f" {figures.ordinal(rank)}" if rank is not None else ""
        return f"{look.glyph if short else look}{ranked} {took}"
    if call.state == "retrying":
        return f"{look} {call.attempt} · {one_line(call.retry_error)}"
    if call.status == "failed":
        return f"{look} · {one_line(call.error or call.error_kind)}"
    return str(look)


def _key(call: CallView, standing: Standing) -> str | None:
    made = standing.candidate.get(call.id)
    return made.key if made is not None else None


def stamp(call: CallView, standing: Standing) -> tuple[object, ...]:
    """All of a call that its line shows."""
    return (
        call.id,
        call.state,
        call.status,
        call.tokens,
        call.cost,
        call.attempt,
        call.last_delta_at,
        call.finished_at,
        call.id in standing.won,
        standing.rank.get(call.id),
        _key(call, standing),
    )
