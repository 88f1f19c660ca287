"""The life of one call: queued, its endpoint's turn, the stream, the retries, what it cost.

`Call.stream` is an async generator: it yields `Thought` once when the thinking is over and a `Candidate` at the end.
Leaving it early (cancellation) closes the provider's stream, which closes the connection, before the call's last event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import Struct

from workbench.engine import events as e
from workbench.engine import pricing, retrying
from workbench.engine.budget import CHARACTERS_PER_TOKEN, by_length
from workbench.engine.task import Task
from workbench.engine.view import Text
from workbench.engine.watch import Watch, end
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, ModelInfo, Prices, Request, Usage
from workbench.systems.nodes import Model

if TYPE_CHECKING:
    from workbench.engine.scope import Scope

PUSHED_BACK = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.OVERLOADED})
REFUSED = PUSHED_BACK | {
    ErrorKind.AUTH,
    ErrorKind.PAYMENT,
    ErrorKind.CONTEXT_WINDOW,
    ErrorKind.BAD_REQUEST,
    ErrorKind.NOT_FOUND,
    ErrorKind.UNAVAILABLE,
}
"""Answers to a request that was not served, and is not billed."""


class Thought(Struct, frozen=True):
    """A milestone: the call has finished thinking and writes its answer now."""

    call: str


Item: TypeAlias = Thought | e.Candidate


class Call:
    """One request to one model, with its retries. Made by `Run.call`."""

    def __init__(self, scope: Scope, node: Model, task: Task, *, identity: str, request: Request) -> None:
        run, purpose = scope.run, task.purpose
        self.id = identity
        self.run = run
        self.node = node
        self.request = request
        self._task = task
        self._path = scope.path
        self.info: ModelInfo = run.models.info(request.model)
        self.text = Text()
        self.thinking = Text()
        self._received = self._characters = 0
        self._counted: int | None = None
        self._sent = False
        self._over = False
        self._halt_reason = ""
        self._timeout: asyncio.Timeout | None = None
        self._spent = pricing.FREE
        self._usage_before: list[Usage] = []
        run.emit(
            e.CallQueued(
                t=run.now(),
                call=identity,
                node=scope.step_path,
                replica=scope.replica,
                role=purpose.role,
                request=request,
                endpoint=self.info.endpoint,
                kind=self.info.kind,
                prompt_name=purpose.prompt_name,
                prompt_hash=purpose.prompt_hash,
                about=purpose.about,
            )
        )

    def halted(self) -> bool:
        """Whether the call was ended from outside: by hand, by the budget, by a deadline."""
        return bool(self._halt_reason)

    def halt(self, reason: str) -> None:
        """End this call now; it becomes a cancelled candidate and its node goes on with the rest."""
        if not self._halt_reason:
            self._halt_reason = reason
            if self._timeout is not None:
                end(self._timeout)

    async def stream(self) -> AsyncGenerator[Item, None]:
        """Run the call to its end. Yields `Thought` at most once per attempt, then one `Candidate`."""
        self.run.opened(self)
        try:
            async for item in self._attempts():
                yield item
        except (asyncio.CancelledError, GeneratorExit):
            if not self._over:
                self._finish("cancelled")
            raise
        finally:
            self.run.closed(self)

    async def _attempts(self) -> AsyncGenerator[Item, None]:
        for attempt in range(1, self.node.retries + 2):
            try:
                async with aclosing(self._attempt(attempt)) as items:
                    async for item in items:
                        yield item
                return
            except ModelError as error:
                if _being_cancelled():
                    raise asyncio.CancelledError from error
                if self._over:
                    return
                if self.halted():
                    yield self._candidate("cancelled", error=self._halt_reason)
                    return
                if not error.retryable or attempt > self.node.retries:
                    yield self._failed(error)
                    return
                if retrying.asks_too_long(error):
                    yield self._failed(retrying.not_waited_for(error))
                    return
                wait = retrying.backoff(error, attempt, f"{self.request.seed}:{self.id}:{attempt}")
                self._retry(attempt, error, wait)
            except (asyncio.CancelledError, Exception) as defect:  # of a provider: its siblings go on
                if _being_cancelled():
                    raise asyncio.CancelledError from defect
                if self._over:
                    return
                yield self._failed(ModelError(ErrorKind.INTERNAL, f"{type(defect).__name__}: {defect}".rstrip(": ")))
                return
            await self._pause(wait)
            if self.halted():
                yield self._candidate("cancelled", error=self._halt_reason)
                return

    async def _attempt(self, attempt: int) -> AsyncGenerator[Item, None]:
        run = self.run
        limit = run.limits.of(self.info)
        self._reset()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as self._timeout:
                if self._halt_reason or run.halted:
                    self._halt_reason = self._halt_reason or run.halted
                    raise ModelError(ErrorKind.INTERNAL, self._halt_reason)
                async with limit.slot():
                    provider = run.models.provider(self.request.model)
                    if (ready := getattr(provider, "ready", None)) is not None:
                        await ready(self.request)  # our own start-up is no part of the time to the first token
                    run.sending(self)
                    if self._halt_reason:
                        raise ModelError(ErrorKind.INTERNAL, self._halt_reason)
                    run.emit(e.CallStarted(t=run.now(), call=self.id, attempt=attempt))
                    self._sent = True
                    watch = Watch(self.node, self._timeout, loop)
                    try:
                        async with aclosing(provider.stream(self.request)) as chunks:
                            async for item in self._read(chunks, watch):
                                yield item
                    finally:
                        watch.stop()
        except TimeoutError:
            raise self._overdue(watch if self._sent else None) from None
        except ModelError as error:
            if error.kind in PUSHED_BACK:
                limit.pushed_back(self._limited, error.message)
            raise
        finally:
            self._timeout = None
        limit.succeeded(self._limited)

    async def _read(self, chunks: AsyncGenerator[Delta | Done, None], watch: Watch) -> AsyncGenerator[Item, None]:
        run, emit, now, identity = self.run, self.run.emit, self.run.now, self.id
        watching, first, answering = run.purse.watching, True, False
        async for chunk in chunks:
            if type(chunk) is Done:
                # The provider may go on to empty the connection for the next request; the answer is out already.
                yield self._ended(chunk)
                continue
            if self._over:
                continue
            assert isinstance(chunk, Delta)
            t = now()
            watch.touched = True
            if first:
                first = False
                watch.begun()
                emit(e.FirstToken(t=t, call=identity))
            if chunk.channel == "answer":
                if not answering:
                    answering = True
                    emit(e.ThinkingFinished(t=t, call=identity))
                    yield Thought(identity)
                self.text.append(chunk.text)
            else:
                self.thinking.append(chunk.text)
            self._received += 1
            self._characters += len(chunk.text)
            self._counted = chunk.tokens
            emit(e.TextDelta(t=t, call=identity, text=chunk.text, channel=chunk.channel))
            if watching:
                run.received(identity, self._so_far()[0])
        if not self._over:
            raise ModelError(
                ErrorKind.INTERRUPTED, "the stream ended without a finish reason", where=self.request.model
            )

    def _ended(self, done: Done) -> e.Candidate:
        status: e.CandidateStatus = "done"
        if done.finish_reason == "length":
            status = "truncated"
        elif done.finish_reason == "content_filter":
            status = "filtered"
        elif not str(self.text).strip():
            status = "empty"
        self.run.knows_prompt(self.request, done.usage.prompt_tokens)
        usage = self._completed(done.usage)
        cost = pricing.price(usage, self._prices(usage), done.reported_cost)
        self._emit_end(status, usage, pricing.Cost(cost, cost, cost), done=done)
        return self._made(status, usage.completion_tokens, logprob=done.mean_logprob, odds=done)

    def _completed(self, usage: Usage) -> Usage:
        """The provider's counts; those it left out are estimated, and marked so."""
        if usage.prompt_tokens is not None and usage.completion_tokens is not None:
            return usage
        guess = self._estimate()
        return msgspec.structs.replace(
            usage,
            prompt_tokens=guess.prompt_tokens if usage.prompt_tokens is None else usage.prompt_tokens,
            completion_tokens=guess.completion_tokens if usage.completion_tokens is None else usage.completion_tokens,
            source="estimated",
            estimated_by=guess.estimated_by,
        )

    def _failed(self, error: ModelError) -> e.Candidate:
        usage = self._finish("failed", error)
        return self._made("failed", usage.completion_tokens, error=error.message)

    def _candidate(self, status: e.CandidateStatus, *, error: str) -> e.Candidate:
        usage = self._finish(status, because=error)
        return self._made(status, usage.completion_tokens, error=error)

    def _finish(self, status: e.CandidateStatus, error: ModelError | None = None, because: str = "") -> Usage:
        """The last event of a call that did not end by itself; what its last attempt used."""
        usage, cost = self._left(error)
        self._emit_end(status, usage, cost, error=error, because=because)
        return usage

    def _left(self, error: ModelError | None) -> tuple[Usage, pricing.Cost]:
        """Usage and cost of an attempt that was left in the middle."""
        if not self._sent:
            return Usage(prompt_tokens=0, completion_tokens=0, source="reported"), pricing.FREE
        if self._received == 0 and error is not None and (error.kind in REFUSED or (error.status or 0) >= 400):
            return Usage(prompt_tokens=0, completion_tokens=0, source="reported"), pricing.FREE
        usage = self._estimate()
        billing = self.info.billing_on_cancel
        return usage, pricing.cancelled(usage, self._prices(usage), billing, self.request.max_tokens)

    def _estimate(self) -> Usage:
        prompt = self.run.prompt_tokens(self.request)
        by = "a sibling's prompt"
        if prompt is None:
            prompt = by_length(sum(len(m.content) for m in self.request.messages))
            by = f"characters / {CHARACTERS_PER_TOKEN}"
        counted, received = self._so_far()
        return Usage(
            prompt_tokens=prompt, completion_tokens=counted, source="estimated", estimated_by=f"{by}; {received}"
        )

    def _so_far(self) -> tuple[int, str]:
        """(completion tokens received, how they were counted): some providers send a token a piece, others a
        sentence."""
        if self._counted is not None:
            return self._counted, "the provider's running count"
        guessed = by_length(self._characters), f"characters received / {CHARACTERS_PER_TOKEN}"
        return max((self._received, "pieces received"), guessed)

    def _emit_end(
        self,
        status: e.CandidateStatus,
        usage: Usage,
        cost: pricing.Cost,
        *,
        done: Done | None = None,
        error: ModelError | None = None,
        because: str = "",
    ) -> None:
        self._over = True
        total = self._spent.plus(cost)
        event = e.CallFinished(
            t=self.run.now(),
            call=self.id,
            status=status,
            finish_reason=done.finish_reason if done else "",
            usage=pricing.summed([*self._usage_before, usage]),
            prices=self._prices(usage),
            cost=total.cost,
            cost_low=total.low,
            cost_high=total.high,
            error_kind=error.kind if error else "",
            error=str(error) if error else because,
            mean_logprob=done.mean_logprob if done else None,
        )
        self.run.emit(event)
        self.run.purse.closed(self.id, event, counts=self.info.kind == self.run.kind)

    def _made(
        self,
        status: e.CandidateStatus,
        tokens: int | None,
        *,
        error: str = "",
        logprob: float | None = None,
        odds: Done | None = None,
    ) -> e.Candidate:
        if odds is not None and odds.choice_probabilities:
            self.run.odds[self.id] = odds.choice_probabilities
        return self.run.candidate(
            self._task,
            node=self._path,
            status=status,
            text=str(self.text),
            thinking=str(self.thinking),
            calls=(self.id,),
            parents=self._task.parents,
            completion_tokens=tokens,
            mean_logprob=logprob,
            error=error,
        )

    def _prices(self, usage: Usage) -> Prices | None:
        return self.run.prices_for(self.info, usage.prompt_tokens)

    def _reset(self) -> None:
        self.text = Text()
        self.thinking = Text()
        self._received, self._characters, self._counted, self._sent = 0, 0, None, False

    def _retry(self, attempt: int, error: ModelError, wait: float) -> None:
        usage, cost = self._left(error)
        self._usage_before.append(usage)
        self._spent = self._spent.plus(cost)
        event = e.CallRetried(
            t=self.run.now(),
            call=self.id,
            attempt=attempt,
            error_kind=error.kind,
            error=str(error),
            wait_s=wait,
            usage=usage,
            cost=cost.cost,
        )
        self.run.emit(event)

    async def _pause(self, seconds: float) -> None:
        if self._halt_reason:
            return
        try:
            async with asyncio.timeout(None) as self._timeout:
                await asyncio.sleep(seconds)
        except TimeoutError:
            return
        finally:
            self._timeout = None

    def _overdue(self, watch: Watch | None) -> ModelError:
        if self._halt_reason:
            return ModelError(ErrorKind.INTERNAL, self._halt_reason)
        what = watch.why if watch else "timed out"
        return ModelError(ErrorKind.TIMEOUT, what, where=self.request.model)

    def _limited(self, concurrency: int, because: str) -> None:
        run = self.run
        run.emit(e.LimitChanged(t=run.now(), endpoint=self.info.endpoint, concurrency=concurrency, because=because))


def _being_cancelled() -> bool:
    """A provider that fails while its stream is closed must not turn a cancellation into an error to try again."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
