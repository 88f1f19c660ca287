"""Runs of one system on one prompt, summed up from their JSON: medians and ranges. Pure."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from workbench.analysis.comparison import Spread, shared, tally

__all__ = ["Compared", "Spread"]

FIGURES = ("wall_s", "first_token_s", "cost_usd", "waste_usd", "tokens", "disagreement")
BRIEF = ("id", "status", "reason", "answer", "answer_key", "seed", "wall_s", "first_token_s", "cost_usd", "waste_usd")


class Compared(Struct, frozen=True, kw_only=True):
    """All runs of one system; `runs` as docs/json.md describes them."""

    system: str
    runs: list[dict[str, Any]]

    @property
    def done(self) -> int:
        """Runs that have an answer."""
        return sum(run["status"] in ("done", "degraded") for run in self.runs)

    @property
    def kind(self) -> str:
        """Real, simulated or recorded; `mixed` is never added up to money."""
        return str(shared((run["kind"] for run in self.runs), "mixed"))

    @property
    def estimated(self) -> bool:
        """Whether a call's token counts were not reported by its provider."""
        return any(call["tokens_source"] != "reported" for run in self.runs for call in run["calls"] if call["status"])

    @property
    def costs_money(self) -> bool:
        """Whether a call that ended has a price: what is free costs nothing however it is counted."""
        return any(call["cost_high_usd"] != 0 for run in self.runs for call in run["calls"] if call["status"])

    @property
    def score_name(self) -> str:
        """Name of the disagreement score, empty where the system has no candidates that could disagree."""
        return str(shared((run["scores"].get("headline", "") for run in self.runs), ""))

    @property
    def answers(self) -> list[tuple[str, int]]:
        """The answers (by key where there is one) with how often each was given, most frequent first."""
        return tally(run["answer_key"] or run["answer"] for run in self.runs if run["answer"] is not None)

    def spread(self, figure: str) -> Spread | None:
        """One of `FIGURES` over the runs."""
        return Spread.of(_figure(run, figure) for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """As `compare --json` prints it: every figure as median, low and high."""
        spreads = {name: self.spread(name) for name in FIGURES}
        return {
            "system": self.system,
            "notation": self.runs[0]["notation"],
            "kind": self.kind,
            "done": self.done,
            "tokens_estimated": self.estimated,
            **{name: s and {"median": s.median, "low": s.low, "high": s.high} for name, s in spreads.items()},
            "disagreement_score": self.score_name or None,
            "answers": [{"answer": answer, "runs": count} for answer, count in self.answers],
            "runs": [{name: run[name] for name in (*BRIEF, "prompt_tokens", "completion_tokens")} for run in self.runs],
        }


def _figure(run: dict[str, Any], name: str) -> float | None:
    value: float | None
    if name == "tokens":
        counts = (run["prompt_tokens"], run["completion_tokens"])
        value = None if None in counts else sum(counts)
    elif name == "disagreement":
        value = run["scores"].get(run["scores"].get("headline"))
    else:
        value = run[name]
    return value
