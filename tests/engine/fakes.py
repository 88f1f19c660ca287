"""Scripted models for the engine's tests: what each says, when, and how many streams are open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from workbench.config import BillingOnCancel
from workbench.engine import events as e
from workbench.engine.clock import run_virtual
from workbench.engine.control import Control
from workbench.engine.grammar import Validator
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, Delta, Done, FinishReason, ModelInfo, Prices, Request, Usage
from workbench.systems.nodes import AnyNode, Model, System

T = TypeVar("T")

PRICES = Prices(input=1_000, output=10_000, source="test")


class Say(Struct, frozen=True, kw_only=True):
    """How one attempt goes. Times are seconds."""

    text: str = "Final answer: 42"
    thinking: str = ""
    first: float = 0.1
    gap: float = 0.1
    finish: FinishReason | Literal["none", "hang"] = "stop"
    error: ErrorKind | None = None
    error_after: int = 0
    status: int | None = None
    retry_after: float | None = None
    tokens: int | None = None
    choice_probabilities: dict[str, float] = {}
    reported_cost: int | None = None
    logprob: float | None = None
    usage: Usage | None = None
    close_error: Exception | None = None
    after_done: str = ""
    count: bool = False


Reply: TypeAlias = "Say | Callable[[Request], Say]"


class ScriptedModels:
    """A `Models` whose every model says what its list says, one entry per request, the last one for ever."""

    def __init__(
        self, scripts: dict[str, Reply | Sequence[Reply]], known: dict[str, dict[str, Any]] | None = None, **info: Any
    ) -> None:
        self._scripts = scripts
        self._known = known or {}
        self._info = info
        self._served: dict[str, int] = {}
        self.open = 0
        self.most_open = 0
        self.requests: list[Request] = []
        self.closed_at: list[tuple[str, float]] = []
        self.start: Callable[[], Awaitable[None]] | None = None

    def info(self, model: str) -> ModelInfo:
        fields: dict[str, Any] = {"kind": "real", "prices": PRICES, "billing_on_cancel": "stops", "endpoint": "test"}
        return ModelInfo(name=model, provider="test", **{**fields, **self._info, **self._known.get(model, {})})

    def provider(self, model: str) -> ScriptedModels:
        return self

    async def ready(self, request: Request) -> None:
        """What the provider must start first, where a test says so."""
        if self.start is not None:
            await self.start()

    async def aclose(self) -> None:
        """Nothing to end."""

    def _next(self, request: Request) -> Say:
        script = self._scripts[request.model]
        entries: list[Reply] = [script] if isinstance(script, Say) or callable(script) else list(script)
        index = self._served.get(request.model, 0)
        self._served[request.model] = index + 1
        entry = entries[min(index, len(entries) - 1)]
        return entry(request) if callable(entry) else entry

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        say = self._next(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async for chunk in _speak(say):
                yield chunk
        finally:
            self.open -= 1
            self.closed_at.append((request.model, asyncio.get_running_loop().time()))
            if say.close_error is not None:
                raise say.close_error


async def _speak(say: Say) -> AsyncGenerator[Chunk, None]:
    await asyncio.sleep(say.first)
    thinking, answer = _words(say.thinking), _words(say.text)
    for index, word in enumerate([*thinking, *answer]):
        if say.error is not None and index == say.error_after:
            break
        if index:
            await asyncio.sleep(say.gap)
        counted = 3 * (index + 1) if say.count else None
        yield Delta(word, "thinking" if index < len(thinking) else "answer", counted)
    if say.error is not None:
        raise ModelError(say.error, f"scripted {say.error}", status=say.status, retry_after=say.retry_after)
    if say.finish == "hang":
        await asyncio.Event().wait()
    if say.finish == "none" or say.finish == "hang":
        return
    spoken = len(thinking) + len(answer)
    usage = Usage(
        prompt_tokens=10,
        completion_tokens=spoken if say.tokens is None else say.tokens,
        reasoning_tokens=len(thinking),
        source="reported",
    )
    yield Done(
        finish_reason=say.finish,
        usage=say.usage or usage,
        choice_probabilities=say.choice_probabilities,
        reported_cost=say.reported_cost,
        mean_logprob=say.logprob,
    )
    if say.after_done:
        yield Delta(say.after_done)


def _words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")] if text else []


class Fired(Struct):
    """A run and the events it sent."""

    view: RunView
    events: list[e.AnyEvent]
    models: ScriptedModels


def fire(
    root: AnyNode,
    scripts: dict[str, Any],
    *,
    prompt: str = "What is 6 × 7?",
    task: Task | None = None,
    billing: BillingOnCancel = "stops",
    prices: Prices | None = PRICES,
    info: dict[str, Any] | None = None,
    known: dict[str, dict[str, Any]] | None = None,
    system: dict[str, Any] | None = None,
    at: dict[float, Callable[[Control], None]] | None = None,
    cancel_at: float | None = None,
    sinks: Sequence[Callable[[e.AnyEvent], None]] = (),
    control: Control | None = None,
    start: Callable[[], Awaitable[None]] | None = None,
    **options: Any,
) -> Fired:
    """Run a system on scripted models in simulated time; the events are checked for their order.

    `info` is of all models, `known` of some by name. `at`: seconds → what a hand on the run does then.
    `cancel_at`: when the task that awaits the run is cancelled; the view is then folded from the events. `start`: the
    provider's own start.
    """
    models = ScriptedModels(scripts, known, **{"billing_on_cancel": billing, "prices": prices, **(info or {})})
    models.start = start
    control = control or Control()
    events: list[e.AnyEvent] = []
    whole = System(root=root, **(system or {}))

    async def main() -> RunView:
        loop = asyncio.get_running_loop()
        for seconds, act in (at or {}).items():
            loop.call_later(seconds, act, control)
        fields = {
            "sinks": [*sinks, events.append],
            "seed": 1,
            "run_id": "test",
            "started_at": 0,
            "control": control,
            **options,
        }
        running = asyncio.ensure_future(execute(whole, task or Task.of(prompt), models, **fields))
        if cancel_at is not None:
            loop.call_later(cancel_at, running.cancel)
        await asyncio.wait([running])
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others, f"tasks outlived the run: {others}"
        return RunView().apply_all(events) if running.cancelled() else running.result()

    view = run_virtual(main())
    Validator().feed_all(events).close()
    assert models.open == 0, "a provider's stream is still open"
    return Fired(view, events, models)


def encoded(events: Sequence[e.AnyEvent]) -> list[bytes]:
    """The events as bytes."""
    return [msgspec.json.encode(event) for event in events]


def lane(name: str, **fields: Any) -> Model:
    """A model that is not tried again."""
    return Model(model=name, **{"retries": 0, **fields})


def says(answer: object, **fields: Any) -> Say:
    """A reply that states its answer."""
    return Say(text=f"Final answer: {answer}", **fields)


def asked(fired: Fired, model: str) -> list[str]:
    """The last message of every request that the model was sent."""
    return [request.messages[-1].content for request in fired.models.requests if request.model == model]


def answer(fired: Fired) -> str:
    """The text of the run's answer."""
    assert fired.view.answer is not None, fired.view.reason
    return fired.view.answer.text.strip()


def of_type(fired: Fired, kind: type[T]) -> list[T]:
    """The events of one type."""
    return [event for event in fired.events if isinstance(event, kind)]


def warned(fired: Fired) -> str:
    """Everything the run warned of."""
    return "\n".join(warning.message for warning in fired.view.warnings)
