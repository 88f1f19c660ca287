"""Pools of recorded draws: from runs of the ledger, or from a JSONL file of samples."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct, structs

from workbench.analysis import answers, quantities
from workbench.analysis.clusters import cluster, same
from workbench.analysis.measures import Kind
from workbench.analysis.pool import Draw, Pool
from workbench.engine.view import CallView, RunView
from workbench.errors import InputError
from workbench.evals.lines import lines
from workbench.models.recorded import Count, Dollars, Seconds, decoded
from workbench.money import from_usd

if TYPE_CHECKING:
    from workbench.ledger import Ledger

ENDED = ("done", "truncated", "filtered", "empty", "failed")
Finite = Annotated[float, Meta(ge=-1e100, le=1e100)]


class Line(Struct, frozen=True, kw_only=True):
    """One line of a file: what a recorded model reads, and what is known of the answer. See docs/lab.md."""

    text: str | None = None
    thinking: str = ""
    prompt: str | None = None
    task_id: str | None = None
    model: str = ""
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    latency_s: Seconds | None = None
    cost_usd: Dollars | None = None
    finish_reason: str = "stop"
    error: str = ""
    correct: bool | int | None = None
    key: str | None = None
    accepted: bool | None = None
    score: Finite | None = None
    target: str | None = None


def from_file(path: Path, *, extract: str = "auto") -> Pool:
    """The samples of a JSONL file (gzip too), by `task_id`, else by prompt. A line without a key has it extracted from
    its text; one with a target and no `correct` is graded by it. Raises `InputError` that names file and line."""
    return from_lines(lines(path), str(path), name=path.name, extract=extract)


def from_lines(rows: Iterable[str], where: str, *, name: str = "", extract: str = "auto") -> Pool:
    """The same of lines that come from `where`, called `name` for people."""
    tasks: dict[str, list[Draw]] = {}
    prompts: dict[str, str] = {}
    targets: dict[str, str] = {}
    try:
        for number, text in enumerate(rows, start=1):
            if not text.strip():
                continue
            line = _line(text, f"{where}:{number}")
            task = line.task_id if line.task_id is not None else task_of(line.prompt or "")
            if line.prompt is not None:
                prompts.setdefault(task, line.prompt)
            if line.target is not None:
                targets.setdefault(task, line.target)
            tasks.setdefault(task, []).append(_draw(line, targets.get(task), extract))
    except (OSError, UnicodeDecodeError, EOFError, zlib.error) as error:
        raise InputError(f"can't be read: {error}", where=where) from error
    if not tasks:
        raise InputError("holds no samples", where=where)
    found = {task: _merged(draws) for task, draws in tasks.items()}
    return Pool(tasks=found, source=name or where, prompts=prompts, targets=targets)


def _line(text: str, where: str) -> Line:
    try:
        return decoded(text, Line)
    except (ValueError, RecursionError) as error:
        hint = 'A line is an object such as {"task_id": "7", "text": "42", "latency_s": 1.5, "correct": true}.'
        raise InputError(f"is no sample: {error}", where=where, hint=hint) from error


def _draw(line: Line, target: str | None, extract: str) -> Draw:
    key, text = line.key, line.text or ""
    empty = line.text is not None and not text.strip() and key is None
    done = line.finish_reason == "stop" and not line.error and not empty
    if key is None and done and text:
        numeric = target is not None and quantities.parse(target) is not None
        key = answers.extract(text, extract, numeric=numeric).value
    correct = None if line.correct is None else bool(line.correct)
    if correct is None and target is not None and done:
        correct = same(key, target, extract)
    return Draw(
        model=line.model,
        done=done,
        correct=correct,
        key=key,
        latency=line.latency_s,
        tokens=line.completion_tokens,
        prompt_tokens=line.prompt_tokens,
        cost=None if line.cost_usd is None else from_usd(line.cost_usd),
        accepted=line.accepted,
        score=line.score,
        text=text,
        thinking=line.thinking,
    )


def _merged(draws: Sequence[Draw]) -> tuple[Draw, ...]:
    """Equal answers get one key: `1,000` and `1000` vote together."""
    keyed = [(str(i), answers.Key(draw.key)) for i, draw in enumerate(draws)]
    home = {member: group.key for group in cluster(keyed) for member in group.members}
    return tuple(structs.replace(draw, key=home.get(str(i))) for i, draw in enumerate(draws))


def task_of(prompt: str) -> str:
    """A short stable id of a query."""
    return hashlib.sha256(" ".join(prompt.split()).encode()).hexdigest()[:12]


def from_ledger(ledger: Ledger, runs: Sequence[str]) -> Pool:
    """The generations of these runs that ended by themselves. Raises `InputError` where there are none, and where real,
    simulated and recorded runs would mix."""
    views = [(ledger.view(run), ledger.row(run).grade) for run in runs]
    return from_views(views)


def from_views(views: Sequence[tuple[RunView, str | None]]) -> Pool:
    """The same from (run, grade)."""
    kinds = {view.kind for view, _ in views}
    if len(kinds) > 1:
        raise InputError(f"{', '.join(sorted(kinds))} runs are never mixed", hint="--kind chooses one.")
    tasks: dict[str, list[Draw]] = {}
    prompts: dict[str, str] = {}
    targets: dict[str, str] = {}
    prices: dict[str, tuple[int, int]] = {}
    for view, grade in views:
        query = next((m.content for m in reversed(view.messages) if m.role == "user"), "")
        task = task_of(query)
        prompts[task] = query
        if view.target is not None:
            targets[task] = view.target
        for call in view.calls.values():
            if call.role == "generate" and call.status in ENDED:
                tasks.setdefault(task, []).append(_of_call(view, call, grade))
                if call.prices is not None and call.prices.input is not None and call.prices.output is not None:
                    prices[call.model] = (call.prices.input, call.prices.output)
    if not tasks:
        hint = "`losers: finish` lets a race's losers end, so that it can be studied."
        raise InputError("no call of these runs ended by itself", hint=hint)
    names = list(dict.fromkeys(view.system or view.notation for view, _ in views))
    source = (
        f"{len(views):,} run{'s' * (len(views) != 1)} of {names[0] if len(names) == 1 else f'{len(names)} systems'}"
    )
    kind: Kind = next(iter(kinds))
    return Pool(
        tasks={task: _merged(draws) for task, draws in tasks.items()},
        kind=kind,
        source=source,
        prompts=prompts,
        targets=targets,
        note=_biased(views),
        runs=tuple(view.id for view, _ in views),
        prices=prices,
    )


def _biased(views: Sequence[tuple[RunView, str | None]]) -> str:
    """Losers that were cancelled are not among the draws: those that are were the fast ones."""
    calls = [call for view, _ in views for call in view.calls.values() if call.role == "generate"]
    cut = sum(call.status not in ENDED for call in calls)
    if not cut:
        return ""
    return f"{cut:,} of {len(calls):,} calls were cancelled and are no draws: what is left is faster than all would be"


def _of_call(view: RunView, call: CallView, grade: str | None) -> Draw:
    candidate = next((c for c in view.candidates.values() if c.calls == (call.id,)), None)
    done = call.status == "done"
    key = candidate.key if candidate is not None and done else None
    verdict = next((v for v in view.verdicts if candidate is not None and v.candidate == candidate.id), None)
    paid = call.prices.input if call.prices is not None else None
    read = call.usage.prompt_tokens
    begun, ended = call.started_at, call.finished_at
    mine = candidate is not None and candidate.id == view.answer_id
    return Draw(
        model=call.model,
        done=done,
        correct=_graded(view, key, grade, mine=mine) if done else None,
        key=key,
        latency=None if begun is None or ended is None else (ended - begun) / 1e9,
        tokens=call.usage.completion_tokens,
        prompt_tokens=read,
        cost=call.cost,
        accepted=None if verdict is None else verdict.verdict == "accepted",
        score=None if verdict is None else verdict.score,
        text=str(call.text),
        thinking=str(call.thinking),
        prompt_cost=None if paid is None or read is None else paid * read,
    )


def _graded(view: RunView, key: str | None, grade: str | None, *, mine: bool) -> bool | None:
    """By the target; else by the run's grade, which says something of every candidate with the answer's key."""
    if view.target is not None:
        return same(key, view.target, view.extract)
    if grade not in ("right", "wrong"):
        return None
    answer = view.answer
    equal = mine or (answer is not None and answer.key is not None and key is not None and same(key, answer.key))
    if equal:
        return grade == "right"
    # Another answer than the right one is wrong; another than a wrong one may be either.
    return False if grade == "right" and key is not None and answer is not None and answer.key is not None else None
