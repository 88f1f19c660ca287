"""No command without a test: what keys, clicks and the palette did is noted, and a run of all tests of the app fails
where a command was never among it. Any part of them can be run alone; nothing is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Act: TypeAlias = tuple[type, str, tuple[object, ...]]
"""Whose action, its name, what it was given."""
FILES = frozenset(Path(__file__).parent.glob("test_*.py"))
FUZZ = "test_fuzz.py"
"""Presses keys at random, and says nothing of what each does."""


@dataclass
class _Notes:
    acts: set[Act] = field(default_factory=set)
    whole: bool = False
    """Whether all tests of the app run here, slow ones aside."""
    chosen: bool = False
    """Whether some of what was collected is left out."""
    untested: list[Sequence[str] | None] = field(default_factory=list)
    """Of each worker; None from one that can't tell."""

    @property
    def missed(self) -> list[str]:
        """What no worker did; nothing where one can't tell."""
        told = [set(each) for each in self.untested if each is not None]
        return sorted(set.intersection(*told)) if told and len(told) == len(self.untested) else []


_notes = _Notes()


def note(namespace: object, action: str, params: tuple[object, ...]) -> None:
    """This was done."""
    _notes.acts.add((type(namespace), action, params))


def untested(acts: Collection[Act]) -> list[str]:
    """Ids of the commands that none of these is."""
    from tests.tui.test_commands import target
    from workbench.tui.commands import COMMANDS

    def done(owner: type, *act: object) -> bool:
        return any(issubclass(kind, owner) and (name, params) == act for kind, name, params in acts)

    return [command.id for command in COMMANDS if not done(*target(command))]


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """`-k` and its like. Slow tests may be left out, as `make fast` does."""
    _notes.chosen |= any(item.get_closest_marker("slow") is None for item in items)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Whether every file is there."""
    _notes.whole = not config.option.collectonly and {item.path for item in items} >= FILES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has told."""
    _notes.untested.append(getattr(node, "workeroutput", {}).get("untested"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Tell, or where all is told and no test has failed, fail."""
    told = untested(_notes.acts) if _notes.whole and not _notes.chosen else None
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["untested"] = told
        return
    _notes.untested += [] if told is None else [told]
    if exitstatus == pytest.ExitCode.OK and _notes.missed:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Which they are."""
    if exitstatus == pytest.ExitCode.OK and _notes.missed:
        terminalreporter.section("commands that no test of tests/tui does by key, click or palette", red=True)
        terminalreporter.line(", ".join(_notes.missed))
