"""The lanes as a table: which rows, which columns at a width, and what stands in each cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.engine.view import CallView
from workbench.systems import tree
from workbench.systems.nodes import AnyTest, Model, Node
from workbench.tui import figures, outline, states
from workbench.tui.reading import Frame, Standing
from workbench.tui.text import fit, one_line

Sort: TypeAlias = Literal["replica", "finish", "tokens", "cost", "answer"]
SORTS: tuple[Sort, ...] = ("replica", "finish", "tokens", "cost", "answer")
Cells: TypeAlias = tuple[tuple[str, str], ...]
"""Text and colour name of each piece of a line."""


GAP = 2
ROOM = 92
"""Cells from which the speed has a column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 leaves a column out."""

    number: int
    model: int
    bar: int
    tokens: int
    speed: int
    state: int
    answer: int
    cost: int


def columns(width: int, *, replicas: int = 9) -> Columns:
    """What fits: the bar takes what is left, and speed, then the bar, give way first."""
    number = max(2, len(str(replicas)))
    tokens, speed, state, answer, cost = (7, 5, 25, 8, 11) if width >= ROOM else (6, 0, 20, 6, 11)
    fixed = (number, tokens, speed, state, answer, cost)
    left = width - 2 - sum(fixed) - GAP * sum(1 for cells in fixed if cells)
    model = min(22, max(9, left - GAP - (14 if width >= ROOM else 8)))
    bar = left - model - GAP
    if bar < 4:
        model, bar = max(4, left), 0
    return Columns(number, model, bar, tokens, speed, state, answer, cost)


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A call's lane, or (call None) the heading of a group."""

    call: str | None
    heading: str = ""


def rows(frame: Frame, root: AnyTest | None, sort: Sort) -> list[LaneRow]:
    """Every call grouped by node, in the order in which the nodes began; headings only where a system has several."""
    groups: dict[tuple[str, str], list[CallView]] = {}
    for call in frame.view.calls.values():
        groups.setdefault((call.node, call.role), []).append(call)
    headed = len(groups) > 1 or (root is not None and _callers(root) > 1)
    found: list[LaneRow] = []
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
    titles = (
        fit("#", c.number, right=True),
        fit("model", c.model),
        fit("progress", c.bar),
        fit("tokens", c.tokens, right=True),
        fit("tok/s", c.speed, right=True),
        fit("state", c.state),
        fit("answer", c.answer),
        fit("cost", c.cost, right=True),
    )
    return ((_gapped(titles), "muted"),)


def _gapped(texts: Iterable[str]) -> str:
    gap = " " * GAP
    return f" {gap.join(text for text in texts if text)}"


def lane(frame: Frame, call: CallView, c: Columns, full: int) -> Cells:
    """One call's line; `full` is the bar's full length in tokens."""
    standing = frame.standing
    look = states.of_call(call, won=call.id in standing.won)
    quiet = "cancelled" if look.colour == "cancelled" else ""
    done, rest = figures.bar(call.tokens / full, c.bar)
    temperature = call.request.temperature
    model = outline.short(call.model) + ("" if temperature is None else f" @{temperature:g}")
    gap = (" " * GAP, "")
    cells: list[tuple[str, str]] = [
        (" " + fit(str(call.replica), c.number, right=True), "strong" if call.id in standing.won else quiet),
        gap,
        (fit(model, c.model), "muted"),
        gap,
    ]
    if c.bar:
        cells += [(done, look.colour), (rest, "line"), gap]
    cells += [(fit(figures.count(call.tokens) if call.tokens else figures.UNKNOWN, c.tokens, right=True), quiet), gap]
    if c.speed:
        cells += [(fit(figures.per_second(call, frame.elapsed), c.speed, right=True), "muted"), gap]
    cells += [(fit(state_words(call, look, standing), c.state), look.colour), gap]
    cells += [(fit(one_line(_key(call, standing) or ""), c.answer), "strong"), gap]
    cells.append((fit(figures.cost(call, frame.price_of(call.model)), c.cost, right=True), quiet))
    return tuple(cells)


def state_words(call: CallView, look: states.Look, standing: Standing) -> str:
    """`⚑ answered 1st 4.1 s`, `↻ retry 1 · rate_limit`, `✗ failed · reset by peer`."""
    if call.status == "done":
        took = figures.seconds(call.finished_at)
        rank = f" {figures.ordinal(standing.rank[call.id])}" if call.id in standing.rank else ""
        return f"{look}{rank} {took}"
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
