"""What would go wrong, or be a waste, said before anything is spent; each finding names its node and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from workbench.systems.counting import Count, count_calls, count_candidates
from workbench.systems.nodes import (
    Agreement,
    AnyTest,
    Best,
    Cascade,
    Chain,
    Check,
    Command,
    Debate,
    Ensemble,
    Filter,
    JsonSchema,
    Judge,
    Model,
    Node,
    Number,
    PythonTests,
    Race,
    Ref,
    Refine,
    Regex,
    Route,
    System,
    Verify,
    Vote,
    kind_of,
)
from workbench.systems.tree import children, walk

__all__ = ["Count", "Known", "KnownModel", "Problem", "check", "count_calls", "count_candidates"]

ASK_ABOVE = 1_000
"""A system that may make more calls than this is not fired without asking."""
DEEP = 12
"""Nesting from which a system is hard to follow and slow."""

Severity: TypeAlias = Literal["error", "ask", "warning", "info"]
EXTRACTORS = ("auto", "text", "final", "boxed", "number", "choice", "code")
_PARAMETERISED = ("json:", "regex:", "model:")


class KnownModel(Protocol):
    """What the checks read of a model (a `ModelInfo`)."""

    @property
    def available(self) -> bool: ...
    @property
    def problem(self) -> str: ...
    @property
    def reasoning(self) -> bool: ...
    @property
    def context(self) -> int | None: ...


class Known(Protocol):
    """Every model by name (a `Models`)."""

    def info(self, model: str) -> KnownModel:
        """What is known of the model."""
        ...


class Problem(Struct, frozen=True):
    """One finding. `error`: it can't run; `ask`: it asks first; `warning`: it is probably not what is meant; `info`."""

    path: str
    severity: Severity
    message: str
    hint: str = ""


Found: TypeAlias = Iterator[tuple[Severity, str, str]]


def check(system: System, models: Known | None = None, allow_code: bool = False) -> list[Problem]:
    """Everything there is to say about the system, errors first, then in the order of the tree.

    `models` tells which models exist and which of them think; without it nothing is said about that. `allow_code` says
    that checks which run code may.
    """
    problems = [Problem("", *found) for found in _of_system(system)]
    for path, node in walk(system.root):
        for found in _of_node(node, models, allow_code):
            problems.append(Problem(path, *found))
    for path, node in walk(system.root):
        problems.extend(_misplaced_agreement(path, node))
    order: list[Severity] = ["error", "ask", "warning", "info"]
    return sorted(dict.fromkeys(problems), key=lambda problem: order.index(problem.severity))


def _of_system(system: System) -> Found:
    count = count_calls(system.root)
    if count.high > ASK_ABOVE:
        yield (
            "ask",
            f"a run may make up to {count.high:,} calls",
            "A budget (max_usd, max_tokens) limits what it can cost.",
        )
    depth = max(path.count("/") + 2 if path else 1 for path, _ in walk(system.root))
    if depth > DEEP:
        yield "warning", f"the tree is {depth} levels deep; each level waits for the one below", ""
    yield from _extractor(system.extract, "extract")


def _of_node(node: AnyTest, models: Known | None, allow_code: bool) -> Found:
    if isinstance(node, Check) and node.runs_code and not allow_code:
        yield "warning", f"{kind_of(node)} runs code, which is not allowed: it will abstain", "--allow-code allows it."
    if isinstance(node, Model) and models is not None:
        yield from _known(node, models)
    if isinstance(node, Race) and node.rule == "thinking" and models is not None:
        yield from _thinkers(node, models)
    if isinstance(node, Node):
        yield from _empty(node)
        quorum = getattr(node, "quorum", None)
        if quorum is not None:
            yield from _quorum(node, quorum)
    finder = _FINDERS.get(type(node))
    if finder is not None:
        yield from finder(node)


def _empty(node: Node) -> Found:
    if any(not getattr(node, field) for field in node.branches_in):
        what = {"steps": "steps", "branches": "branches"}.get(node.branches_in[0], "children")
        yield "error", f"{kind_of(node)} has no {what}", "Add a model."


def _known(node: Model, models: Known) -> Found:
    info = models.info(node.model)
    if not info.available:
        yield (
            "warning",
            info.problem or f"{node.model} can't be called now",
            "Choose another model, or see `workbench models`.",
        )
    if node.max_tokens is not None and info.context is not None and node.max_tokens > info.context:
        yield "warning", f"max_tokens {node.max_tokens:,} is more than the model's context of {info.context:,}", ""


def _thinkers(node: Race, models: Known) -> Found:
    names = dict.fromkeys(child.model for _, child in walk(_all_of(node)) if isinstance(child, Model))
    dull = [name for name in names if not models.info(name).reasoning]
    if dull:
        message = f"rule thinking: {', '.join(dull)} is not known to think, so its first word of answer counts"
        yield "info", message, ""


def _all_of(node: Race) -> Ensemble:
    return Ensemble(of=node.of)


def _model(node: Model) -> Found:
    if node.replicas > 1 and node.seed is not None:
        severity: Severity = "warning"
        yield (
            severity,
            f"{node.replicas} replicas with the same seed may be {node.replicas} copies",
            "Leave the seed empty.",
        )
    elif node.replicas > 1 and node.temperature == 0:
        yield "warning", f"{node.replicas} replicas at temperature 0 are copies of one answer", "Try @0.7."
    if node.prompt is not None and "{prompt}" not in node.prompt:
        yield "warning", "the prompt template has no {prompt}: the question is never asked", "Add {prompt}."


def _race(node: Race) -> Found:
    candidates = count_candidates(Ensemble(of=node.of))
    if node.of and node.take >= candidates.high:
        word = "candidate" if candidates.high == 1 else "candidates"
        message = f"take {node.take} of {candidates.high} {word}: nobody can lose this race"
        yield "warning", message, "Add replicas, or take fewer."
    if node.losers == "finish" and node.grace:
        yield "info", "grace says nothing where the losers finish anyway", ""


def _vote(node: Vote) -> Found:
    yield from _extractor(node.extract, "extract")
    candidates = count_candidates(Ensemble(of=node.of))
    if node.of and candidates.high < 2:
        yield "warning", "a vote with one ballot decides nothing", "Add replicas."
    elif node.extract in ("auto", "text"):
        how = (
            "as whole texts"
            if node.extract == "text"
            else "as whole texts where no final answer, number or choice is found"
        )
        yield (
            "info",
            f"ballots are compared {how}: free texts hardly ever agree",
            "Set extract, or use a judge for free text.",
        )
    if node.weights == "verifier" and not any(isinstance(child, Filter | Verify | Best) for _, child in walk(node)):
        yield "warning", "weights: verifier, but nothing below gives a score", "Put a filter or best below."


def _judge(node: Judge) -> Found:
    candidates = count_candidates(Ensemble(of=node.of))
    if node.of and candidates.high < 2:
        hint = "Add candidates; one answer is checked by verify or improved by refine."
        yield "warning", "a judge over one candidate has nothing to compare", hint
    if node.prompt is not None and not node.prompt.startswith("@") and "{candidates}" not in node.prompt:
        yield "warning", "the judge's prompt has no {candidates}: it never sees them", "Add {candidates}."


def _quorum(node: Node, quorum: int) -> Found:
    most = count_candidates(Ensemble(of=getattr(node, "of", ()))).high
    if quorum > most:
        yield "error", f"quorum {quorum} can't be reached by {most} candidates", f"At most {most}."


def _one_sample(node: Verify | Filter | Best) -> Found:
    candidates = count_candidates(Ensemble(of=node.of))
    if node.of and candidates.high < 2:
        yield "info", f"{kind_of(node)} over one candidate can only pass or mark it", "Add replicas to choose from."
    if isinstance(node, Best) and node.of and node.take >= candidates.high > 1:
        yield "warning", f"take {node.take} of {candidates.high} candidates keeps them all", "Take fewer."
    votes = getattr(node, "votes", 1)
    tester = getattr(node, "verifier", None)
    if votes > 1 and isinstance(tester, Check):
        yield "info", f"{kind_of(tester)} says the same each time: votes {votes} changes nothing", ""
    elif votes % 2 == 0:
        yield "info", f"votes {votes} may tie, and a tie rejects", f"Try {votes + 1}."


def _cascade(node: Cascade) -> Found:
    if len(node.of) == 1:
        yield "warning", "a cascade of one branch has nowhere to go on to", "Add a dearer branch."
    if isinstance(node.accept, Agreement):
        for number, branch in enumerate(node.of[:-1], 1):
            if count_candidates(branch).high < 2:
                message = f"branch {number} gives one candidate, which can't agree with itself: it is never accepted"
                yield "warning", message, "Use an ensemble, e.g. ensemble(3*model)."


def _route(node: Route) -> Found:
    labels = [branch.label for branch in node.branches]
    folded = [label.casefold() for label in labels]
    twice = sorted({label for label in labels if folded.count(label.casefold()) > 1})
    if twice:
        yield "error", f"the label {twice[0]!r} stands at two branches", "Give each its own."
    if node.branches and "else" not in labels:
        yield "warning", "no branch is called else: a reply that names no label fails the run", "Add else: …"
    if len(node.branches) == 1:
        yield "warning", "a route with one branch always goes there", "Add branches."


def _chain(node: Chain) -> Found:
    if len(node.steps) == 1:
        yield "info", "a chain of one step is that step", "Add a step, or unwrap."
    for number, step in enumerate(node.steps[:-1], 1):
        if node.carry == "rewrite" and count_candidates(step).low > 1:
            message = f"step {number} gives several answers; only the first to finish becomes the next query"
            yield "info", message, "carry=candidates hands all of them on."


def _debate(node: Debate) -> Found:
    yield from _extractor(node.extract, "extract")
    if node.of and count_candidates(Ensemble(of=node.of)).high < 2:
        yield "warning", "a debate of one has nobody to answer", "Add replicas."
    if node.rounds == 1:
        yield "info", "one round is an ensemble: nobody reads the others", "Use two rounds or more."


def _refine(node: Refine) -> Found:
    if count_candidates(Ensemble(of=node.of)).high > 1:
        yield "info", "only the first answer to finish is refined; the others are cancelled", ""


def _regex(node: Regex) -> Found:
    try:
        re.compile(node.pattern)
    except re.error as error:
        yield "error", f"the pattern is no regular expression: {error}", ""


def _number(node: Number) -> Found:
    if node.at_least is not None and node.at_most is not None and node.at_least > node.at_most:
        yield "error", f"no number is at least {node.at_least:g} and at most {node.at_most:g}", ""


def _schema(node: JsonSchema) -> Found:
    if not node.schema:
        yield "info", "an empty schema accepts any JSON", ""


def _program(node: Command) -> Found:
    if node.run and not node.run[0].strip():
        yield "error", "the command has no program", ""


def _tests(node: PythonTests) -> Found:
    if node.tests:
        try:
            compile(node.tests, "tests", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            yield "error", f"the tests are no valid Python: {error}", ""


def _extractor(extract: str, name: str) -> Found:
    if extract in EXTRACTORS:
        return
    prefix = next((known for known in _PARAMETERISED if extract.startswith(known)), None)
    if prefix is None:
        known = ", ".join([*EXTRACTORS, "json:<path>", "regex:<re>", "model:<name>"])
        yield "error", f"{name} {extract!r} is not known", f"One of {known}."
    elif extract == prefix:
        yield "error", f"{name} {extract!r} is not complete", f"Something follows {prefix}"
    elif prefix == "regex:":
        yield from _regex(Regex(pattern=extract.removeprefix(prefix)))


def _agreement(node: Agreement) -> Found:
    yield from _extractor(node.extract, "extract")


def _misplaced_agreement(path: str, node: AnyTest) -> Iterator[Problem]:
    """Agreement compares the candidates of a branch; elsewhere a test sees one candidate at a time."""
    if isinstance(node, Cascade):
        return
    for child in children(node):
        if isinstance(child.node, Agreement):
            message = f"agreement in a {kind_of(node)} sees one candidate at a time and can't compare"
            step = f"{path}/{child.step}" if path else child.step
            yield Problem(step, "warning", message, "It belongs in a cascade; to choose by agreement, use vote.")


def _ref(node: Ref) -> Found:
    yield "info", f"${node.ref} is not resolved: its calls are not counted", ""


_FINDERS: dict[type, Callable[[Any], Found]] = {
    Model: _model,
    Ref: _ref,
    Race: _race,
    Vote: _vote,
    Judge: _judge,
    Verify: _one_sample,
    Filter: _one_sample,
    Best: _one_sample,
    Cascade: _cascade,
    Route: _route,
    Chain: _chain,
    Refine: _refine,
    Debate: _debate,
    Regex: _regex,
    Number: _number,
    JsonSchema: _schema,
    Command: _program,
    PythonTests: _tests,
    Agreement: _agreement,
}
