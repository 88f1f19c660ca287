"""What a what-if can't know: replies to what was never asked, words not recorded, draws that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.analysis.pool import Pool
from workbench.evals.asking import TESTS, looked_up
from workbench.evals.outcomes import VERDICT, Outcome
from workbench.systems import tree
from workbench.systems.nodes import AnyTest, Chain, Check, Debate, Model, Node, Refine, System, kind_of


def caveats(system: System, pool: Pool, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """What to know of these what-ifs of a system, one sentence each."""
    return tuple(dict.fromkeys((*_unasked(system), *_unknown(system, pool), *_lost(outcomes))))


def _unasked(system: System) -> Iterator[str]:
    kinds = dict.fromkeys(kind_of(node) for _, node in tree.walk(system.root) if isinstance(node, Node) and _asks(node))
    if kinds:
        *others, last = kinds
        who = f"{', '.join(others)} and {last}" if others else last
        yield (
            f"what {who} would ask is not the task's own prompt, for which the draws that stand for the replies "
            "were recorded: accuracy and latency may be other"
        )


def _unknown(system: System, pool: Pool) -> Iterator[str]:
    for looked in looked_up(system, pool):
        verdict = looked.word == VERDICT
        none = sum((draw.accepted if verdict else draw.score) is None for draw in looked.draws)
        if none:
            what = f"{none:,} of {len(looked.draws):,} draws have no recorded {'verdict' if verdict else 'score'}"
            yield f"{what}: they {_WITHOUT[looked.field]}"


def _lost(outcomes: Sequence[Outcome]) -> Iterator[str]:
    if short := sum(outcome.lost > 0 for outcome in outcomes):
        yield f"{short:,} of {len(outcomes):,} runs asked for more draws than their task has: such calls failed"


def _asks(node: Node) -> bool:
    if isinstance(node, Chain):
        return len(node.steps) > 1
    if isinstance(node, Debate):
        return node.rounds > 1
    if isinstance(node, Refine) or tree.extractor(node):
        return True
    return any(_replies(getattr(node, field)) for field in node.arguments)


_WITHOUT = {
    "verifier": "are not accepted",
    "accept": "are not accepted",
    "scorer": "come last",
    "critic": "stand as they are",
}


def _replies(test: AnyTest) -> bool:
    """Whether a test or judge is asked something, rather than looked up or worked out."""
    if isinstance(test, Model):
        return test.model not in TESTS
    return not isinstance(test, Check)
