"""Watches a run's money and tokens while they are being spent."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workbench.engine.events import BudgetReached, CallFinished
from workbench.models.base import Prices, Request
from workbench.money import PICO, from_usd
from workbench.systems.nodes import Budget

CHARACTERS_PER_TOKEN = 4
"""A rough ratio for English; used only where no count was reported, and marked as an estimate."""


def by_length(characters: int) -> int:
    """Tokens that a text of that length may have, rounded up: no text is free."""
    return -(-characters // CHARACTERS_PER_TOKEN)


class _Open(msgspec.Struct):
    """What a call under way has taken so far, all its attempts; `output` is the price of a token it receives."""

    tokens: int = 0
    pico: int = 0
    output: int = 0
    received: int = 0


class Purse:
    """Spend so far: ended calls as they were charged, streams in flight by what they have received."""

    def __init__(self, budget: Budget, *, max_usd_per_day: float | None, spent_today: int) -> None:
        self._tokens_allowed = budget.max_tokens
        self._run_allowed = None if budget.max_usd is None else from_usd(budget.max_usd)
        self._day_allowed = None if max_usd_per_day is None else from_usd(max_usd_per_day)
        self._before = spent_today
        self._tokens = 0
        self._pico = 0
        self._open: dict[str, _Open] = {}
        self.by_day = self._day_allowed is not None
        """Whether a day's money is limited."""
        self.watching = not (self._tokens_allowed is None and self._run_allowed is None and self._day_allowed is None)

    def opened(self, call: str, request: Request, prices: Prices | None) -> None:
        """A request goes out; its prompt counts by an estimate until the provider reports."""
        prompt = by_length(sum(len(m.content) for m in request.messages))
        cost = prompt * (prices.input or 0) if prices else 0
        before = self._open.get(call, _Open())
        # A retry counts beside the attempt before it; the call's last event reports both.
        output = (prices.output or 0) if prices else 0
        self._open[call] = _Open(before.tokens + prompt, before.pico + cost, output)
        self._tokens += prompt
        self._pico += cost

    def received(self, call: str, tokens: int) -> None:
        """A stream has received this many tokens in its attempt so far."""
        flow = self._open[call]
        more = tokens - flow.received
        flow.received = tokens
        flow.tokens += more
        flow.pico += more * flow.output
        self._tokens += more
        self._pico += more * flow.output

    def closed(self, call: str, event: CallFinished, *, counts: bool) -> None:
        """The call ended; its own figures replace the estimate where they are known. `counts`: its money is of the
        run's kind; real, simulated and recorded money are never added."""
        flow = self._open.pop(call, _Open())
        usage = event.usage
        if usage.prompt_tokens is not None and usage.completion_tokens is not None:
            self._tokens += usage.prompt_tokens + usage.completion_tokens - flow.tokens
        if event.cost is not None and counts:
            self._pico += event.cost - flow.pico

    def exceeded(self, now: Callable[[], int]) -> BudgetReached | None:
        """The limit that is reached, if any."""
        if self._tokens_allowed is not None and self._tokens >= self._tokens_allowed:
            return BudgetReached(t=now(), limit="max_tokens", allowed=self._tokens_allowed, spent=self._tokens)
        if self._run_allowed is not None and self._pico >= self._run_allowed:
            return BudgetReached(t=now(), limit="max_usd", allowed=self._run_allowed / PICO, spent=self._pico / PICO)
        today = self._before + self._pico
        if self._day_allowed is not None and today >= self._day_allowed:
            return BudgetReached(t=now(), limit="max_usd_per_day", allowed=self._day_allowed / PICO, spent=today / PICO)
        return None
