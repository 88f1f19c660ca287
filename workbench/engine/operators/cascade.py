"""Branches in order, cheap to dear; the first accepted answer ends it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from workbench.analysis.clusters import cluster
from workbench.engine.events import Candidate
from workbench.engine.operators.vote import key_of
from workbench.engine.scope import Place, Scope, places
from workbench.engine.task import Task
from workbench.engine.verdicts import Verdict, announce, examine
from workbench.systems.nodes import Agreement, Cascade


async def cascade(node: Cascade, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield the first accepted answer. The last branch is not tested: nothing could follow."""
    seen: list[Candidate] = []
    reasons: list[str] = []
    branches = _branches(node)
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        async with scope.candidates(branch, task) as found:
            async for _ in found:
                pass
        seen += found.seen
        reasons.append(found.reasons())
        done = found.done()
        if not done:
            continue
        if last:
            scope.choose(done[:1], f"branch {number} of {len(branches)}, the last")
            yield done[0]
            return
        accepted, why = await _accepted(node, task, scope, done)
        if accepted is not None:
            scope.choose([accepted], f"branch {number} of {len(branches)}: {why}")
            yield accepted
            return
    yield _leftover(scope, seen, "; ".join(dict.fromkeys(reasons)))


def _branches(node: Cascade) -> list[list[Place]]:
    """The replicas of one branch run together."""
    steps: dict[str, list[Place]] = {}
    for place in places(node.of):
        steps.setdefault(place.step, []).append(place)
    return list(steps.values())


async def _accepted(node: Cascade, task: Task, scope: Scope, done: list[Candidate]) -> tuple[Candidate | None, str]:
    if isinstance(node.accept, Agreement):
        return await _agreed(node.accept, scope, done, task)
    for candidate in done:
        if candidate.id in scope.run.escalated:
            continue
        verdict = await examine(
            scope,
            node.accept,
            "accept",
            candidate,
            task,
            prompt=node.prompt,
            votes=node.votes,
            threshold=node.threshold,
        )
        if verdict.accepted:
            return scope.changed(candidate, verified=True, score=verdict.score), f"accepted by {verdict.by}"
    return None, ""


async def _agreed(test: Agreement, scope: Scope, done: list[Candidate], task: Task) -> tuple[Candidate | None, str]:
    keyed = [(c.id, await key_of(scope, c, test.extract, task)) for c in done]
    groups = cluster([(identity, key) for identity, key in keyed if key.value is not None])
    largest = groups[0].members if groups else ()
    share = len(largest) / len(done)
    chosen = next((c for c in done if largest and c.id == largest[0]), done[0])
    enough = share >= test.at_least and len(done) > 1
    reason = f"{len(largest)} of {len(done)} agree"
    if len(done) == 1:
        reason = "one candidate can't agree with itself"
    announce(
        scope,
        chosen,
        Verdict(word="accepted" if enough else "rejected", score=share, reason=reason, by="agreement"),
    )
    return (scope.changed(chosen, verified=True, score=share) if enough else None), reason


def _leftover(scope: Scope, seen: list[Candidate], reasons: str) -> Candidate:
    """The last branch gave nothing: the dearest earlier answer passes, unverified."""
    done = [c for c in seen if c.status == "done"]
    if not done:
        return scope.best_effort(seen, reasons)
    passed = scope.changed(done[-1], verified=False)
    scope.choose([passed], "no later branch answered; an unaccepted answer passes, unverified")
    return passed
