"""A made-up run as a fixed list of events, and services around it: no model, no clock, no disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from workbench.config import Config
from workbench.engine import events as e
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import LedgerError, SystemFileError
from workbench.ledger.export import Format
from workbench.ledger.measuring import Measures
from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
from workbench.models.base import Message, ModelInfo, Models, Prices, Request, RunKind, Usage
from workbench.systems import notation
from workbench.systems.nodes import Budget, Judge, Model, Race, System
from workbench.tui.services import Fetch, Forecast, Past, Services, Sink

MS = 1_000_000
STARTED = 1_790_000_000_000_000_000
PRICES = Prices(input=55_0000, output=2_190_000, source="catalogue 2026-11")
REASONER = "deepseek/deepseek-reasoner"
SONNET = "anthropic/claude-sonnet-4-5"
PROMPT = "What is 6 × 7? Think step by step, then give a final answer."
ANSWER = (
    "Six groups of seven make forty-two: 7 + 7 = 14, 14 + 14 = 28, 28 + 14 = 42.\n\n"
    "- checked by `7 × 6`\n- and by 6 × 5 + 6 × 2\n\nFinal answer: **42**"
)


def race_and_judge(replicas: int = 10, kind_prefix: str = "") -> System:
    """judge[sonnet](race[take=3, rule=thinking](10*reasoner@0.8))."""
    generator = Model(model=kind_prefix + REASONER, temperature=0.8, replicas=replicas)
    race = Race(of=(generator,), take=3, rule="thinking")
    root = Judge(judge=Model(model=kind_prefix + SONNET), of=(race,))
    return System(name="laconic-then-judge", root=root, budget=Budget(max_usd=0.05))


@dataclass
class Script:
    """Builds events in order; `at` is milliseconds since the run's start."""

    system: System
    kind: RunKind = "real"
    events: list[e.AnyEvent] = field(default_factory=list)

    def start(self, prompt: str = PROMPT) -> None:
        """The run's first event."""
        self.events.append(
            e.RunStarted(
                t=0,
                run="7f3a91c2",
                kind=self.kind,
                system=self.system.name,
                notation=notation.print_node(self.system.root),
                system_json=msgspec.json.encode(self.system).decode(),
                messages=(Message("user", prompt),),
                seed=7,
                started_at=STARTED,
                budget=self.system.budget,
            )
        )

    def node(self, at: int, path: str, kind: str) -> None:
        """A node begins."""
        self.events.append(e.NodeStarted(t=at * MS, node=path, kind=kind))

    def call(self, at: int, name: str, node: str, replica: int, model: str, role: e.Role = "generate") -> None:
        """A call is queued and sent."""
        messages = (Message("user", PROMPT),)
        request = Request(model=model, messages=messages, temperature=0.8, seed=100 + replica, replica=replica)
        self.events.append(
            e.CallQueued(
                t=at * MS,
                call=name,
                node=node,
                replica=replica,
                role=role,
                request=request,
                endpoint=model.partition("/")[0],
                kind=self.kind,
                prompt_name="" if role == "generate" else "judge-synthesize",
            )
        )
        self.events.append(e.CallStarted(t=at * MS, call=name))

    def say(self, at: int, call: str, text: str, *, thinking: bool = False) -> None:
        """Text arrives."""
        self.events.append(e.TextDelta(t=at * MS, call=call, text=text, channel="thinking" if thinking else "answer"))

    def first(self, at: int, call: str) -> None:
        """The first token."""
        self.events.append(e.FirstToken(t=at * MS, call=call))

    def end(self, at: int, call: str, status: e.CandidateStatus, tokens: int, error: str = "") -> None:
        """A call ends."""
        reported = status == "done"
        cost = 24 * (PRICES.input or 0) + tokens * (PRICES.output or 0)
        self.events.append(
            e.CallFinished(
                t=at * MS,
                call=call,
                status=status,
                finish_reason="stop" if reported else "",
                usage=Usage(
                    prompt_tokens=24,
                    completion_tokens=tokens,
                    source="reported" if reported else "estimated",
                    estimated_by="" if reported else "deltas",
                ),
                prices=PRICES,
                cost=cost,
                cost_low=cost,
                cost_high=cost if reported else cost * 2,
                error_kind="connection" if error else "",
                error=error,
            )
        )

    def candidate(self, at: int, name: str, node: str, call: str, text: str, key: str | None, **more: Any) -> None:
        """A candidate is complete."""
        made = e.Candidate(
            id=name, node=node, status="done", text=text, key=key, key_rule="final", calls=(call,), **more
        )
        self.events.append(e.CandidateMade(t=at * MS, candidate=made))


def long_run(system: System | None = None, kind: RunKind = "real", answer: str = ANSWER) -> list[e.AnyEvent]:
    """Ten replicas race, three win, a judge writes the answer. 6.2 s into it all states are on the screen."""
    s = Script(system or race_and_judge(), kind)
    s.start()
    s.node(0, "", "judge")
    s.node(0, "of.0", "race")
    calls = [f"c{n}" for n in range(1, 11)]
    for n, call in enumerate(calls, 1):
        s.node(0, f"of.0/of.0#{n}", "model")
        s.call(1, call, "of.0/of.0", n, REASONER)
    lengths = (156, 152, 145, 138, 135, 127, 116, 99, 40, 22)
    for n, (call, length) in enumerate(zip(calls, lengths, strict=True), 1):
        s.first(400 + 10 * n, call)
        for i in range(length):
            s.say(400 + 10 * n + i * 36, call, f" step {i}", thinking=True)
    s.events.sort(key=lambda event: event.t)
    s.events.append(
        e.CallRetried(
            t=2000 * MS, call="c9", attempt=1, error_kind="rate_limit", error="429 too many requests", wait_s=4.0
        )
    )
    s.end(2100, "c10", "failed", 22, "connection reset by peer")
    s.events.sort(key=lambda event: event.t)
    for n, (call, at, key) in enumerate((("c1", 6000, "42"), ("c2", 6100, "42")), 1):
        s.events.append(e.ThinkingFinished(t=at * MS, call=call))
        for piece in answer.splitlines(keepends=True):
            s.say(at + 20, call, piece)
        s.end(at + 60, call, "done", lengths[n - 1] * 2)
        s.candidate(at + 61, f"k{n}", f"of.0/of.0#{n}", call, answer, key, completion_tokens=lengths[n - 1] * 2)
        s.events.append(e.NodeFinished(t=(at + 61) * MS, node=f"of.0/of.0#{n}", status="done"))
    s.events.sort(key=lambda event: event.t)
    s.events += _end_of_race(s.system, kind)
    return s.events


def _end_of_race(system: System, kind: RunKind) -> list[e.AnyEvent]:
    s = Script(system, kind)
    s.say(6400, "c3", "Final answer: 41")
    s.end(6440, "c3", "done", 290)
    s.candidate(6441, "k3", "of.0/of.0#3", "c3", "Final answer: 41", "41", completion_tokens=290)
    s.events.append(
        e.Selected(t=6442 * MS, node="of.0", winners=("k1", "k2", "k3"), because="the first three to finish thinking")
    )
    for n in (4, 5, 6, 7, 8, 9):
        s.end(6450, f"c{n}", "cancelled", 100 + n)
    clusters = (e.Cluster("42", ("k1", "k2")), e.Cluster("41", ("k3",)))
    scores = {"entropy": 0.58, "minority": 0.33}
    s.events.append(
        e.DisagreementScored(
            t=6460 * MS, node="of.0", headline="entropy", score=0.58, scores=scores, clusters=clusters, n=3
        )
    )
    s.events.append(e.NodeFinished(t=6460 * MS, node="of.0", status="done"))
    s.call(6500, "j1", "judge", 1, SONNET, "judge")
    s.first(6900, "j1")
    for word in ("Two advisors ", "derive 42 by doubling; ", "the third slips.\n\n", "Final answer: **42**"):
        s.say(7000, "j1", word)
    s.end(8100, "j1", "done", 61)
    verdicts: tuple[tuple[str, e.VerdictWord, str], ...] = (
        ("k1", "accepted", "derives it by doubling, checks"),
        ("k2", "accepted", "same value, no working shown"),
        ("k3", "rejected", "drops one in the last sum"),
    )
    s.events += [
        e.VerdictGiven(t=8101 * MS, node="", candidate=one, verdict=word, by=SONNET, reason=why, calls=("j1",))
        for one, word, why in verdicts
    ]
    s.candidate(8102, "k4", "", "j1", "Final answer: **42**", "42", parents=("k1", "k2", "k3"), completion_tokens=61)
    s.events.append(
        e.Selected(
            t=8103 * MS,
            node="",
            winners=("k4",),
            because="wrote it from three candidates",
            considered=("k1", "k2", "k3"),
        )
    )
    s.events.append(e.NodeFinished(t=8104 * MS, node="", status="done"))
    s.events.append(e.RunFinished(t=8105 * MS, status="done", answer="k4"))
    return s.events


def until(events: Sequence[e.AnyEvent], ms: int) -> list[e.AnyEvent]:
    """The run's beginning."""
    return [event for event in events if event.t <= ms * MS]


class FakeModels:
    """Knows every name; `sim/…` is simulated."""

    closed = False

    def info(self, model: str) -> ModelInfo:
        kind: RunKind = "simulated" if model.startswith("sim/") else "real"
        room = model.partition("/")[0]
        return ModelInfo(name=model, provider=room, endpoint=room, kind=kind, prices=PRICES)

    def provider(self, model: str) -> Any:
        raise AssertionError("no model is called here")

    async def aclose(self) -> None:
        self.closed = True


class FakeSystems:
    """Two systems by name; anything else is notation."""

    def __init__(self, *systems: System) -> None:
        self.known = {system.name: system for system in systems}

    def names(self) -> list[str]:
        return list(self.known)

    def get(self, name: str) -> System:
        if name not in self.known:
            raise SystemFileError(f"there is no system {name!r}")
        return self.known[name]

    def find(self, text: str) -> System:
        return self.known[text] if text in self.known else System(root=notation.parse(text))

    def file_of(self, text: str) -> Path | None:
        return None

    def resolve(self, system: System, file: Path | None = None) -> System:
        return system


@dataclass
class FakeStore:
    """A ledger in memory."""

    ready: ClassVar[bool] = True

    def open(self) -> None:
        """It always is."""

    kept: dict[str, list[e.AnyEvent]] = field(default_factory=dict)
    recorded: list[e.AnyEvent] = field(default_factory=list)
    past: Past = Past(spent=14_200_000_000, runs=18)
    settled: int = 0
    closed: bool = False

    def recorder(self) -> Sink:
        return self.recorded.append

    def events(self, ref: str) -> list[e.AnyEvent]:
        if ref not in self.kept:
            raise LedgerError(f"there is no run {ref!r}")
        return self.kept[ref]

    async def settle(self) -> None:
        self.settled = len(self.recorded)

    def today(self) -> Past:
        return self.past

    def runs(self, query: RunQuery, *, limit: int, after: RunRow | None = None, skip: int = 0) -> list[RunRow]:
        return []

    def row(self, ref: str) -> RunRow:
        if ref not in self.kept:
            raise LedgerError(f"there is no run {ref!r}")
        view = RunView().apply_all(self.kept[ref])
        nothing = dict.fromkeys(RunRow._fields)
        return RunRow(**nothing | {"id": view.id, "system": view.system, "status": view.status})  # type: ignore[arg-type]

    def calls(self, ref: str, *, limit: int) -> list[CallRow]:
        return []

    def count(self, query: RunQuery) -> int:
        return 0

    def measures(self, query: RunQuery) -> Measures:
        return Measures(kind="real", measured=(), runs=0)

    def tag_names(self) -> list[str]:
        return []

    def grade(self, ref: str, grade: Grade) -> None:
        raise LedgerError("nothing is graded here")

    def tag(self, ref: str, *tags: str) -> None:
        raise LedgerError("nothing is tagged here")

    untag = tag

    def delete(self, *refs: str) -> list[str]:
        raise LedgerError("nothing is deleted here")

    def restore(self, *ids: str) -> None:
        raise LedgerError("nothing is restored here")

    def export(self, *, refs: Sequence[str], format: Format) -> Iterator[str]:  # noqa: A002
        raise LedgerError("nothing is exported here")

    def close(self) -> None:
        self.closed = True


@dataclass
class _PuppetCall:
    name: str
    stopped: list[str]

    def halt(self, reason: str) -> None:
        self.stopped.append(self.name)


@dataclass
class Puppet:
    """In place of the engine: sends the events it is told to, ends when told or cancelled."""

    events: Sequence[e.AnyEvent] = ()
    ends: bool = True
    """False: stays in mid-run until it is cancelled."""
    fired: list[System] = field(default_factory=list)
    cancelled: int = 0
    stopped_calls: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def halt(self, status: str, reason: str) -> None:
        """As `engine.run.Run` is halted by hand."""
        self.stop.set()

    async def __call__(
        self, system: System, task: Task, models: Models, *, sinks: Sequence[Sink], **options: Any
    ) -> RunView:
        self.fired.append(system)
        self.prompt = task.messages[-1].content
        self.options, self.stop = options, asyncio.Event()
        self.open_calls = {call: _PuppetCall(call, self.stopped_calls) for call in ("c1", "c2")}
        options["control"].attach(self)

        def send(event: e.AnyEvent) -> None:
            for sink in sinks:
                sink(event)

        for event in self.events:
            send(event)
        last = max((event.t for event in self.events), default=0)
        if not self.ends:
            try:
                await self.stop.wait()
            finally:
                self.cancelled += 1
                send(e.RunFinished(t=last, status="cancelled"))
        return RunView()


@dataclass
class FakeEmbedded:
    """An embedded model that is fetched in three steps, each when `step` is called."""

    absent: set[str] = field(default_factory=set)
    error: Exception | None = None
    report: Callable[[Fetch], None] | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: bool = False

    def missing(self, model: str) -> str | None:
        return "93 MB, once" if model in self.absent else None

    async def fetch(self, model: str, progress: Callable[[Fetch], None]) -> None:
        self.report = progress
        progress(Fetch(41_000_000, 93_000_000, "fetching"))
        if self.error is not None:
            raise self.error
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        self.absent.discard(model)


class FakeClock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.ns = STARTED

    def now(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        self.ns += round(seconds * 1e9)
        await asyncio.sleep(0)


def services(execute: Any = None, **changes: Any) -> Services:
    """Services around a script."""
    system = race_and_judge()
    single = System(name="single", description="One call.", root=Model(model="local/smollm2-135m"))
    given: dict[str, Any] = {
        "models": FakeModels(),
        "config": Config(),
        "systems": FakeSystems(system, single),
        "notation": notation,
        "execute": execute or Puppet(),
        "forecast": lambda system, allow_code: Forecast(11, 11),
        "store": FakeStore(),
        "now": lambda: STARTED,
        "new_seed": lambda: 7,
    }
    return Services(**{**given, **changes})
