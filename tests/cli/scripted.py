"""Runs written by hand as events, so that what draws or prints a run can be tested without an engine."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.engine import events as e
from workbench.models.base import Message, Request, Usage

MS = 1_000_000
STARTED_AT = 1_700_000_000 * 10**9
WORDS = ("Jupiter ", "is ", "the ", "largest ", "planet.")


def race(
    replicas: int = 3, *, run: str = "run1", answer: str = "".join(WORDS), kind: str = "simulated"
) -> list[e.AnyEvent]:
    """A race whose first replica wins after 500 ms; the others are cancelled with half the text."""
    return sorted(_race(replicas, run, answer, kind), key=lambda event: event.t)


def _race(replicas: int, run: str, answer: str, kind: str) -> Iterator[e.AnyEvent]:
    words = [f"{word} " for word in answer.split(" ")]
    words[-1] = words[-1].rstrip(" ")
    assert kind in ("real", "simulated", "recorded")
    yield e.RunStarted(
        t=0,
        run=run,
        kind="simulated" if kind == "simulated" else "real",
        system="quick",
        notation=f"race({replicas}*sim/fast@0.8)",
        system_json="{}",
        messages=(Message("user", "Name the largest planet."),),
        seed=7,
        started_at=STARTED_AT,
    )
    yield e.NodeStarted(t=0, node="", kind="race")
    for i in range(1, replicas + 1):
        request = Request(
            model="sim/fast", messages=(Message("user", "Name the largest planet."),), temperature=0.8, seed=i
        )
        yield e.CallQueued(
            t=0,
            call=f"c{i}",
            node="of.0",
            replica=i,
            role="generate",
            request=request,
            endpoint="sim",
            kind="simulated",
        )
        yield e.CallStarted(t=MS, call=f"c{i}")
    for i in range(1, replicas + 1):
        yield e.FirstToken(t=(100 + i) * MS, call=f"c{i}")
    for step, word in enumerate(words):
        for i in range(1, replicas + 1):
            if i == 1 or step < len(words) // 2:
                yield e.TextDelta(t=(150 + 50 * step + i) * MS, call=f"c{i}", text=word)
    yield from _ends(replicas, answer, len(words))


def _ends(replicas: int, answer: str, words: int) -> Iterator[e.AnyEvent]:
    usage = Usage(prompt_tokens=12, completion_tokens=words, source="reported")
    yield e.CallFinished(t=500 * MS, call="c1", status="done", finish_reason="stop", usage=usage, cost=9_000_000)
    winner = e.Candidate(id="k1", node="of.0#1", status="done", text=answer, calls=("c1",), completion_tokens=words)
    yield e.CandidateMade(t=500 * MS, candidate=winner)
    yield e.Selected(t=500 * MS, node="", winners=("k1",), because="first to finish its answer", considered=("k1",))
    for i in range(2, replicas + 1):
        half = Usage(prompt_tokens=12, completion_tokens=words // 2, source="estimated", estimated_by="deltas")
        yield e.CallFinished(t=510 * MS, call=f"c{i}", status="cancelled", usage=half, cost=6_000_000)
        yield e.CandidateMade(
            t=510 * MS, candidate=e.Candidate(id=f"k{i}", node=f"of.0#{i}", status="cancelled", calls=(f"c{i}",))
        )
    yield e.DisagreementScored(
        t=515 * MS,
        node="of.0",
        headline="entropy",
        score=0.29,
        scores={"entropy": 0.29, "minority": 0.2},
        clusters=(e.Cluster("jupiter", ("k1",)), e.Cluster("saturn", ("k2",))),
        n=2,
    )
    yield e.NodeFinished(t=520 * MS, node="", status="done")
    yield e.RunFinished(t=520 * MS, status="done", answer="k1")
