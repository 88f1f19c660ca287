"""One run: a system fired at a task. Events out, a RunView back."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias, TypeVar

import msgspec

from workbench.analysis import answers, disagreement
from workbench.engine import events as e
from workbench.engine.budget import Purse
from workbench.engine.calls import Call, Thought
from workbench.engine.control import Control
from workbench.engine.limits import Limits
from workbench.engine.outset import check, kind_of_run, messages, started_event, warnings
from workbench.engine.scope import NodeFailed, Place, Scope, ended
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.base import ModelInfo, Models, Prices, Request
from workbench.systems.nodes import Budget, Model, System

T = TypeVar("T")
Sink: TypeAlias = Callable[[e.AnyEvent], None]


class Run:
    """What all nodes of a run share."""

    def __init__(
        self,
        system: System,
        task: Task,
        models: Models,
        *,
        sinks: Sequence[Sink],
        seed: int,
        budget: Budget,
        limits: Limits,
        allow_code: bool,
        spent_today: int,
        max_usd_per_day: float | None,
    ) -> None:
        self.system = system
        self.task = task
        self.models = models
        self.seed = seed
        self.limits = limits
        self.allow_code = allow_code
        self.budget = budget
        self.kind = kind_of_run(system, models)
        if self.kind != "real":
            max_usd_per_day = None  # a day's money is real
        self.purse = Purse(budget, max_usd_per_day=max_usd_per_day, spent_today=spent_today)
        self.view = RunView()
        self.halted = ""
        self.ended_as: e.RunStatus | None = None
        self.open_calls: dict[str, Call] = {}
        self.odds: dict[str, dict[str, float]] = {}
        """Call → probability of each choice it was offered."""
        self.made: dict[str, tuple[e.Role, e.Candidate]] = {}
        """Every candidate so far, those of verifiers and other arguments too, with what its task was for."""
        self.escalated: set[str] = set()
        """Candidates that a verifier hands to the next branch of a cascade."""
        self._sinks = list(sinks)
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._prompts: dict[tuple[object, ...], int] = {}
        self._prices: dict[tuple[str, int | None], Prices | None] = {}
        self._halting = asyncio.Event()
        self._calls = 0
        self._candidates = 0

    def now(self) -> int:
        """Nanoseconds since the run's start."""
        return round((self._loop.time() - self._zero) * 1e9)

    def emit(self, event: e.AnyEvent) -> None:
        """Tell the view and every sink. A sink that raises is left out from then on, and the user is told."""
        self.view.apply(event)
        broken: list[tuple[Sink, Exception]] = []
        for sink in self._sinks:
            try:
                sink(event)
            except Exception as error:
                broken.append((sink, error))
        for sink, problem in broken:
            self._sinks.remove(sink)
            warning = e.Warned(t=event.t, message=f"events are no longer written: {problem}")
            if isinstance(event, e.RunFinished):
                self.view.apply(warning)  # no event follows a run's last
            else:
                self.emit(warning)

    def halt(self, status: e.RunStatus, reason: str) -> None:
        """End all calls; the operators conclude with what is finished."""
        if self.halted:
            return
        self.halted, self.ended_as = reason, status
        self._halting.set()
        for call in list(self.open_calls.values()):
            call.halt(reason)

    async def pause(self, seconds: float) -> None:
        """Wait; a run that is halted waits no longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._halting.wait()

    async def unless_halted(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The work's result; None where the run is halted first, and the work is cancelled and over by then."""
        doing, halting = asyncio.ensure_future(work), asyncio.ensure_future(self._halting.wait())
        try:
            await asyncio.wait((doing, halting), return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            await ended([doing, halting])

    def call(self, node: Model, task: Task, scope: Scope) -> Call:
        """A new call for a model node."""
        self._calls += 1
        request = Request(
            model=node.model,
            messages=messages(node, task),
            temperature=node.temperature,
            top_p=node.top_p,
            max_tokens=node.max_tokens,
            stop=node.stop,
            seed=derive_seed(self.seed, scope.path, self._calls if task.purpose.role != "generate" else 0)
            if node.seed is None
            else node.seed,
            reasoning_effort=node.reasoning_effort,
            choices=task.purpose.choices,
            replica=scope.replica,
            group=scope.step_path if scope.replicas > 1 else "",
            group_size=scope.replicas,
            extra=node.extra,
        )
        return Call(scope, node, task, identity=f"c{self._calls}", request=request)

    def opened(self, call: Call) -> None:
        """A call exists from now on."""
        self.open_calls[call.id] = call

    def closed(self, call: Call) -> None:
        """The call is over."""
        self.open_calls.pop(call.id, None)
        self._check_budget()

    def sending(self, call: Call) -> None:
        """A request is about to go out; the budget may end it before, for its prompt counts."""
        self.purse.opened(call.id, call.request, call.info.prices if call.info.kind == self.kind else None)
        self._check_budget()

    def received(self, call: str, tokens: int) -> None:
        """A stream has received this many tokens so far."""
        self.purse.received(call, tokens)
        self._check_budget()

    def candidate(self, task: Task, **fields: object) -> e.Candidate:
        """A new candidate with its answer key; announced where the task is to answer the query."""
        self._candidates += 1
        made = msgspec.convert({"id": f"k{self._candidates}", **fields}, e.Candidate)
        if task.purpose.role != "generate":
            self.made[made.id] = (task.purpose.role, made)
            return made
        if made.status == "done" and not answers.parse_kind(self.system.extract).needs_model:
            key = answers.extract(made.text, self.system.extract, choices=task.choices, numeric=self.task.numeric)
            made = msgspec.structs.replace(made, key=key.value, key_rule=key.rule)
        self.made[made.id] = ("generate", made)
        self.emit(e.CandidateMade(t=self.now(), candidate=made))
        return made

    def score(self, node: str, seen: Sequence[e.Candidate]) -> None:
        """Report how much a node's done candidates disagree, where there are two or more of them."""
        done = [c for c in {c.id: c for c in seen}.values() if c.status == "done" and c.id in self.view.candidates]
        if len(done) < 2:
            return
        scored = disagreement.score([(c.id, c.text, answers.Key(c.key, c.key_rule)) for c in done])
        event = e.DisagreementScored(
            t=self.now(),
            node=node,
            headline=scored.headline,
            score=scored.score,
            scores=scored.scores,
            clusters=tuple(e.Cluster(c.key, tuple(c.members)) for c in scored.clusters),
            abstained=scored.abstained,
            n=scored.n,
        )
        self.emit(event)

    def knows_prompt(self, request: Request, tokens: int | None) -> None:
        """A provider reported how many tokens this prompt has; its siblings' cancelled streams are counted by it."""
        if tokens is not None:
            self._prompts[(request.model, request.messages)] = tokens

    def prompt_tokens(self, request: Request) -> int | None:
        """What a sibling with the same messages was reported to read."""
        return self._prompts.get((request.model, request.messages))

    def prices_for(self, info: ModelInfo, prompt_tokens: int | None) -> Prices | None:
        """Prices of a call with that many prompt tokens, looked up once."""
        key = (info.name, prompt_tokens)
        if key not in self._prices:
            lookup = getattr(self.models, "prices_for", None)
            self._prices[key] = lookup(info.name, prompt_tokens) if lookup is not None else info.prices
        return self._prices[key]

    def _check_budget(self) -> None:
        if not self.purse.watching or self.halted:
            return
        reached = self.purse.exceeded(self.now)
        if reached is not None:
            self.emit(reached)
            self.halt("stopped", f"budget: {reached.limit} of {reached.allowed:g} reached")

    def deadline(self) -> None:
        """The budget's time is up."""
        assert self.budget.deadline is not None
        if not self.halted:
            seconds = self.budget.deadline
            self.emit(e.BudgetReached(t=self.now(), limit="deadline", allowed=seconds, spent=self.now() / 1e9))
            self.halt("stopped", f"budget: deadline of {seconds:g} s reached")

    async def root(self) -> tuple[list[e.Candidate], str]:
        """The root's candidates, all of them, and the reason where it failed."""
        found: list[e.Candidate] = []
        root = self.system.root
        try:
            if root.replicas > 1:
                # n copies of the root are an ensemble of them.
                scope = Scope(self, root, "")
                copies = [Place("", root, i, root.replicas) for i in range(1, root.replicas + 1)]
                async with scope.candidates(copies, self.task) as gathered:
                    async for candidate in gathered:
                        found.append(candidate)
                return found, gathered.reasons()
            async with aclosing(Scope(self, root, "").stream(self.task)) as items:
                async for item in items:
                    if not isinstance(item, Thought):
                        found.append(item)
        except NodeFailed as failure:
            return found, str(failure)
        return found, "; ".join(dict.fromkeys(c.error or c.status for c in found if c.status != "done"))


async def execute(
    system: System,
    task: Task,
    models: Models,
    *,
    sinks: Sequence[Sink] = (),
    seed: int | None = None,
    budget: Budget | None = None,
    run_id: str | None = None,
    started_at: int | None = None,
    allow_code: bool = False,
    limits: Limits | None = None,
    spent_today: int = 0,
    max_usd_per_day: float | None = None,
    tags: Sequence[str] = (),
    control: Control | None = None,
) -> RunView:
    """Fire a system at a task and return what happened.

    `seed` gives every replica its own; empty draws one. `budget` replaces the system's. `started_at` is in ns since the
    Unix epoch. `spent_today` is in pico-dollars. Cancelling the task that awaits this ends the run `cancelled`: every
    call is closed, the last event is written, and the cancellation goes on. Raises `InputError`, before anything is
    spent, for a system with unresolved `$refs` or with prompts or kinds of answer key that do not exist.
    """
    check(system)
    run = Run(
        system,
        task,
        models,
        sinks=sinks,
        seed=int.from_bytes(os.urandom(4), "big") if seed is None else seed,
        budget=budget or system.budget,
        limits=limits or Limits(),
        allow_code=allow_code,
        spent_today=spent_today,
        max_usd_per_day=max_usd_per_day,
    )
    if control is not None:
        control.attach(run)
    started = time.time_ns() if started_at is None else started_at
    run.emit(started_event(run, run_id or new_run_id(started), started, tuple(tags)))
    for warning in warnings(run):
        run.emit(warning)
    run._check_budget()
    found, reason = await _to_its_end(run)
    run.emit(_conclusion(run, found, reason))
    return run.view


async def _to_its_end(run: Run) -> tuple[list[e.Candidate], str]:
    """The root's candidates and the reason where it failed. A run that is cancelled has its last event all the same."""
    deadline = run.budget.deadline
    timer = asyncio.get_running_loop().call_later(deadline, run.deadline) if deadline is not None else None
    try:
        return await run.root()
    except asyncio.CancelledError:
        run.emit(e.RunFinished(t=run.now(), status="cancelled", reason="cancelled"))
        raise
    except Exception as error:
        run.emit(e.RunFinished(t=run.now(), status="failed", reason=f"internal error: {error}"))
        raise
    finally:
        if timer is not None:
            timer.cancel()


def _conclusion(run: Run, found: list[e.Candidate], reason: str) -> e.RunFinished:
    answer = next((c for c in found if c.status == "done" and not c.degraded), None)
    status: e.RunStatus = "done"
    if answer is None:
        answer = next((c for c in found if c.degraded), None)
        status = "degraded"
        if answer is None and run.system.on_none == "best_effort":
            texts = [c for c in found if c.status == "truncated" and c.text.strip()]
            if texts:
                answer = msgspec.structs.replace(max(texts, key=lambda c: len(c.text)), degraded=True)
                run.emit(e.CandidateMade(t=run.now(), candidate=answer))
        if answer is None:
            status = "failed"
    if run.ended_as is not None:
        status, reason = run.ended_as, run.halted
    final = "" if status == "done" else reason
    return e.RunFinished(t=run.now(), status=status, answer=answer.id if answer else None, reason=final)


def derive_seed(seed: int, *parts: object) -> int:
    """A seed of its own, 31 bits, for each place of a run."""
    data = ":".join(str(part) for part in (seed, *parts)).encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=4).digest(), "big") >> 1


def new_run_id(started_at: int) -> str:
    """Twelve characters: six that sort by the second within 34 years of 2020, six by chance."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = ((started_at // 10**9 - 1_577_836_800) << 30) | int.from_bytes(os.urandom(4), "big") & 0x3FFFFFFF
    return "".join(alphabet[(number >> shift) & 31] for shift in range(55, -1, -5))
