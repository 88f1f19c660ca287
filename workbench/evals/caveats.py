"""What a what-if can't know: a draw was recorded for the task's own prompt, whatever a system asks in its place."""

from __future__ import annotations

from workbench.evals.outcomes import SCORE, VERDICT
from workbench.systems import tree
from workbench.systems.nodes import AnyTest, Chain, Check, Debate, Model, Node, Refine, System, kind_of


def caveats(system: System) -> tuple[str, ...]:
    """What to know of a what-if of this system, one sentence each."""
    kinds = dict.fromkeys(kind_of(node) for _, node in tree.walk(system.root) if isinstance(node, Node) and _asks(node))
    if not kinds:
        return ()
    *others, last = kinds
    who = f"{', '.join(others)} and {last}" if others else last
    return (
        f"what {who} would ask is not the task's own prompt, for which the draws that stand for the replies "
        "were recorded: accuracy and latency may be other",
    )


def _asks(node: Node) -> bool:
    if isinstance(node, Chain):
        return len(node.steps) > 1
    if isinstance(node, Debate):
        return node.rounds > 1
    return isinstance(node, Refine) or any(_replies(getattr(node, field)) for field in node.arguments)


def _replies(test: AnyTest) -> bool:
    """Whether a test or judge is asked something, rather than looked up or worked out."""
    if isinstance(test, Model):
        return test.model not in (VERDICT, SCORE)
    return not isinstance(test, Check)
