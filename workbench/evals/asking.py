"""What a system asks of a pool: which models, which recorded words, and whether it may."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from workbench.analysis.pool import Draw, Pool
from workbench.errors import InputError
from workbench.evals.outcomes import SCORE, VERDICT
from workbench.systems import tree
from workbench.systems.nodes import AnyTest, Model, Node, System

TESTS = (VERDICT, SCORE)
"""Models whose word on a draw was recorded with it."""
FIELDS = {VERDICT: ("verifier", "accept", "critic"), SCORE: ("verifier", "accept", "scorer")}
"""Where a node may ask for them."""


class Looked(Struct, frozen=True):
    """A recorded word that is looked up."""

    word: str
    """`VERDICT` or `SCORE`."""
    field: str
    draws: tuple[Draw, ...]
    """The done draws that it may be asked of."""


def check(system: System, pool: Pool) -> None:
    """Raises `InputError` for a model that the pool has no draws of, a recorded word in a place where it says nothing,
    and scores that are none."""
    known, asked = set(pool.models), set(tree.models(system))
    if known != {""} and (missing := asked - known - set(TESTS)):
        hint = f"It has {', '.join(sorted(known))}; judges and verifiers that are models need draws of their own."
        raise InputError(f"the pool has no draws of {', '.join(sorted(missing))}", where=pool.source, hint=hint)
    if misplaced := next(_misplaced(system.root, ""), None):
        raise InputError(misplaced, hint=f"{VERDICT} verifies and criticises, {SCORE} verifies and scores.")
    if SCORE in asked:
        _check_scores(pool)


def _check_scores(pool: Pool) -> None:
    scores = [draw.score for draws in pool.tasks.values() for draw in draws if draw.score is not None]
    if not scores:
        hint = "`score` on a line of a file of samples is one; so is that of a verifier or scorer of a run."
        raise InputError("the pool has no recorded scores", where=pool.source, hint=hint)
    if not 0 <= min(scores) <= max(scores) <= 1:
        what = f"recorded scores from {min(scores):g} to {max(scores):g} are not in [0, 1]"
        raise InputError(what, where=pool.source, hint="Scale them to [0, 1]; the curve `best` takes any.")


def looked_up(system: System, pool: Pool) -> Iterator[Looked]:
    """The recorded words that are asked for."""
    for _, node in tree.walk(system.root):
        if not isinstance(node, Node):
            continue
        for field in node.arguments:
            test = getattr(node, field)
            if isinstance(test, Model) and test.model in TESTS:
                names = set(_generators(node)) if pool.models != ("",) else {""}
                draws = (draw for draws in pool.tasks.values() for draw in draws)
                yield Looked(test.model, field, tuple(draw for draw in draws if draw.done and draw.model in names))


def _branches(node: AnyTest) -> Iterator[AnyTest]:
    if isinstance(node, Node):
        yield from (child.node for child in tree.children(node) if child.role in node.branches_in)


def _generators(node: AnyTest) -> Iterator[str]:
    if isinstance(node, Model):
        yield node.model
    for child in _branches(node):
        yield from _generators(child)


def _misplaced(node: AnyTest, field: str) -> Iterator[str]:
    """`field`: of which node's argument this is; a network there may do with a recorded word what it likes."""
    if isinstance(node, Model) and node.model in TESTS and field not in FIELDS[node.model]:
        yield f"{node.model} is no {field or 'generator'}: it is what was recorded of each draw"
    if not isinstance(node, Node):
        return
    for name in node.arguments:
        if isinstance(test := getattr(node, name), Model):
            yield from _misplaced(test, name)
    for child in _branches(node):
        yield from _misplaced(child, "")
