"""One run as text: what it was, every call with its money, verdicts, who won and why, waste, the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from workbench import money
from workbench.cli.output import line, one_line, sanitise, table
from workbench.cli.summary import spent
from workbench.engine.view import CallView, RunView
from workbench.models.base import Usage

UNKNOWN = "?"


def print_run(view: RunView, *, tags: Sequence[str] | None = None, grade: str | None = None) -> None:
    """The whole report on stdout; `tags` and `grade` as they are now, by default those of its start."""
    noted = [("grade", grade or ""), ("tags", ", ".join(view.tags if tags is None else tags))]
    for name, value in (*_facts(view), *((name, value) for name, value in noted if value)):
        line(f"{name:<10} {sanitise(value)}")
    if view.calls:
        line()
        columns = ("call", "model", "status", "wait", "first", "time", "in", "cached", "out", "thought", "cost", "used")
        used = view.used_calls()
        words = {True: "yes", False: "waste" if view.status else ""}  # while it is under way nobody knows
        rows = [_call_row(call, words[call.id in used]) for call in view.calls.values()]
        table(columns, rows, right=columns[3:11], drop=("cached", "thought", "wait", "first"))
    for text in (*_verdicts(view), *_selections(view), *_problems(view)):
        line(text)
    if view.answer is not None:
        line()
        line(sanitise(view.answer.text))


def _facts(view: RunView) -> list[tuple[str, str]]:
    started = datetime.fromtimestamp(view.started_at / 1e9, UTC).astimezone()
    waste = view.waste()
    wasted = money.show(waste, estimated=bool(waste) and view.cost_estimated())
    prompt = next((m.content for m in reversed(view.messages) if m.role == "user"), "")
    facts = [
        ("run", view.id),
        ("kind", view.kind),
        ("system", view.system),
        ("notation", view.notation),
        ("prompt", one_line(prompt, 300)),
        ("started", started.isoformat(sep=" ", timespec="seconds")),
        ("status", f"{view.status or 'under way'}{f': {one_line(view.reason, 300)}' if view.reason else ''}"),
        ("seed", str(view.seed)),
        ("time", f"{view.t / 1e9:.2f} s, first token {_seconds(view.first_token_at)}"),
        ("tokens", _counts(view)),
        ("cost", f"{spent(view)}, waste {wasted}" if view.status else f"{spent(view)} so far"),
    ]
    return [(name, value) for name, value in facts if value]


def _call_row(call: CallView, used: str) -> tuple[str, ...]:
    usage = call.usage
    begun = call.started_at
    place = f"{call.node or '.'}#{call.replica}"
    return (
        place if call.role == "generate" else f"{place} {call.role}",
        call.model,
        call.status or call.state,
        _span(call.queued_at, begun),
        _span(begun, call.first_token_at),
        _span(begun, call.finished_at),
        _tokens(usage.prompt_tokens, usage),
        _tokens(usage.cached_tokens, usage) if usage.cached_tokens else "",
        _tokens(usage.completion_tokens, usage),
        _tokens(usage.reasoning_tokens, usage) if usage.reasoning_tokens else "",
        call_cost(call),
        used,
    )


def call_cost(call: CallView) -> str:
    """`$0.00231`, `~` where its tokens are estimated, and the range where the provider may bill more than came."""
    shown = money.show(call.cost, estimated=call.usage.source == "estimated" and call.cost_high != 0)
    if call.cost_low is None or call.cost_high is None or call.cost_low == call.cost_high:
        return shown
    return f"{shown} ({money.show(call.cost_low)} to {money.show(call.cost_high)})"


def _verdicts(view: RunView) -> list[str]:
    lines = ["", "verdicts"] if view.verdicts else []
    for given in view.verdicts:
        score = "" if given.score is None else f" {given.score:.2f}"
        reason = f": {one_line(given.reason, 200)}" if given.reason else ""
        lines.append(f"  {given.candidate} {given.verdict}{score} by {one_line(given.by)}{reason}")
    return lines


def _selections(view: RunView) -> list[str]:
    lines = ["", "chosen"] if view.selections else []
    for chosen in view.selections:
        kind = view.nodes[chosen.node].kind if chosen.node in view.nodes else "node"
        lines.append(f"  {kind} {chosen.node or '.'}: {', '.join(chosen.winners)}, {one_line(chosen.because, 300)}")
    for scored in view.disagreements.values():
        clusters = ", ".join(f"{one_line(c.key, 40)} ×{len(c.candidates)}" for c in scored.clusters[:6])
        scores = ", ".join(f"{name} {value:.2f}" for name, value in scored.scores.items())
        lines.append(f"  agreement at {scored.node or '.'} (n = {scored.n}): {clusters}; {scores}")
    return lines


def _problems(view: RunView) -> list[str]:
    failed = [call for call in view.calls.values() if call.error]
    lines = ["", "problems"] if failed or view.warnings else []
    lines += [f"  {call.node or '.'}#{call.replica} {call.model}: {one_line(call.error, 300)}" for call in failed]
    return lines + [f"  {one_line(warning.message, 300)}" for warning in view.warnings]


def _tokens(value: int | None, usage: Usage) -> str:
    return UNKNOWN if value is None else f"{'~' if usage.source == 'estimated' else ''}{value:,}"


def _counts(view: RunView) -> str:
    mark = "~" if view.estimated() else ""
    prompt, completion = view.tokens("prompt_tokens"), view.tokens("completion_tokens")
    return f"{_count(prompt, mark)} in, {_count(completion, mark)} out"


def _count(value: int | None, mark: str) -> str:
    return UNKNOWN if value is None else f"{mark}{value:,}"


def _span(since: int | None, until: int | None) -> str:
    return "" if since is None or until is None else f"{(until - since) / 1e9:.2f} s"


def _seconds(ns: int | None) -> str:
    return UNKNOWN if ns is None else f"{ns / 1e9:.2f} s"
