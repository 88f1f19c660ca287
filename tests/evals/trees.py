"""Random systems and pools for what-ifs."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from workbench.analysis.pool import Draw, Pool
from workbench.systems import nodes
from workbench.systems.nodes import AnyNode, AnyTest, Model

VERDICT, SCORE = (Model(model=f"recorded/{name}") for name in ("verdict", "score"))
TESTS: st.SearchStrategy[AnyTest] = st.sampled_from(
    [VERDICT, SCORE, nodes.Contains(text="2"), nodes.Regex(pattern="say|answer"), nodes.Number(at_least=2)]
)
SCORERS: st.SearchStrategy[AnyTest] = st.sampled_from([SCORE, nodes.Contains(text="2"), nodes.Number(at_least=2)])
THRESHOLDS = st.sampled_from([0.3, 0.5, 0.8])
WORDS = (" ", "B", "C > A > B", "It is x.", "Verdict: accepted", "Verdict: rejected")
LEAVES: st.SearchStrategy[AnyNode] = st.builds(Model, model=st.sampled_from(["m", "n"]), replicas=st.integers(1, 3))


OPERATORS = ("ensemble", "race", "vote", "verify", "filter", "best", "cascade")
READERS = ("judge", "route", "chain", "refine", "debate")
"""Those whose models read what others answered."""


@st.composite
def _reader(draw: st.DrawFn, below: st.SearchStrategy[AnyNode]) -> AnyNode:
    of = tuple(draw(st.lists(below, min_size=1, max_size=3)))
    asked, copies = Model(model=draw(st.sampled_from(["m", "n"]))), draw(st.sampled_from([1, 1, 2]))

    def one(**fields: Any) -> dict[str, Any]:
        return {name: draw(st.sampled_from(values)) for name, values in fields.items()}

    some = draw(st.sampled_from(READERS))
    if some == "judge":
        fields = one(mode=["synthesize", "select", "rank"], swap=[False, True], quorum=[None, None, 1, 2])
        return nodes.Judge(judge=asked, of=of, replicas=copies, wait=draw(st.sampled_from([None, None, 1.7])), **fields)
    if some == "route":
        branches = tuple(nodes.Branch(label=label, to=to) for label, to in zip(("x", "B", "else"), of, strict=False))
        return nodes.Route(router=asked, branches=branches, replicas=copies)
    if some == "chain":
        return nodes.Chain(steps=of, replicas=copies, **one(carry=["rewrite", "candidates"]))
    if some == "refine":
        critics: list[AnyTest] = [VERDICT, asked, nodes.Contains(text="2")]
        return nodes.Refine(
            critic=draw(st.sampled_from(critics)), of=of, replicas=copies, rounds=draw(st.integers(1, 3))
        )
    return nodes.Debate(of=of, replicas=copies, rounds=draw(st.integers(1, 3)))


@st.composite
def _operator(draw: st.DrawFn, below: st.SearchStrategy[AnyNode]) -> AnyNode:
    """Any operator that the short way knows, over one to three children."""
    of = tuple(draw(st.lists(below, min_size=1, max_size=3)))

    def one(**fields: Any) -> dict[str, Any]:
        return {name: draw(st.sampled_from(values)) for name, values in fields.items()}

    some = draw(st.sampled_from(OPERATORS))
    copies = draw(st.sampled_from([1, 1, 2]))
    threshold = draw(THRESHOLDS)
    if some == "ensemble":
        return nodes.Ensemble(of=of, replicas=copies, **one(quorum=[None, None, 1, 2]))
    if some == "race":
        fields = one(take=[1, 1, 2, 3], rule=["first", "first", "thinking", "shortest"], losers=["cancel", "finish"])
        fields |= one(stagger=[0.0, 0.0, 0.7]) | (one(grace=[0.0, 1.3]) if fields["rule"] != "thinking" else {})
        return nodes.Race(of=of, replicas=copies, **fields)
    if some == "vote":
        fields = one(tie=["first", "shortest", "random"], stop=["all", "decided"])
        return nodes.Vote(of=of, replicas=copies, **fields, **one(weights=["none", "none", "verifier", "probability"]))
    if some == "verify":
        fields = one(mode=["parallel", "serial"], fallback=["first", "plurality", "escalate", "random", "none"])
        fields |= one(votes=[1, 1, 2, 3])
        return nodes.Verify(verifier=draw(TESTS), of=of, replicas=copies, threshold=threshold, **fields)
    if some == "filter":
        fields = one(fallback=["all", "first", "plurality", "random", "none"])
        fields |= one(votes=[1, 1, 2, 3])
        return nodes.Filter(verifier=draw(TESTS), of=of, replicas=copies, threshold=threshold, **fields)
    if some == "best":
        return nodes.Best(scorer=draw(SCORERS), of=of, replicas=copies, take=draw(st.integers(1, 2)))
    accept = draw(st.one_of(TESTS, st.builds(nodes.Agreement, at_least=THRESHOLDS)))
    return nodes.Cascade(accept=accept, of=of, replicas=copies, threshold=threshold)


def systems() -> st.SearchStrategy[nodes.System]:
    """Systems of the operators that need no engine, three levels of them and more."""
    roots = st.recursive(LEAVES, lambda below: st.one_of(_operator(below), _reader(below)), max_leaves=5)
    return st.builds(nodes.System, root=roots, on_none=st.sampled_from(["fail", "best_effort"]))


def pool(
    seed: int, tasks: int = 3, draws: int = 6, models: tuple[str, ...] = ("",), *, odd: bool = False, ties: bool = False
) -> Pool:
    """Draws of every kind: cut off, failed, without a key. `odd` ones may be blank, though they are recorded as done,
    or the word of a judge, router or critic, and some tasks have a target; with `ties` many end at one moment."""
    dice = random.Random(seed)

    def draw(model: str) -> Draw:
        return Draw(
            model=model,
            done=dice.random() < 0.8,
            correct=dice.random() < 0.5,
            key=dice.choice(["1", "2", "three apples", None]),
            latency=dice.choice([0.0, 1.0, 1.0, 2.0]) if ties else dice.uniform(0.1, 9),
            tokens=dice.randint(1, 99),
            cost=dice.randint(100, 999),
            prompt_cost=dice.randint(0, 99),
            text=dice.choice(["", "", "", *(f"I say {dice.randint(1, 3)}" for _ in range(2)), *(WORDS if odd else ())]),
            thinking=dice.choice(["", "hm"]),
            accepted=None if odd and dice.random() < 0.1 else dice.random() < 0.4,
            score=None if odd and dice.random() < 0.1 else dice.randint(0, 10) / 10,
        )

    drawn = {str(t): tuple(draw(m) for m in models for _ in range(draws)) for t in range(tasks)}
    if odd and len(models) > 1 and dice.random() < 0.3:  # a task may lack one of the models
        drawn["1"] = tuple(each for each in drawn["1"] if each.model == models[0])
    return Pool(tasks=drawn, targets={task: "2" for task in drawn if odd and task != "0"})


def unknown_tokens(drawn: Pool) -> Pool:
    """The same pool without its counts."""
    bare = {task: tuple(structs.replace(d, tokens=None) for d in draws) for task, draws in drawn.tasks.items()}
    return structs.replace(drawn, tasks=bare)
