"""Which systems are known without the engine, and a system as a plan of what its nodes do with draws."""

from __future__ import annotations

from workbench.analysis import answers
from workbench.analysis.pool import Pool
from workbench.engine.scope import most
from workbench.evals.direct import operators as op
from workbench.evals.direct.work import Plan, Work
from workbench.evals.outcomes import SCORE, VERDICT
from workbench.systems import nodes
from workbench.systems.nodes import AnyNode, AnyTest, Budget, Model, Node, System

_MOST_CALLS = 1_000
"""What an endpoint is asked at once never waits for its turn."""
_TEXTS = (nodes.Regex, nodes.Number, nodes.JsonSchema, nodes.Contains)
_RACES: dict[str, type[Work]] = {"first": op.RaceWork, "thinking": op.ThinkingWork, "shortest": op.ShortestWork}
_WORKS: dict[type[Node], type[Work]] = {
    nodes.Ensemble: op.EnsembleWork,
    nodes.Vote: op.VoteWork,
    nodes.Verify: op.VerifyWork,
    nodes.Filter: op.FilterWork,
    nodes.Best: op.BestWork,
    nodes.Cascade: op.CascadeWork,
}


def fits(system: System, pool: Pool) -> bool:
    """Whether every call of the system is answered by a draw, and all its rules are known here."""
    if system.budget != Budget() or answers.parse_kind(system.extract).needs_model:
        return False
    if "" in pool.models and len(pool.models) > 1:
        return False  # which of the unnamed draws a name means is told task by task
    known = _Known(pool)
    return known.node(system.root) and _calls(system.root) <= _MOST_CALLS


def _calls(node: AnyNode) -> int:
    if isinstance(node, Model):
        return node.replicas
    return node.replicas * sum(_calls(child) for child in getattr(node, "of", ()))


class _Known:
    """What a pool can answer."""

    def __init__(self, pool: Pool) -> None:
        draws = [draw for draws in pool.tasks.values() for draw in draws]
        self._longest = max((draw.latency or 0.0 for draw in draws), default=0.0)
        self._judged = all(draw.accepted is not None for draw in draws if draw.done)
        self._scored = all(draw.score is not None for draw in draws if draw.done)

    def node(self, node: AnyNode) -> bool:
        """Whether the node and all below it are known."""
        if isinstance(node, Model):
            asked = node.model not in (VERDICT, SCORE)
            return asked and (node.timeout is None or node.timeout > self._longest)
        return self._rules(node) and all(self.node(child) for child in getattr(node, "of", ()))

    def _rules(self, node: AnyNode) -> bool:
        if isinstance(node, nodes.Ensemble):
            return True
        if isinstance(node, nodes.Race):
            return node.rule != "thinking" or not node.grace
        if isinstance(node, nodes.Vote):
            return node.weights == "none" and node.tie != "random" and _parsed(node.extract)
        if isinstance(node, nodes.Verify | nodes.Filter):
            return node.prompt is None and node.fallback != "random" and self._test(node.verifier)
        if isinstance(node, nodes.Cascade):
            agreement = isinstance(node.accept, nodes.Agreement) and _parsed(node.accept.extract)
            return node.prompt is None and (agreement or self._test(node.accept))
        return isinstance(node, nodes.Best) and node.prompt is None and self._scorer(node.scorer)

    def _test(self, test: AnyTest) -> bool:
        return isinstance(test, _TEXTS) or (self._judged and _recorded(test, VERDICT)) or self._score(test)

    def _scorer(self, test: AnyTest) -> bool:
        return isinstance(test, _TEXTS) or self._score(test)

    def _score(self, test: AnyTest) -> bool:
        return self._scored and _recorded(test, SCORE)


def _parsed(extract: str) -> bool:
    return not answers.parse_kind(extract).needs_model


def _recorded(test: AnyTest, name: str) -> bool:
    return test == Model(model=name, first_token_timeout=None, idle_timeout=None)


def plan_of(system: System, pool: Pool) -> Plan:
    """What the system does. A model alone and a root of several copies are copies."""
    one = pool.models == ("",)
    if isinstance(system.root, Model) or system.root.replicas > 1:
        return _planned(system.root, op.CopiesWork, (system.root,), one)
    return _plan(system.root, one)


def _plan(node: AnyNode, one: bool) -> Plan:
    works = _RACES[node.rule] if isinstance(node, nodes.Race) else _WORKS[type(node)]
    return _planned(node, works, getattr(node, "of", ()), one)


def _planned(node: Node, works: type[Work], children: tuple[AnyNode, ...], one: bool) -> Plan:
    slots: list[str | Plan] = []
    branches = []
    for child in children:
        below: str | Plan = ("" if one else child.model) if isinstance(child, Model) else _plan(child, one)
        branches.append(range(len(slots), len(slots) + child.replicas))
        slots += [below] * child.replicas
    groups = [range(len(slots))]
    if isinstance(node, nodes.Cascade) and works is op.CascadeWork:
        groups = branches
    elif isinstance(node, nodes.Verify) and works is op.VerifyWork and node.mode == "serial":
        groups = [range(slot, slot + 1) for slot in range(len(slots))]
    counts = tuple(most(child) for child in children for _ in range(child.replicas))
    return Plan(node, works, tuple(slots), tuple(groups), counts)
