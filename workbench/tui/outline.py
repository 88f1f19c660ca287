"""A system as the rows of its outline, with what each node is doing in a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache

import msgspec

from workbench.engine.view import RunView
from workbench.systems import tree
from workbench.systems.nodes import (
    AnyTest,
    Check,
    Debate,
    Judge,
    Model,
    Node,
    Race,
    Ref,
    Refine,
    Vote,
    kind_of,
)
from workbench.tui import states
from workbench.tui.states import Look
from workbench.tui.text import one_line

static_path = lru_cache(maxsize=4096)(tree.static_path)


class Row(msgspec.Struct, frozen=True):
    """One line of the outline."""

    path: str
    guide: str
    """The thin lines before it."""
    role: str
    """What it is to its parent where that is not plain: `judge`, `verifier`, a route's label."""
    kind: str
    name: str
    """What stands out: the operator, or the model's name."""
    detail: str
    """The rest, in words."""
    replicas: int
    inside: int = 0
    """How many nodes are below it."""
    folded: bool = False
    """Whether those are not shown."""


def rows(root: AnyTest, folded: Collection[str] = ()) -> list[Row]:
    """The outline of a system, parents first; arguments (a judge, a verifier) before children. `folded`: paths of nodes
    whose insides are left out."""
    return list(_rows(root, "", "", "", "", folded))


def _rows(node: AnyTest, path: str, role: str, before: str, hang: str, folded: Collection[str]) -> Iterator[Row]:
    name, detail = title(node)
    replicas = node.replicas if isinstance(node, Node) else 1
    below = list(tree.children(node))
    shut = bool(below) and path in folded
    mark = "▸ " if shut else "▾ " if below else "─ " if before else ""
    inside = sum(1 for _ in tree.walk(node)) - 1
    yield Row(path, before + mark, role, kind_of(node), name, detail, replicas, inside, shut)
    for index, child in enumerate([] if shut else below):
        last = index == len(below) - 1
        said = child.label or ("" if child.role in ("of", "steps") else child.role)
        yield from _rows(
            child.node,
            tree.join(path, child.step),
            said,
            hang + ("└─" if last else "├─"),
            hang + ("  " if last else "│ "),
            folded,
        )


def title(node: AnyTest) -> tuple[str, str]:
    """A node's name and its settings in words."""
    if isinstance(node, Model):
        at = "" if node.temperature is None else f"@{node.temperature:g}"
        return short(node.model), at
    if isinstance(node, Ref):
        return f"${one_line(node.ref)}", ""
    return kind_of(node), "" if isinstance(node, Check) else _settings(node)


def _settings(node: Node) -> str:
    match node:
        case Race():
            words = [f"take {node.take}" if node.take > 1 else "", f"rule {node.rule}" if node.rule != "first" else ""]
            words.append("all finish" if node.losers == "finish" else "")
        case Judge():
            words = [node.mode]
        case Vote():
            words = [f"tie {node.tie}" if node.tie != "first" else "", node.extract if node.extract != "auto" else ""]
        case Debate() | Refine():
            words = [f"{node.rounds} rounds"]
        case _:
            words = [str(getattr(node, "mode", ""))]
    return " · ".join(word for word in words if word)


def short(model: str) -> str:
    """A model's name without its provider."""
    return one_line(model).rpartition("/")[2] or one_line(model)


def activity(root: AnyTest, view: RunView, at: str = "") -> dict[str, tuple[Look, str]]:
    """Static path → look and words of what the node does now. Empty before a run. `at`: the node of the tree that ran
    alone."""
    if at:
        below = next((node for path, node in tree.walk(root) if path == at), root)
        return {f"{at}/{path}".rstrip("/"): said for path, said in activity(below, view).items()}
    calls: dict[str, Counter[str]] = {}
    for call in view.calls.values():
        calls.setdefault(static_path(call.node), Counter())[call.status or call.state] += 1
    made: Counter[str] = Counter()
    for candidate in view.candidates.values():
        made[static_path(candidate.node)] += candidate.status == "done"
    working: dict[str, Counter[str]] = {}
    for work in view.nodes.values():
        working.setdefault(static_path(work.path), Counter())[work.status or "running"] += 1
    said: dict[str, tuple[Look, str]] = {}
    for path, node in tree.walk(root):
        if path in calls and not list(tree.children(node)):
            said[path] = _calls_word(calls[path])
        elif path in working:
            said[path] = _node_word(node, path, working[path], made)
    return said


def _calls_word(counts: Counter[str]) -> tuple[Look, str]:
    for state in ("answering", "thinking", "retrying", "waiting", "queued"):
        if counts[state]:
            live = sum(counts[s] for s in ("answering", "thinking", "retrying", "waiting"))
            return states.CALLS[state], f"{live} live" if live else f"{counts['queued']} queued"
    total = sum(counts.values())
    if counts["done"]:
        return states.CALLS["done"], f"{counts['done']} of {total}" if total > 1 else "done"
    state = counts.most_common(1)[0][0]
    return states.CALLS.get(state, states.IDLE), states.CALLS[state].word if state in states.CALLS else state


def _node_word(node: AnyTest, path: str, counts: Counter[str], made: Counter[str]) -> tuple[Look, str]:
    if counts["running"]:
        below = sum(made[tree.join(path, child.step)] for child in tree.children(node) if child.role in ("of", "steps"))
        if isinstance(node, Race):
            return Look("●", "runs", "answering"), f"{made[path]} of {node.take}"
        return Look("◐", "waits", "retrying"), f"{below} in" if below else "waits"
    for status, look in (("failed", "failed"), ("cancelled", "cancelled")):
        if counts[status] and not counts["done"]:
            return states.CALLS[look], states.CALLS[look].word
    return states.CALLS["done"], f"{counts['done']} done" if counts["done"] > 1 else "done"
