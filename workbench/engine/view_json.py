"""A RunView as the JSON that scripts read. The names are a contract; unknown is null, never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workbench.engine.view import CallView, RunView
from workbench.money import to_usd


def seconds(ns: int | None, since: int | None = 0) -> float | None:
    """Nanoseconds → seconds since `since`; None where either is unknown."""
    return None if ns is None or since is None else (ns - since) / 1e9


def call_json(call: CallView) -> dict[str, Any]:
    """One call."""
    return {
        "id": call.id,
        "node": call.node,
        "replica": call.replica,
        "role": call.role,
        "model": call.model,
        "status": call.status,
        "finish_reason": call.finish_reason or None,
        "prompt_tokens": call.usage.prompt_tokens,
        "cached_tokens": call.usage.cached_tokens,
        "completion_tokens": call.usage.completion_tokens,
        "reasoning_tokens": call.usage.reasoning_tokens,
        "tokens_source": call.usage.source,
        "cost_usd": to_usd(call.cost),
        "cost_low_usd": to_usd(call.cost_low),
        "cost_high_usd": to_usd(call.cost_high),
        "queued_s": seconds(call.started_at, call.queued_at),
        "first_token_s": seconds(call.first_token_at, call.started_at),
        "duration_s": seconds(call.finished_at, call.started_at),
        "seed": call.request.seed,
        "attempts": call.attempt,
        "text": str(call.text),
        "thinking": str(call.thinking),
        "error": call.error or None,
    }


def run_json(view: RunView) -> dict[str, Any]:
    """One run with its calls, candidates and verdicts. Times of candidates are seconds since the run's start."""
    answer = view.answer
    return {
        "id": view.id,
        "kind": view.kind,
        "system": view.system,
        "notation": view.notation,
        "prompt": next((m.content for m in reversed(view.messages) if m.role == "user"), ""),
        "answer": answer.text if answer else None,
        "answer_key": answer.key if answer else None,
        "status": view.status,
        "reason": view.reason or None,
        "started_at": datetime.fromtimestamp(view.started_at / 1e9, UTC).isoformat().replace("+00:00", "Z"),
        "seed": view.seed,
        "wall_s": seconds(view.t),
        "first_token_s": seconds(view.first_token_at),
        "cost_usd": to_usd(view.cost()),
        "waste_usd": to_usd(view.waste()),
        "prompt_tokens": view.tokens("prompt_tokens"),
        "completion_tokens": view.tokens("completion_tokens"),
        "scores": _scores(view),
        "calls": [call_json(call) for call in view.calls.values()],
        "candidates": [_candidate_json(view, identity) for identity in view.candidates],
        "verdicts": [
            {
                "node": verdict.node,
                "candidate": verdict.candidate,
                "verdict": verdict.verdict,
                "by": verdict.by,
                "score": verdict.score,
                "reason": verdict.reason or None,
                "calls": list(verdict.calls),
            }
            for verdict in view.verdicts
        ],
        "warnings": [warning.message for warning in view.warnings],
    }


def _scores(view: RunView) -> dict[str, Any]:
    """Scores of the disagreement nearest the root; `headline` names the one shown first."""
    if not view.disagreements:
        return {}
    nearest = min(view.disagreements.values(), key=lambda d: (d.node.count("/"), d.node))
    return {"headline": nearest.headline, "n": nearest.n, "node": nearest.node, **nearest.scores}


def _candidate_json(view: RunView, identity: str) -> dict[str, Any]:
    candidate = view.candidates[identity]
    return {
        "id": candidate.id,
        "node": candidate.node,
        "status": candidate.status,
        "text": candidate.text,
        "key": candidate.key,
        "key_rule": candidate.key_rule or None,
        "calls": list(candidate.calls),
        "parents": list(candidate.parents),
        "completion_tokens": candidate.completion_tokens,
        "finished_s": seconds(view.candidate_times[identity]),
        "score": candidate.score,
        "verified": candidate.verified,
        "degraded": candidate.degraded,
    }
