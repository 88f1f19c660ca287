"""Runs for the ledger's tests: real ones of simulated and scripted models, and random ones that the grammar allows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.engine.fakes import ScriptedModels
from workbench.engine import events as e
from workbench.engine.clock import run_virtual
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.ledger import Ledger
from workbench.ledger.texts import MARK
from workbench.models.base import Message, ModelInfo, Models, Prices, Provider, Request, Usage
from workbench.models.simulated import SimulatedProvider
from workbench.systems.notation import parse_system

STARTED_AT = 1_700_000_000 * 10**9
SECOND = 10**9
QUERY = "What is 6 × 7?"
SYSTEMS = (
    "sim/small",
    "race(5*sim/small@0.8)",
    "race[take=2](4*sim/thinker)",
    "vote(5*sim/flaky)",
    "judge[sim/judge](race[take=2](4*sim/thinker))",
    "judge[sim/judge:garble-0.5](3*sim/small@0.7)",
    "verify[sim/judge](4*sim/coin)",
    "cascade[agreement](ensemble(3*sim/small@0.8), sim/large)",
)


class Mixed:
    """Simulated models, and scripted ones under every other name."""

    def __init__(self, scripted: Models | None = None) -> None:
        self._sim: Provider = SimulatedProvider()
        self._scripted = scripted

    def info(self, model: str) -> ModelInfo:
        if model.startswith("sim/") or self._scripted is None:
            return self._sim.info(model)
        return self._scripted.info(model)

    def provider(self, model: str) -> Provider:
        if model.startswith("sim/") or self._scripted is None:
            return self._sim
        return self._scripted.provider(model)

    async def aclose(self) -> None:
        return None


def fired(
    line: str,
    *,
    run: str = "run",
    prompt: str = QUERY,
    seed: int = 1,
    started_at: int = STARTED_AT,
    scripts: dict[str, Any] | None = None,
    info: dict[str, Any] | None = None,
    **options: Any,
) -> list[e.AnyEvent]:
    """The events of a whole run in simulated time."""
    events: list[e.AnyEvent] = []
    models = Mixed(ScriptedModels(scripts, **(info or {})) if scripts else None)
    task = Task.of(prompt, system=options.pop("system_prompt", None), target=options.pop("target", None))
    system = parse_system(line)
    main = execute(system, task, models, sinks=[events.append], seed=seed, run_id=run, started_at=started_at, **options)
    run_virtual(main)
    return events


def record(ledger: Ledger, events: Iterable[e.AnyEvent], *, stretches: Sequence[int] = ()) -> None:
    """Record a run and wait until it is in the file; `stretches`: after how many events to wait on the way."""
    recorder = ledger.recorder()
    for index, event in enumerate(events):
        if index in stretches:
            ledger.flush()
        recorder(event)
    ledger.flush()
    assert recorder.error is None


def short(
    run: str,
    *,
    prompt: str = QUERY,
    answer: str = "42",
    started_at: int = STARTED_AT,
    cost: int | None = 5,
    kind: Any = "real",
    status: Any = "done",
    **fields: Any,
) -> list[e.AnyEvent]:
    """A run of one call, as few events as there can be. `fields` go into its start."""
    messages = (Message("user", prompt),)
    start: dict[str, Any] = {"system": "", "notation": "lab/one", "seed": 1, **fields}
    start.setdefault("system_json", json.dumps([start["system"], start["notation"]]))
    usage = Usage(prompt_tokens=3, completion_tokens=2, source="reported")
    call = {"call": "c1", "node": "", "replica": 1, "role": "generate", "endpoint": "lab", "kind": kind}
    request = Request(model="lab/one", messages=messages)
    made = e.Candidate(id="k1", node="", status="done", text=answer, calls=("c1",))
    return [
        e.RunStarted(t=0, run=run, kind=kind, messages=messages, started_at=started_at, **start),
        e.CallQueued(t=1, request=request, **call),
        e.CallStarted(t=2, call="c1"),
        e.FirstToken(t=3, call="c1"),
        e.TextDelta(t=3, call="c1", text=answer),
        e.CallFinished(t=4, call="c1", status="done", finish_reason="stop", usage=usage, cost=cost),
        e.CandidateMade(t=4, candidate=made),
        e.RunFinished(t=5, status=status, answer="k1" if status == "done" else None),
    ]


# Random runs

_PLAIN = st.text(st.characters(exclude_categories=()), max_size=12)
_NASTY = st.sampled_from(
    ["", "\x00", "\ud83d", "a\udc80b", "👩‍🚀", "\n", "\r\n", "\x1b[31m", MARK + "0" * 64, MARK + "\ud800", "é" * 600]
)
_TEXTS = st.one_of(_PLAIN, _NASTY, st.integers(500, 3000).map(lambda n: "ab\n" * n))
_MAYBE = st.one_of(st.none(), st.integers(0, 2**40))
_IDS = itertools.count()


@st.composite
def _usages(draw: st.DrawFn) -> Usage:
    source: Any = draw(st.sampled_from(("reported", "estimated", "unknown")))
    return Usage(prompt_tokens=draw(_MAYBE), completion_tokens=draw(_MAYBE), cached_tokens=draw(_MAYBE), source=source)


@st.composite
def _calls(draw: st.DrawFn, call: str) -> list[Any]:
    """One call's events, at time 0."""
    messages = tuple(Message("user", text) for text in draw(st.lists(_TEXTS, min_size=1, max_size=2)))
    request = Request(model=draw(_PLAIN), messages=messages, seed=draw(_MAYBE), extra={"x": draw(_PLAIN)})
    role: Any = draw(st.sampled_from(("generate", "judge")))
    kind: Any = draw(st.sampled_from(("real", "simulated")))
    events: list[Any] = [
        e.CallQueued(t=0, call=call, node="of.0", replica=1, role=role, request=request, endpoint="lab", kind=kind)
    ]
    for attempt in range(1, draw(st.integers(1, 3)) + 1):
        if attempt > 1:
            error, cost, before = draw(_TEXTS), draw(_MAYBE), attempt - 1
            events.append(
                e.CallRetried(t=0, call=call, attempt=before, error_kind="timeout", error=error, wait_s=0.25, cost=cost)
            )
        events.append(e.CallStarted(t=0, call=call, attempt=attempt))
        deltas = draw(st.lists(st.tuples(_TEXTS, st.booleans()), max_size=25))
        if deltas:
            events.append(e.FirstToken(t=0, call=call))
        events += [
            e.TextDelta(t=0, call=call, text=text, channel="thinking" if thinks else "answer")
            for text, thinks in deltas
        ]
    status: Any = draw(st.sampled_from(("done", "failed", "cancelled", "truncated")))
    prices = draw(st.one_of(st.none(), st.builds(Prices, input=_MAYBE, output=_MAYBE)))
    end = e.CallFinished(
        t=0, call=call, status=status, usage=draw(_usages()), cost=draw(_MAYBE), prices=prices, error=draw(_TEXTS)
    )
    return [*events, end]


@st.composite
def _endings(draw: st.DrawFn, calls: list[str]) -> list[Any]:
    """Candidates, verdicts, scores and selections of ended calls, and the run's end."""
    events: list[Any] = []
    for call in calls:
        text, key = draw(_TEXTS), draw(st.one_of(st.none(), _PLAIN))
        made = e.Candidate(id=f"k-{call}", node="of.0#1", status="done", text=text, key=key, calls=(call,))
        events.append(e.CandidateMade(t=0, candidate=made))
        given = e.VerdictGiven(
            t=0, node="", candidate=made.id, verdict="accepted", by=draw(_PLAIN), reason=draw(_TEXTS), score=0.5
        )
        events.append(given)
    made_ids = tuple(f"k-{call}" for call in calls)
    if made_ids:
        scores = {"entropy": draw(st.floats(0, 1)), "minority": 0.5}
        cluster = e.Cluster(draw(_PLAIN), made_ids)
        events.append(
            e.DisagreementScored(
                t=0, node="", headline="entropy", score=scores["entropy"], scores=scores, clusters=(cluster,), n=1
            )
        )
        events.append(e.Selected(t=0, node="", winners=made_ids[:1], because=draw(_TEXTS), considered=made_ids))
    events.append(e.Warned(t=0, message=draw(_TEXTS)))
    events.append(e.NodeFinished(t=0, node="", status="done"))
    events.append(e.RunFinished(t=0, status="done", answer=made_ids[0] if made_ids else None, reason=draw(_TEXTS)))
    return events


@st.composite
def runs(draw: st.DrawFn) -> list[e.AnyEvent]:
    """A whole run that the grammar allows: calls interleaved in any order, texts of any kind."""
    names = [f"c{i}" for i in range(draw(st.integers(0, 4)))]
    queues = {name: draw(_calls(name)) for name in names}
    order = draw(st.permutations([name for name, queue in queues.items() for _ in queue]))
    prompt, system = draw(_TEXTS), draw(_PLAIN)
    start = e.RunStarted(
        t=0,
        run=f"random-{next(_IDS)}",
        kind="real",
        system=system,
        notation=draw(_PLAIN),
        system_json=draw(_TEXTS),
        messages=(Message("system", draw(_TEXTS)), Message("user", prompt)),
        seed=draw(st.integers(0, 2**63 - 1)),
        started_at=STARTED_AT,
        target=draw(st.one_of(st.none(), _PLAIN)),
        tags=tuple(draw(st.lists(_PLAIN, max_size=2))),
    )
    middle = [queues[name].pop(0) for name in order]
    events: list[Any] = [start, e.NodeStarted(t=0, node="", kind="race"), *middle, *draw(_endings(names))]
    gaps = draw(st.lists(st.sampled_from((0, 0, 1, 999, 10**6, 10**12)), min_size=1, max_size=7))
    timed: list[e.AnyEvent] = []
    now = 0
    for event, gap in zip(events, itertools.cycle(gaps), strict=False):
        timed.append(_at(event, now))
        now += gap
    return timed


def _at(event: Any, t: int) -> e.AnyEvent:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    made: e.AnyEvent = type(event)(**{**fields, "t": t})
    return made
