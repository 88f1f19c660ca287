"""Past runs as models: `recorded/<run>` draws from what the ledger holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.engine.view import CallView
from workbench.errors import ErrorKind, LedgerError, ModelError
from workbench.models.recorded import Sample
from workbench.money import to_usd


class LedgerSamples:
    """A `SampleSource` over the ledger at `path`; each run is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Sequence[Sample]] = {}

    def __call__(self, source: str) -> Sequence[Sample]:
        """Samples of the run meant by `source`, empty where there is none. Raises `ModelError` where the ledger can't
        be read."""
        if source not in self._known:
            from workbench.ledger.ledger import open_ledger

            try:
                with open_ledger(self._path, read_only=True) as ledger:
                    self._known[source] = ledger.samples_of(source)
            except LedgerError as error:
                raise ModelError(ErrorKind.UNAVAILABLE, error.message, where=error.where, hint=error.hint) from error
        return self._known[source]


def sample_of(call: CallView) -> Sample | None:
    """What one call said; None for one that says nothing of its model: it was cancelled, or a judge's."""
    if call.role != "generate" or call.state != "ended" or call.status in ("cancelled", "filtered"):
        return None
    begun, usage = call.started_at, call.usage

    def since(moment: int | None) -> float | None:
        return None if moment is None or begun is None else (moment - begun) / 1e9

    return Sample(
        text=str(call.text),
        thinking=str(call.thinking),
        prompt=next((m.content for m in reversed(call.request.messages) if m.role == "user"), None),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        first_token_s=since(call.first_token_at),
        latency_s=since(call.finished_at),
        finish_reason="length" if call.status == "truncated" else "stop",
        error=call.error,
        mean_logprob=call.mean_logprob,
        cost_usd=to_usd(call.cost),
    )
