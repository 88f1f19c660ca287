"""A model reads the candidates and writes, names or ranks the best answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import TypeVar

from msgspec import Struct

from workbench.analysis import answers
from workbench.analysis.answers import final_line, without_thinking
from workbench.engine import prompts
from workbench.engine.events import Candidate
from workbench.engine.operators.vote import key_of
from workbench.engine.scope import Gathering, NodeFailed, Scope
from workbench.engine.task import Purpose, Task
from workbench.engine.verdicts import Verdict, announce, name_of
from workbench.systems.nodes import Judge

T = TypeVar("T")
_NAMED = re.compile(
    r"[\s\"'(\[*<]*(?:answer\s*:?\s*)?\[?(?:([AI])(?=\W*$|[.):\]*>,\"'\n]|\s+(?:is|because|since|as)\b)|([B-HJ-Z]|[A-Z]{2})\b)",
    re.IGNORECASE,
)
"""A letter at the start of a reply. A and I are words too: they count alone, before punctuation, or before a reason."""


async def judge(node: Judge, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield one candidate: the judge's own text, or the candidate it puts first."""
    async with scope.candidates(node.of, task) as candidates:
        await _enough(node, candidates)
        seen = scope.below(task) if node.see == "all" else candidates.done()
        if not seen:
            yield scope.best_effort(candidates.seen, candidates.reasons())
            return
    shuffled = scope.random.sample(seen, len(seen))
    if node.mode == "synthesize":
        yield await _synthesize(node, task, scope, shuffled)
    else:
        yield await _choose(node, task, scope, shuffled)


async def _enough(node: Judge, candidates: Gathering[Candidate]) -> None:
    """Read until all are in, the quorum is reached, or the wait is over and there is one."""

    async def read(until: int | None) -> None:
        async for _ in candidates:
            if until is not None and len(candidates.done()) >= until:
                return

    try:
        async with asyncio.timeout(node.wait):
            await read(node.quorum)
    except TimeoutError:
        if not candidates.done():
            await read(1)


async def _synthesize(node: Judge, task: Task, scope: Scope, shown: list[Candidate]) -> Candidate:
    asked = _question(node, task, "judge-synthesize", shown)
    reply = await scope.ask(node.judge, "judge", asked, cut_off=True)
    answer, calls = reply, reply.calls
    if node.swap:
        question = _question(node, task, "judge-synthesize", shown[::-1])
        other = await scope.ask(node.judge, "judge", question, cut_off=True)
        calls = (*reply.calls, *other.calls)
        await _report_bias(scope, task, reply, other)
    made = scope.make(answer, task, shown, calls=(*(c for c in calls if c not in answer.calls), *answer.calls))
    because = f"written by {name_of(node.judge)} from {len(shown)} candidates"
    if made.status != "done":
        made, because = scope.changed(made, degraded=True), f"{because}, cut off at its limit, degraded"
    scope.choose([made], because, shown)
    return made


async def _report_bias(scope: Scope, task: Task, first: Candidate, second: Candidate) -> None:
    kind = scope.run.system.extract
    one, other = [(await key_of(scope, c, kind, task)).value for c in (first, second)]
    if one is None or other is None:
        scope.warn("position bias: unknown, for an answer of the judge has no key to compare")
    elif answers.equal(one, other):
        scope.warn("position bias: the judge's answer is the same in both orders")
    else:
        scope.warn("position bias: the judge answers otherwise when the candidates are shown in the opposite order")


class _Ranking(Struct, frozen=True):
    order: list[Candidate]
    calls: tuple[str, ...]
    reason: str


async def _choose(node: Judge, task: Task, scope: Scope, shown: list[Candidate]) -> Candidate:
    ranking = await _ranked(node, task, scope, shown)
    calls, by = ranking.calls, name_of(node.judge)
    order = ranking.order
    because = f"{by} put it first of {len(shown)}"
    if node.swap:
        other = await _ranked(node, task, scope, shown[::-1])
        calls += other.calls
        if other.order[0].id != order[0].id:
            scope.warn("position bias: the judge's choice changes with the order in which candidates are shown")
            by_id = {c.id: c for c in order}
            ids = by_points([c.id for c in order], [c.id for c in other.order], len(shown))
            order = [by_id[i] for i in ids]
            because = f"{by} disagrees with itself when the order is swapped; most points over both orders"
        else:
            because += ", in both orders"
    for place, candidate in enumerate(order):
        _announce(node, scope, candidate, place, len(order), ranking.reason if place == 0 else "", calls)
    named = {candidate.id for candidate in order}
    for candidate in shown:
        if candidate.id not in named:
            _announce(node, scope, candidate, None, len(shown), "", calls)
    scope.choose(order[:1], because, shown)
    return order[0]


def by_points(order: Sequence[T], other: Sequence[T], shown: int) -> list[T]:
    """The first ranking again, by points of both: the first of n shown has n, the next n - 1."""
    points = dict.fromkeys(order, 0)
    for ranked in (order, other):
        for place, each in enumerate(ranked):
            if each in points:
                points[each] += shown - place
    return sorted(order, key=lambda each: -points[each])


def _announce(
    node: Judge, scope: Scope, candidate: Candidate, place: int | None, n: int, reason: str, calls: tuple[str, ...]
) -> None:
    ranks = node.mode == "rank" and place is not None
    announce(
        scope,
        candidate,
        Verdict(
            word="accepted" if place == 0 else "rejected",
            score=1 - place / max(1, n - 1) if ranks and place is not None else None,
            reason=reason or (f"ranked {place + 1} of {n}" if ranks and place is not None else ""),
            calls=calls,
            by=name_of(node.judge),
        ),
    )


async def _ranked(node: Judge, task: Task, scope: Scope, shown: list[Candidate]) -> _Ranking:
    """Ask; a reply that can't be read is retried once with the schema shown, then the node fails."""
    name = "judge-select" if node.mode == "select" else "judge-rank"
    asked = _question(node, task, name, shown)
    calls: tuple[str, ...] = ()
    reply = Candidate(id="", node="", status="empty")
    for again in (False, True):
        if again:
            asked = _again(node, asked, reply, len(shown))
        reply = await scope.ask(node.judge, "judge", asked)
        calls += reply.calls
        order = read_choice(node, reply.text, len(shown))
        if order:
            return _Ranking([shown[i] for i in order], calls, _reason(reply.text))
    raise NodeFailed(f"the judge's reply {_reason(reply.text)[:80]!r} names no candidate, asked twice")


def _question(node: Judge, task: Task, name: str, shown: list[Candidate]) -> Task:
    template = prompts.load(name, node.prompt)
    letters = [prompts.letter(i) for i in range(len(shown))]
    text = template.fill(
        query=task.original or task.query,
        candidates=prompts.lettered([c.text for c in shown]),
        labels=", ".join(letters),
        example=" > ".join(letters[::-1]),
    )
    purpose = Purpose(
        role="judge",
        prompt_name=template.name,
        prompt_hash=template.hash,
        about=tuple(c.id for c in shown),
        choices=tuple(letters) if node.mode == "select" and node.prompt is None else (),
    )
    return task.about(text, purpose)


def _again(node: Judge, asked: Task, reply: Candidate, n: int) -> Task:
    letters = [prompts.letter(i) for i in range(n)]
    schema = f"one of {', '.join(letters)}" if node.mode == "select" else " > ".join(letters)
    template = prompts.load("judge-again")
    text = template.fill(prompt=asked.query, reply=reply.text[:2000], schema=schema)
    return asked.about(text, asked.purpose)


def read_choice(node: Judge, text: str, n: int) -> list[int]:
    """Indices of the candidates named, best first; empty where the reply can't be read."""
    said = without_thinking(text).strip()
    letters = {prompts.letter(i): i for i in range(n)}
    if node.mode == "select":
        for place in (final_line(said) or "", said, said.splitlines()[-1] if said else ""):
            match = _NAMED.match(place)
            name = (match[1] or match[2]) if match else ""
            if name.upper() in letters and (name.isupper() or len(place.strip()) <= 3):
                return [letters[name.upper()]]
        return []
    for line in reversed(said.splitlines()):
        found = [letters[name] for name in re.findall(r"\b([A-Z]{1,2})\b", line) if name in letters]
        order = list(dict.fromkeys(found))
        if len(order) == n or (len(order) >= 2 and ">" in line):
            return order
    return [0] if n == 1 and said else []


def _reason(text: str) -> str:
    said = " ".join(without_thinking(text).split())
    return said if len(said) <= 600 else said[:599] + "…"
