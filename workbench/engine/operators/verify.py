"""The first candidate that gets thumbs up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from workbench.analysis import answers
from workbench.analysis.clusters import cluster
from workbench.engine.events import Candidate
from workbench.engine.scope import NodeFailed, Scope, judged, places
from workbench.engine.task import Task
from workbench.engine.verdicts import Verdict, examine
from workbench.systems.nodes import Verify


async def verify(node: Verify, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the first accepted candidate; when none is, what `fallback` says, marked unverified."""
    groups = [[place] for place in places(node.of)] if node.mode == "serial" else [places(node.of)]
    seen: list[Candidate] = []
    reasons: list[str] = []

    async def ask(candidate: Candidate) -> Verdict:
        return await examine(
            scope,
            node.verifier,
            "verifier",
            candidate,
            task,
            prompt=node.prompt,
            votes=node.votes,
            threshold=node.threshold,
        )

    for group in groups:
        async with scope.candidates(group, task) as candidates, aclosing(judged(candidates, ask)) as verdicts:
            async for candidate, verdict in verdicts:
                if verdict.accepted:
                    passed = scope.changed(candidate, verified=True, score=verdict.score)
                    scope.choose([passed], f"accepted by {verdict.by}")
                    yield passed
                    return
        seen += candidates.seen
        reasons.append(candidates.reasons())
    done = [c for c in seen if c.status == "done"]
    if not done:
        yield scope.best_effort(seen, "; ".join(dict.fromkeys(reasons)))
        return
    yield unverified(scope, done, node.fallback)


def unverified(scope: Scope, done: list[Candidate], fallback: str) -> Candidate:
    """What passes when no candidate is accepted. Raises `NodeFailed` where nothing may."""
    if fallback == "none":
        raise NodeFailed("no candidate was accepted")
    chosen = done[0]
    if fallback == "random":
        chosen = scope.random.choice(done)
    elif fallback == "plurality":
        groups = cluster([(c.id, answers.Key(c.key, c.key_rule)) for c in done if c.key is not None])
        chosen = next((c for c in done if groups and c.id == groups[0].members[0]), done[0])
    passed = scope.changed(chosen, verified=False)
    if fallback == "escalate":
        scope.run.escalated.add(passed.id)
    scope.choose([passed], f"none of {len(done)} was accepted; fallback {fallback}, unverified")
    return passed
