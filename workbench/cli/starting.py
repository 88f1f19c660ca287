"""Says what a run waits for where nobody sees lanes: LiteLLM's import and the embedded model's start take seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workbench.cli.output import note
from workbench.engine.events import AnyEvent, CallFinished, CallQueued, CallStarted
from workbench.models.base import Models

PATIENCE_S = 1.0
WHAT = {"litellm": "LiteLLM", "local": "the embedded model"}


class Starting:
    """A sink. One line for each of them whose first call has not started after a second."""

    def __init__(self, models: Models, tell: Callable[[str], object] = note) -> None:
        self._models, self._tell = models, tell
        self._providers: dict[str, str] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def __call__(self, event: AnyEvent) -> None:
        """Take one event in."""
        if isinstance(event, CallQueued):
            provider = self._models.info(event.request.model).provider
            if provider in WHAT and provider not in self._timers:
                said = f"workbench: {WHAT[provider]} is starting; this takes some seconds, once"
                self._timers[provider] = asyncio.get_running_loop().call_later(PATIENCE_S, self._tell, said)
            self._providers[event.call] = provider
        elif isinstance(event, CallStarted | CallFinished):
            timer = self._timers.get(self._providers.get(event.call, ""))
            if timer is not None:
                timer.cancel()
