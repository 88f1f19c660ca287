"""How long a call waits before it is tried again."""

from __future__ import annotations

import math
import random

from workbench.errors import ModelError

BACKOFF_S = 0.5
"""Wait before the first retry where the provider does not name one; doubles each time, with jitter (AWS, 2015)."""
LONGEST_BACKOFF_S = 60.0
LONGEST_WAIT_S = 600.0
"""A provider that asks for more patience than this is not waited for: the call fails and says so."""


def backoff(error: ModelError, attempt: int, chance: str) -> float:
    """Seconds: what the provider asks for, else twice as long each time. `chance` seeds the jitter, so that replicas do
    not come back all at once."""
    if error.retry_after is not None:
        return error.retry_after
    jitter = random.Random(chance).uniform(0.5, 1.0)
    return float(min(LONGEST_BACKOFF_S, BACKOFF_S * 2 ** (attempt - 1)) * jitter)


def asks_too_long(error: ModelError) -> bool:
    """Whether the provider asks for more patience than a run has."""
    return (error.retry_after or 0.0) > LONGEST_WAIT_S


def not_waited_for(error: ModelError) -> ModelError:
    """The same, saying for how long it asked."""
    minutes = math.ceil((error.retry_after or 0.0) / 60)
    asked = f"{minutes:,} minutes" if minutes < 120 else f"{minutes / 60:,.0f} hours"
    return ModelError(
        error.kind,
        f"{error.message} (the provider asks for {asked} before another try)",
        status=error.status,
        retry_after=error.retry_after,
        where=error.where,
        hint="Try again then, or use another model meanwhile.",
    )
