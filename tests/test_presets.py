"""Every shipped system: there, with its source, and it answers, on simulated models and on the embedded one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.models.embedded import embedded_home, embedded_models
from workbench import api, paths
from workbench.engine.view import RunView
from workbench.systems import files
from workbench.systems.checks import check, count_calls
from workbench.systems.library import Library, override_models
from workbench.systems.nodes import Model
from workbench.systems.notation import parse, print_node
from workbench.systems.tree import walk

__all__ = ["embedded_home", "embedded_models"]

EMBEDDED = "local/smollm2-135m"
IDEAS = [
    "single",
    "laconic-10",
    "first-finish-n",
    "short-3-at-k",
    "self-consistency-9",
    "filter-vote",
    "verifier-judge-3",
    "council-9",
    "network-of-networks",
    "mixture-of-agents-3-layers",
    "self-moa",
    "cascade-frugal",
    "route-by-topic",
    "self-refine",
    "debate-3x2",
    "reframe-then-solve",
    "draft-and-verify",
    "transcript-repair",
    "alphacode-lite",
]
LIBRARY = Library([paths.presets_dir()])
SLOWEST_S = 240.0
"""No shipped system may keep a newcomer waiting longer than this, on two cores."""


def test_every_idea_has_its_file_and_there_is_no_other() -> None:
    assert sorted(IDEAS) == LIBRARY.names()


@pytest.mark.parametrize("name", IDEAS)
class TestAsShipped:
    def test_its_first_comment_says_the_idea_and_its_source(self, name: str) -> None:
        comment, _, _ = LIBRARY.path(name).read_text(encoding="utf-8").partition("name:")
        assert all(line.startswith("# ") for line in comment.strip().splitlines())
        if name != "single":
            assert re.search(r"^# Source: .*\d{4}", comment, re.MULTILINE)

    def test_it_says_what_it_is_for_and_has_an_example(self, name: str) -> None:
        system = LIBRARY.get(name)
        assert system.name == name
        assert min(map(len, (system.description, system.source, system.example, system.tags))) > 0

    def test_it_says_the_same_in_notation_and_in_new_yaml(self, name: str) -> None:
        system = LIBRARY.get(name)
        assert parse(print_node(system.root)) == system.root
        assert files.loads(files.dumps(system)) == system

    def test_the_checks_have_nothing_against_it(self, name: str) -> None:
        found = check(LIBRARY.resolve(LIBRARY.get(name), LIBRARY.path(name)), allow_code=True)
        assert [problem for problem in found if problem.severity != "info"] == []
        assert count_calls(LIBRARY.get(name).root).high <= 50

    def test_it_uses_the_embedded_model_alone_and_limits_its_length(self, name: str) -> None:
        calls = [node for _, node in walk(LIBRARY.get(name).root) if isinstance(node, Model)]
        assert {node.model for node in calls} == {EMBEDDED}
        assert all(node.max_tokens is not None and node.max_tokens <= 400 for node in calls)

    def test_it_takes_other_models(self, name: str) -> None:
        changed = override_models(LIBRARY.get(name), "sim/small", "sim/judge")
        named = {path: node.model for path, node in walk(changed.root) if isinstance(node, Model)}
        arguments = {path for path in named if re.search(r"(^|/)[a-z]+$", path)}
        assert named == {path: "sim/judge" if path in arguments else "sim/small" for path in named}


@pytest.mark.parametrize("name", IDEAS)
def test_it_answers_on_simulated_models(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    view = fired(name, model="sim/small", judge="sim/small")
    assert view.kind == "simulated"
    again = fired(name, model="sim/small", judge="sim/small")
    assert again.answer == view.answer


@pytest.mark.slow
@pytest.mark.parametrize("name", IDEAS)
def test_it_answers_on_the_embedded_model_as_shipped(
    name: str, embedded_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(embedded_home))
    began = time.monotonic()
    view = fired(name)
    assert view.kind == "real"
    assert {call.model for call in view.calls.values()} == {EMBEDDED}
    assert time.monotonic() - began < SLOWEST_S


def fired(name: str, *, model: str | None = None, judge: str | None = None) -> RunView:
    """The system fired at its own example; it must answer."""
    view = api.run(name, LIBRARY.get(name).example, model=model, judge=judge, seed=7, record=False, allow_code=True)
    assert view.status in ("done", "degraded"), view.reason
    assert view.answer is not None
    assert view.answer.text.strip()
    return view
