"""LiteLLM's providers as one of ours: every name that no other room serves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from workbench.config import Config
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, Delta, Done, ModelInfo, Request
from workbench.models.billing import on_cancel
from workbench.models.endpoints import is_loopback
from workbench.models.errors_map import model_error
from workbench.models.keys import Keys, own_server
from workbench.models.litellm import names
from workbench.models.litellm.frames import Failed, Finished, Text
from workbench.models.litellm.process import WorkerProcess
from workbench.models.price_map import Entry
from workbench.models.prices import PriceBook
from workbench.models.wire import messages, sampling

READ_TIMEOUT_S = 900.0
"""LiteLLM's `timeout` is per read; the engine's timeouts are the ones that matter."""
NO_KEY = "none"
"""Sent as the key to a server that is not the provider's own; OpenAI's client insists on one."""

REFUSED = frozenset(
    {"api_key", "callbacks", "client", "context_window_fallback_dict", "custom_llm_provider", "failure_callback",
     "fallbacks", "input_callback", "logger_fn", "max_retries", "messages", "mock_response", "mock_timeout", "model",
     "model_list", "n", "num_retries", "proxy", "retry_policy", "router", "stream", "success_callback", "timeout"}
)  # fmt: skip
"""Extra fields that a system can't set: they would redirect a call with its key, hide spend or fake an answer. `n`
gives several answers to one request, which can't be cancelled one by one and would be read as one."""


class LiteLLMProvider:
    """Calls LiteLLM in its worker, which starts with the first call (or with `warm`) and anew after a death."""

    def __init__(self, config: Config, prices: PriceBook, keys: Keys, environ: Mapping[str, str]) -> None:
        self._config = config
        self._prices = prices
        self._keys = keys
        self._environ = environ
        self._start: asyncio.Task[WorkerProcess] | None = None

    def info(self, model: str) -> ModelInfo:
        """What LiteLLM's map and config.toml say of the model. Nothing is imported or sent."""
        entry = self._prices.entry(model)
        endpoint = endpoint_of(model, entry)
        limits = self._config.limits.get(endpoint)
        problem = self._keys.problem(endpoint)
        if "/" in model and entry is None:
            ours = (*self._config.endpoints, "local", "sim", "recorded")
            problem = names.problem(endpoint, (*ours, *self._prices.providers)) or problem
        if not endpoint:
            problem = f"nobody is known to serve {model!r}: write <provider>/<model>, as in openai/{model}"
        return ModelInfo(
            name=model,
            provider="litellm",
            endpoint=endpoint or "litellm",
            prices=self._prices.prices_for(model),
            context=entry.context if entry else None,
            max_output=entry.max_output if entry else None,
            billing_on_cancel=on_cancel(endpoint, self._config),
            available=not problem,
            problem=problem,
            reasoning=entry.reasoning if entry else False,
            abilities=entry.abilities if entry else (),
            max_concurrency=limits.max_concurrency if limits else None,
            requests_per_minute=limits.requests_per_minute if limits else None,
        )

    async def ready(self, request: Request) -> None:
        """Wait until the worker has imported LiteLLM, which takes seconds. Raises `ModelError`."""
        if not self._problem(request.model, self.parameters(request)):
            await (await self.warm()).imported.wait()

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """Send the request. Closing the generator closes the provider's connection. Raises `ModelError`."""
        parameters = self.parameters(request)
        problem = self._problem(request.model, parameters)
        if problem:
            kind = ErrorKind.NOT_FOUND if problem.startswith(names.NOBODY) else ErrorKind.UNAVAILABLE
            raise ModelError(kind, problem, where=request.model)
        worker = await self.warm()
        number, replies = worker.open(parameters)
        ended = False
        try:
            while not ended:
                reply = await replies.get()
                if isinstance(reply, Text):
                    for piece in reply.pieces:
                        yield Delta(piece, reply.channel)
                    continue
                ended = True
                if isinstance(reply, Failed):
                    raise _error(reply, request.model)
                yield _done(reply)
        finally:
            if ended:
                worker.close(number)
            else:
                worker.cancel(number)

    async def warm(self) -> WorkerProcess:
        """The worker; started if there is none, so that LiteLLM's import (seconds) is under way before it is needed."""
        loop = asyncio.get_running_loop()
        if self._start is None or not _usable(self._start, loop):
            self._start = loop.create_task(WorkerProcess.start(self._environ))
        try:
            return await asyncio.shield(self._start)  # one call's cancel must not take the others' worker away
        except OSError as error:
            raise ModelError(ErrorKind.UNAVAILABLE, f"the LiteLLM worker can't be started: {error}") from error

    async def aclose(self) -> None:
        """End the worker."""
        start, self._start = self._start, None
        if start is not None and start.get_loop() is asyncio.get_running_loop():
            with contextlib.suppress(OSError):
                await (await start).aclose()

    def parameters(self, request: Request) -> dict[str, Any]:
        """The arguments of `litellm.acompletion`. Raises `ModelError` (bad_request) for extras that can't be set."""
        extra = dict(request.extra)
        refused = sorted(REFUSED & extra.keys())
        if refused:
            message = f"extra can't set {', '.join(refused)}"
            raise ModelError(ErrorKind.BAD_REQUEST, message, where=request.model)
        base = extra.pop("base_url", None) or extra.pop("api_base", None)
        return {
            "model": request.model,
            "messages": messages(request),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_retries": 0,  # its own default blocks for many seconds on a 429 without a word
            "num_retries": 0,
            "timeout": READ_TIMEOUT_S,
            **sampling(request),
            **extra,
            **self._address(request.model, str(base) if base else ""),
        }

    def _problem(self, model: str, parameters: Mapping[str, Any]) -> str:
        return "" if "api_base" in parameters else self.info(model).problem

    def _address(self, model: str, base: str) -> dict[str, str]:
        """Address, and the key where LiteLLM must not find it by itself.

        LiteLLM reads the environment itself, where providers have several kinds of key; the keyring's is handed over.
        A key goes to its own provider or to this machine, never where a system's file points.
        """
        endpoint = endpoint_of(model, self._prices.entry(model))
        if base and not is_loopback(base):
            return {"api_base": base, "api_key": NO_KEY}
        address = {"api_base": base} if base else {}
        if self._keys.in_environment(endpoint):
            return address
        own = base or (own_server(self._environ) if endpoint == "openai" else "")
        key = self._keys.provider(endpoint) or (NO_KEY if own else "")
        return {**address, "api_key": key} if key else address


def endpoint_of(model: str, entry: Entry | None) -> str:
    """Who serves a LiteLLM name: its prefix, or what the map says of a bare name; empty where nobody is known."""
    prefix, slash, _ = model.partition("/")
    if slash:
        return prefix
    return entry.provider if entry else ""


def _usable(start: asyncio.Task[WorkerProcess], loop: asyncio.AbstractEventLoop) -> bool:
    """The worker is on its way or alive, in this loop."""
    if start.get_loop() is not loop or start.cancelled():
        return False
    return not start.done() or (start.exception() is None and start.result().alive)


def _done(reply: Finished) -> Done:
    return Done(
        finish_reason=reply.finish_reason,
        usage=reply.usage,
        reported_cost=reply.reported_cost,
        mean_logprob=reply.mean_logprob,
    )


def _error(reply: Failed, model: str) -> ModelError:
    return model_error(reply.kind, reply.message, status=reply.status, wait=reply.retry_after, where=model)
