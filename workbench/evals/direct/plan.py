"""Which systems are known without the engine, and a system as a plan of what its nodes do with draws."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.analysis import answers
from workbench.analysis.pool import Pool
from workbench.engine.scope import most
from workbench.evals.asking import TESTS
from workbench.evals.direct import operators as op
from workbench.evals.direct import readers
from workbench.evals.direct.stage import Plan
from workbench.evals.direct.work import Work
from workbench.systems import nodes, tree
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
    nodes.Judge: readers.JudgeWork,
    nodes.Route: readers.RouteWork,
    nodes.Chain: readers.ChainWork,
    nodes.Refine: readers.RefineWork,
    nodes.Debate: readers.DebateWork,
}


def fits(system: System, pool: Pool) -> bool:
    """Whether every call of the system is answered by a draw, and all its rules are known here."""
    if system.budget != Budget() or answers.parse_kind(system.extract).needs_model:
        return False
    if "" in pool.models and len(pool.models) > 1:
        return False  # which of the unnamed draws a name means is told task by task
    known = _Known(pool)
    return known.node(system.root) and _calls(system.root) <= _MOST_CALLS


def _calls(node: AnyTest) -> int:
    if not isinstance(node, Node):
        return 0
    return node.replicas * (isinstance(node, Model) + sum(_calls(child.node) for child in tree.children(node)))


class _Known:
    """What a pool can answer."""

    def __init__(self, pool: Pool) -> None:
        draws = [draw for draws in pool.tasks.values() for draw in draws]
        self._longest = max((draw.latency or 0.0 for draw in draws), default=0.0)

    def node(self, node: AnyNode) -> bool:
        """Whether the node and all below it are known."""
        if isinstance(node, Model):
            return self._asked(node)
        branches = [child.node for child in tree.children(node) if child.role in node.branches_in]
        return self._rules(node) and all(isinstance(child, Node) and self.node(child) for child in branches)

    def _asked(self, model: AnyTest) -> bool:
        if not isinstance(model, Model) or model.model in TESTS:
            return False
        return model.timeout is None or model.timeout > self._longest

    def _rules(self, node: AnyNode) -> bool:
        if isinstance(node, nodes.Ensemble):
            return True
        if isinstance(node, nodes.Race):
            return node.rule != "thinking" or not node.grace
        if isinstance(node, nodes.Vote):
            return _parsed(node.extract)
        return getattr(node, "prompt", None) is None and self._reads(node)

    def _reads(self, node: AnyNode) -> bool:
        if isinstance(node, nodes.Verify | nodes.Filter):
            return _test(node.verifier)
        if isinstance(node, nodes.Cascade):
            agreement = isinstance(node.accept, nodes.Agreement) and _parsed(node.accept.extract)
            return agreement or _test(node.accept)
        if isinstance(node, nodes.Best):
            return _test(node.scorer)
        if isinstance(node, nodes.Judge):
            return self._asked(node.judge) and node.see == "children"
        if isinstance(node, nodes.Route):
            return self._asked(node.router)
        if isinstance(node, nodes.Refine):
            return self._asked(node.critic) or _test(node.critic)
        return isinstance(node, nodes.Chain) or (isinstance(node, nodes.Debate) and _parsed(node.extract))


def _test(test: AnyTest) -> bool:
    if isinstance(test, Model) and test.model in TESTS:
        first, idle = test.first_token_timeout, test.idle_timeout
        return test == Model(model=test.model, first_token_timeout=first, idle_timeout=idle)
    return isinstance(test, _TEXTS)


def _parsed(extract: str) -> bool:
    return not answers.parse_kind(extract).needs_model


def plan_of(system: System, pool: Pool) -> Plan:
    """What the system does. A model alone and a root of several copies are copies."""
    one = pool.models == ("",)
    root = system.root
    if isinstance(root, Model) or root.replicas > 1:
        return _planned(root, op.CopiesWork, [[("", root)]], one)
    return _plan(root, one)


def _plan(node: AnyNode, one: bool) -> Plan:
    works = _RACES[node.rule] if isinstance(node, nodes.Race) else _WORKS[type(node)]
    branches = [(child.step, child.node) for child in tree.children(node) if child.role in node.branches_in]
    apart = isinstance(node, nodes.Cascade | nodes.Chain | nodes.Route)
    return _planned(node, works, [[branch] for branch in branches] if apart else [branches], one)


def _planned(node: Node, works: type[Work], together: Sequence[Sequence[tuple[str, AnyTest]]], one: bool) -> Plan:
    """`together`: (step, child) of those that start at once."""
    slots: list[str | Plan] = []
    counts: list[int] = []
    steps: list[str] = []
    groups = []
    for group in together:
        first = len(slots)
        for step, child in group:
            assert isinstance(child, Node)
            slots += [_model(child, one) if isinstance(child, Model) else _plan(child, one)] * child.replicas
            counts += [most(child)] * child.replicas
            steps += [f"{step}#{i}" if child.replicas > 1 else step for i in range(1, child.replicas + 1)]
        groups.append(range(first, len(slots)))
    if isinstance(node, nodes.Verify) and works is op.VerifyWork and node.mode == "serial":
        groups = [range(slot, slot + 1) for slot in range(len(slots))]
    return Plan(node, works, tuple(slots), tuple(groups), tuple(counts), tuple(steps), _asks(node, one))


def _asks(node: Node, one: bool) -> str:
    asked = [getattr(node, field) for field in node.arguments]
    return next((_model(each, one) for each in asked if isinstance(each, Model)), "")


def _model(model: Model, one: bool) -> str:
    return "" if one else model.model
