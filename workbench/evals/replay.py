"""Models that serve one what-if from one task's draws, whatever the system."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from workbench.analysis.pool import Draw
from workbench.engine import events as e
from workbench.errors import ErrorKind, ModelError
from workbench.evals.asking import TESTS
from workbench.evals.outcomes import SCORE, odds_of, text_of
from workbench.models.base import Chunk, Delta, Done, ModelInfo, Request, Usage
from workbench.models.recorded import recorded_model


class Replay:
    """A `Models` that serves one run from one task's draws, and keeps account of what each of them came to."""

    def __init__(self, draws: Sequence[Draw], order: Mapping[str, Sequence[int]]) -> None:
        self._draws = draws
        self._order = {model: list(reversed(indices)) for model, indices in order.items()}
        self._only = next(iter(order)) if len(order) == 1 else None
        self.share: dict[int, float] = {}
        """Draw → how much of it had come when it ended or was cancelled."""
        self.lost = 0
        """Calls that found no draw left."""
        self.drawn: dict[int, int] = {}
        """`id` of a request, which the run's view keeps → its draw."""
        self._about: dict[int, str] = {}
        """`id` of a test's request → the candidate that it asks about."""
        self._requests: dict[str, int] = {}
        """Call → `id` of its request."""
        self._made: dict[str, int] = {}
        """Candidate → draw."""
        self._said: list[int] = []

    def note(self, event: e.AnyEvent) -> None:
        """Learn from the run which draw each candidate is."""
        if isinstance(event, e.CallQueued):
            if event.request.model in TESTS and event.about:
                self._about[id(event.request)] = event.about[0]
            else:
                self._requests[event.call] = id(event.request)
        elif isinstance(event, e.CandidateMade) and event.candidate.calls:
            call = self._requests.get(event.candidate.calls[-1])
            if call in self.drawn:
                self._made[event.candidate.id] = self.drawn[call]

    def info(self, model: str) -> ModelInfo:
        """Every model of the pool is a recorded one."""
        return recorded_model(model)

    def provider(self, model: str) -> Replay:
        return self

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The next draw, whole, when its time has come."""
        if request.model in TESTS:
            for chunk in self._word(request):
                yield chunk
            return
        order = self._order.get(request.model)
        if order is None and self._only == "":
            order = self._order[""]
        if not order:
            self.lost += 1
            hint = "Take fewer replicas: a draw is never used twice in one run."
            what = "has no draw left" if order is not None else "is not among the recorded generators"
            raise ModelError(ErrorKind.NOT_FOUND, what, where=request.model, hint=hint)
        index = order.pop()
        draw, loop = self._draws[index], asyncio.get_running_loop()
        total, began = draw.latency or 0.0, loop.time()
        self.share[index] = 0.0
        self.drawn[id(request)] = index
        try:
            if total:
                await asyncio.sleep(total)
            self.share[index] = 1.0
        except asyncio.CancelledError:
            self.share[index] = min(1.0, (loop.time() - began) / total)
            raise
        text = text_of(draw)
        if not text:
            raise ModelError(ErrorKind.BAD_REQUEST, "recorded failure", where=request.model)
        if draw.done:
            self._said.append(index)
        if draw.thinking:
            yield Delta(draw.thinking, "thinking")
        yield Delta(text)
        yield _end(draw)

    def _word(self, request: Request) -> tuple[Chunk, ...]:
        """What was recorded of the draw that is asked about."""
        index = self._asked_about(request)
        usage = Usage(prompt_tokens=0, completion_tokens=0, source="reported")
        if request.model == SCORE:
            score = None if index is None else self._draws[index].score
            if score is None:
                raise ModelError(ErrorKind.NOT_FOUND, "no score of this draw is recorded", where=request.model)
            return Delta(f"{score:.3f}"), Done(
                usage=usage, reported_cost=0, choice_probabilities=odds_of(score, request.choices)
            )
        accepted = None if index is None else self._draws[index].accepted
        if accepted is None:
            raise ModelError(ErrorKind.NOT_FOUND, "no verdict on this draw is recorded", where=request.model)
        return Delta("accepted" if accepted else "rejected"), Done(usage=usage, reported_cost=0)

    def _asked_about(self, request: Request) -> int | None:
        """The draw of the candidate; inside a judge or verifier that is a network, which announces none, the last with
        the longest text that the prompt shows."""
        known = self._made.get(self._about.get(id(request), ""))
        if known is not None:
            return known
        shown = request.messages[-1].content
        fitting = [i for i in reversed(self._said) if text_of(self._draws[i]).strip() in shown]
        return max(fitting, key=lambda i: len(text_of(self._draws[i])), default=None)


def _end(draw: Draw) -> Done:
    usage = Usage(prompt_tokens=draw.prompt_tokens, completion_tokens=draw.tokens, source="reported")
    return Done(finish_reason="stop" if draw.done else "length", usage=usage, reported_cost=draw.cost)
