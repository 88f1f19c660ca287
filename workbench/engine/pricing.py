"""What a call costs: integer products and sums of pico-dollars. A figure that is missing makes the cost unknown."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from workbench.config import BillingOnCancel
from workbench.models.base import Prices, Usage


class Cost(Struct, frozen=True):
    """Pico-dollars: what is known best, at least, and at most. None is unknown."""

    cost: int | None = None
    low: int | None = None
    high: int | None = None

    def plus(self, other: Cost) -> Cost:
        """The sum; unknown where either is."""
        return Cost(_add(self.cost, other.cost), _add(self.low, other.low), _add(self.high, other.high))


FREE = Cost(0, 0, 0)


def price(usage: Usage, prices: Prices | None, reported: int | None = None) -> int | None:
    """Pico-dollars of one attempt; the provider's own figure wins.

    Cached and cache-write tokens are inside the prompt's, reasoning tokens inside the completion's. A part without a
    price of its own is charged at its whole's.
    """
    if reported is not None:
        return reported
    if usage.prompt_tokens == 0 and usage.completion_tokens == 0:
        return 0
    if prices is None:
        return None
    read = _split(
        usage.prompt_tokens,
        prices.input,
        (usage.cached_tokens, prices.cached_input),
        (usage.cache_write_tokens, prices.cache_write),
    )
    return _add(read, _split(usage.completion_tokens, prices.output, (usage.reasoning_tokens, prices.reasoning)))


def cancelled(usage: Usage, prices: Prices | None, billing: BillingOnCancel, max_tokens: int | None) -> Cost:
    """Cost of a stream that was left: received so far, and at most what the provider may go on to bill."""
    received = price(usage, prices)
    if billing == "stops":
        return Cost(received, received, received)
    if max_tokens is None:
        return Cost(received, received, _free(prices))
    most = max(max_tokens, usage.completion_tokens or 0)  # what is received may be an estimate, too high
    return Cost(received, received, price(Usage(prompt_tokens=usage.prompt_tokens, completion_tokens=most), prices))


def summed(usages: list[Usage]) -> Usage:
    """Usage over all attempts; a part that is unknown in one is unknown in the sum."""
    if len(usages) == 1:
        return usages[0]
    fields = ("prompt_tokens", "cached_tokens", "cache_write_tokens", "completion_tokens", "reasoning_tokens")
    sums = {}
    for field in fields:
        values = [getattr(usage, field) for usage in usages]
        sums[field] = None if None in values else sum(values)
    last = usages[-1]
    source = "estimated" if any(u.source != "reported" for u in usages) else "reported"
    return msgspec.structs.replace(last, **sums, source=source)


def _free(prices: Prices | None) -> int | None:
    return 0 if prices is not None and prices.input == 0 and prices.output == 0 else None


def _split(total: int | None, whole: int | None, *parts: tuple[int | None, int | None]) -> int | None:
    if total is None or whole is None:
        return 0 if total == 0 else None
    rest, cost = total, 0
    for tokens, own in parts:
        if tokens and own is not None:
            tokens = min(tokens, rest)
            rest -= tokens
            cost += tokens * own
    return cost + rest * whole


def _add(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b
