"""Rows of the tables, made from views and events. Column names are in `COLUMNS`, in the order of each row."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec

from workbench.analysis.clusters import same
from workbench.engine import events as e
from workbench.engine.view import CallView, RunView
from workbench.errors import InputError
from workbench.ledger.texts import storable
from workbench.models.base import Prices, Usage

Ids: TypeAlias = Mapping[str, int]
Row: TypeAlias = tuple[Any, ...]


def _names(text: str) -> list[str]:
    return text.split()


COLUMNS: dict[str, list[str]] = {
    "runs": _names(
        "id kind system notation system_text_id prompt_text_id status reason answer_candidate_id answer_text_id "
        "answer_key target seed started_unix_ns wall_ns first_token_ns call_count prompt_tokens completion_tokens "
        "tokens_estimated cost_pico_usd known_cost_pico_usd real_cost_pico_usd waste_pico_usd score_name score "
        "meets_target writer"
    ),
    "calls": _names(
        "run_id id node replica role model endpoint kind status finish_reason attempts system_text_id "
        "prompt_text_id answer_text_id thinking_text_id prompt_name prompt_sha256 temperature max_tokens seed "
        "queued_ns started_ns first_token_ns thinking_finished_ns finished_ns prompt_tokens cached_tokens "
        "cache_write_tokens completion_tokens reasoning_tokens tokens_source tokens_estimated_by cost_pico_usd "
        "cost_low_pico_usd cost_high_pico_usd retried_cost_pico_usd price_input_pico_usd "
        "price_cached_input_pico_usd price_cache_write_pico_usd price_output_pico_usd price_reasoning_pico_usd "
        "price_source used mean_logprob error_kind error"
    ),
    "candidates": _names(
        "run_id id node status text_id thinking_text_id answer_key key_rule made_ns completion_tokens score "
        "verified degraded error calls_json parents_json"
    ),
    "verdicts": _names("run_id seq node candidate_id verdict given_by score reason given_ns calls_json"),
    "selections": _names("run_id seq node winners_json considered_json because selected_ns"),
    "scores": _names("run_id node name score is_headline candidates"),
}


def _json(identities: tuple[str, ...]) -> str:
    return msgspec.json.encode(identities).decode() if identities else "[]"


def insert(table: str) -> str:
    """Statement that writes a row or replaces it; a run keeps whether it was deleted."""
    columns = COLUMNS[table]
    values = ", ".join("?" * len(columns))
    if table != "runs":
        return f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({values})"
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    return f"INSERT INTO runs ({', '.join(columns)}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {updates}"


def fitting(row: Row) -> Row:
    """The row as SQLite can hold it: NULL for integers of more than 64 bits, U+FFFD for lone surrogates. Events keep
    both. Such rows are so rare that no other is looked at."""
    return tuple(_fitting(value) for value in row)


def _fitting(value: Any) -> Any:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return None
    return storable(value) if isinstance(value, str) else value


def prompt_of(view: RunView) -> str:
    """What the user asked: the last user message."""
    return next((m.content for m in reversed(view.messages) if m.role == "user"), "")


def run_row(view: RunView, writer: str, ids: Ids) -> Row:
    """One row of `runs`."""
    answer = view.answer
    calls = view.calls.values()
    headline = min(view.disagreements.values(), key=lambda d: (d.node.count("/"), d.node), default=None)
    return (
        view.id,
        view.kind,
        view.system,
        view.notation,
        ids[view.system_json],
        ids[prompt_of(view)],
        view.status,
        view.reason,
        view.answer_id,
        None if answer is None else ids[answer.text],
        None if answer is None else answer.key,
        view.target,
        view.seed,
        view.started_at,
        view.t if view.finished else None,
        view.first_token_at,
        len(calls),
        view.tokens("prompt_tokens"),
        view.tokens("completion_tokens"),
        view.estimated(),
        view.cost(),
        view.known_cost(),
        sum(_known(call) for call in calls if call.kind == "real"),
        view.waste() if view.finished else None,
        headline.headline if headline else None,
        headline.score if headline else None,
        meets_target(view),
        writer,
    )


def meets_target(view: RunView) -> bool | None:
    """Whether the answer's key is the target's; None where no target was given, or it goes on."""
    if view.target is None or not view.finished:
        return None
    with suppress(InputError):
        return same(view.answer.key if view.answer is not None else None, view.target, view.extract)
    return None


def _known(call: CallView) -> int:
    """What is known of its cost: all of it, or that of the attempts that failed before the one under way."""
    return (call.retried_cost or 0) if call.cost is None else call.cost


def call_row(run: str, call: CallView, ids: Ids, answer: str | None, thinking: str | None, used: bool | None) -> Row:
    """One row of `calls`; `answer` and `thinking` once it has ended, `used` once the run has."""
    request = call.request
    system, prompt = call_texts(call)
    return (
        run,
        call.id,
        call.node,
        call.replica,
        call.role,
        call.model,
        call.endpoint,
        call.kind,
        call.status,
        call.finish_reason,
        call.attempt,
        None if system is None else ids[system],
        None if prompt is None else ids[prompt],
        None if answer is None else ids[answer],
        None if not thinking else ids[thinking],
        call.prompt_name,
        call.prompt_hash,
        request.temperature,
        request.max_tokens,
        request.seed,
        *_times(call),
        *_usage(call.usage),
        *_money(call),
        used,
        call.mean_logprob,
        call.error_kind,
        call.error,
    )


def _times(call: CallView) -> Row:
    """`queued_ns` to `finished_ns`."""
    return call.queued_at, call.started_at, call.first_token_at, call.thinking_finished_at, call.finished_at


def _usage(usage: Usage) -> Row:
    """`prompt_tokens` to `tokens_estimated_by`."""
    return (
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.completion_tokens,
        usage.reasoning_tokens,
        usage.source,
        usage.estimated_by,
    )


def _money(call: CallView) -> Row:
    """`cost_pico_usd` to `price_source`."""
    prices = call.prices or Prices()
    costs = (call.cost, call.cost_low, call.cost_high, call.retried_cost)
    a_token = (prices.input, prices.cached_input, prices.cache_write, prices.output, prices.reasoning)
    return *costs, *a_token, prices.source


def call_texts(call: CallView) -> tuple[str | None, str | None]:
    """(system prompt, last user message) of its request."""
    messages = call.request.messages
    if len(messages) == 1 and messages[0].role == "user":
        return None, messages[0].content
    system = next((m.content for m in messages if m.role == "system"), None)
    prompt = next((m.content for m in reversed(messages) if m.role == "user"), None)
    return system, prompt


def candidate_row(run: str, event: e.CandidateMade, ids: Ids) -> Row:
    """One row of `candidates`."""
    made = event.candidate
    return (
        run,
        made.id,
        made.node,
        made.status,
        ids[made.text],
        ids[made.thinking] if made.thinking else None,
        made.key,
        made.key_rule,
        event.t,
        made.completion_tokens,
        made.score,
        made.verified,
        made.degraded,
        made.error,
        _json(made.calls),
        _json(made.parents),
    )


def verdict_row(run: str, seq: int, event: e.VerdictGiven) -> Row:
    """One row of `verdicts`."""
    reason, calls = event.reason, _json(event.calls)
    given = (event.node, event.candidate, event.verdict, event.by, event.score)
    return (run, seq, *given, reason, event.t, calls)


def selection_row(run: str, seq: int, event: e.Selected) -> Row:
    """One row of `selections`."""
    winners, considered = _json(event.winners), _json(event.considered)
    return (run, seq, event.node, winners, considered, event.because, event.t)


def score_rows(run: str, event: e.DisagreementScored) -> list[Row]:
    """Rows of `scores`: one a score, the headline marked."""
    scores = event.scores if event.headline in event.scores else {**event.scores, event.headline: event.score}
    return [(run, event.node, name, value, name == event.headline, event.n) for name, value in scores.items()]
