"""What is known and said before a run's first call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from workbench.analysis import answers
from workbench.engine import events as e
from workbench.engine import prompts
from workbench.engine.task import Task
from workbench.errors import InputError
from workbench.models.base import Message, Models, RunKind
from workbench.systems import tree
from workbench.systems.nodes import Agreement, AnyTest, Check, Debate, Model, Ref, System, Vote
from workbench.systems.notation import print_node
from workbench.systems.tree import children, join, walk

if TYPE_CHECKING:
    from workbench.engine.run import Run


def check(system: System) -> None:
    """Raises `InputError` for a `$ref` that is not resolved, a prompt or a kind of answer key that does not exist."""
    answers.parse_kind(system.extract)
    for path, node in walk(system.root):
        if isinstance(node, Ref):
            raise InputError(f"${node.ref} is not resolved", where=path or "root", hint="Resolve it with the library.")
        if isinstance(node, Vote | Debate | Agreement):
            answers.parse_kind(node.extract)
        if not isinstance(node, Model):
            prompts.load("verify", getattr(node, "prompt", None))


def kind_of_run(system: System, models: Models) -> RunKind:
    """Real where any of its calls may be, else recorded where any may be, else simulated."""
    kinds = {models.info(name).kind for name in tree.models(system)}
    return "real" if "real" in kinds or not kinds else "recorded" if "recorded" in kinds else "simulated"


def started_event(run: Run, run_id: str, started_at: int, tags: tuple[str, ...]) -> e.RunStarted:
    """The first event. `started_at`: ns since the Unix epoch."""
    return e.RunStarted(
        t=0,
        run=run_id,
        kind=run.kind,
        system=run.system.name,
        notation=print_node(run.system.root),
        system_json=msgspec.json.encode(run.system).decode(),
        messages=run.task.messages,
        seed=run.seed,
        started_at=started_at,
        budget=run.budget,
        target=run.task.target,
        extract=run.system.extract,
        tags=tags,
    )


def warnings(run: Run) -> Iterator[e.Warned]:
    """Prices that are unknown, and replicas that are copies of one answer."""
    for name in tree.models(run.system):
        info = run.models.info(name)
        if info.kind == "real" and (info.prices is None or info.prices.output is None):
            blind = run.budget.max_usd is not None or run.purse.by_day
            why = ", and no budget in dollars can stop it" if blind else ""
            yield e.Warned(t=run.now(), message=f"{name} has no known price: what it costs is unknown{why}")
    for path, node, copies in _copies(run.system.root):
        if copies > 1 and (node.temperature == 0 or node.seed is not None):
            what = "at temperature 0" if node.temperature == 0 else "with the same seed"
            yield e.Warned(t=run.now(), node=path, message=f"{copies} replicas of {node.model} {what} may be copies")


def messages(node: Model, task: Task) -> tuple[Message, ...]:
    """The task's conversation with the node's own template and system prompt."""
    said = task.messages
    if node.prompt is not None:
        said = task.asking(node.prompt.replace("{prompt}", task.query)).messages
    if node.system is not None:
        said = (Message("system", node.system), *(m for m in said if m.role != "system"))
    return said


def _copies(node: AnyTest, path: str = "", above: int = 1) -> Iterator[tuple[str, Model, int]]:
    """(path, model node, how many of it answer the same question)."""
    if isinstance(node, Check):
        return
    if isinstance(node, Model):
        yield path, node, above * node.replicas
    for child in children(node):
        yield from _copies(
            child.node, join(path, child.step), 1 if child.role in node.arguments else above * node.replicas
        )
