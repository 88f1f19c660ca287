"""Which past runs a command means, as flags."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from msgspec import structs

from workbench.cli.options import FLAG, HYPHEN, TEXT
from workbench.cli.prompt import STDIN
from workbench.moments import moment

if TYPE_CHECKING:
    from workbench.ledger import RunQuery

SHOWN = "`workbench runs list` shows the runs that there are."


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which runs."""

    tag: Annotated[list[str], FLAG] = field(default_factory=list)
    "Runs with this tag; given several times, with all of them."
    kind: Literal["real", "simulated", "recorded"] | None = None
    "Runs of this kind."
    system: Annotated[str, TEXT] = ""
    "Runs of this system: its name, or its notation."
    tasks: Annotated[Path | None, HYPHEN] = None
    "Runs of the prompts of this file: JSONL with `prompt`; `-` is standard input."
    status: Literal["done", "degraded", "failed", "stopped", "cancelled", "interrupted"] | None = None
    "Runs that ended so."
    grade: Literal["right", "wrong", "skip", "none"] | None = None
    "Runs with this grade; none: not graded yet."
    since: str | None = None
    "Runs that started since: 90m, 12h, 7d, 2w, today, 2026-11-24, 2026-11-24T09:30."
    until: str | None = None
    "Runs that started before."
    deleted: Annotated[bool, FLAG] = False
    "The deleted ones, as long as they can be restored."

    def query(self, text: str = "") -> RunQuery:
        """The same for the ledger. Raises `InputError` for a time that is none, and a file that is no task set."""
        from workbench.ledger import RunQuery

        return RunQuery(
            text=text,
            tags=tuple(self.tag),
            kind=self.kind,
            system=_as_recorded(self.system),
            tasks="" if self.tasks is None else "standard input" if str(self.tasks) == STDIN else self.tasks.name,
            prompts=None if self.tasks is None else _prompts(self.tasks),
            status=self.status,
            grade=self.grade,
            since_unix_ns=None if self.since is None else moment(self.since, "--since"),
            until_unix_ns=None if self.until is None else moment(self.until, "--until"),
            deleted=self.deleted,
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OneKind:
    """Which runs, of one kind: what is compared is never mixed."""

    tag: Annotated[list[str], FLAG] = field(default_factory=list)
    "Runs with this tag; given several times, with all of them."
    kind: Literal["real", "simulated", "recorded"] = "real"
    "Runs of this kind; kinds are never mixed."
    system: Annotated[str, TEXT] = ""
    "Runs of this system: its name, or its notation."
    tasks: Annotated[Path | None, HYPHEN] = None
    "Runs of the prompts of this file: JSONL with `prompt`; `-` is standard input."
    since: str | None = None
    "Runs that started since: 90m, 12h, 7d, 2w, today, 2026-11-24, 2026-11-24T09:30."
    until: str | None = None
    "Runs that started before."

    def query(self) -> RunQuery:
        """The same for the ledger. Raises `InputError` for a time that is none, and a file that is no task set."""
        same = {name: getattr(self, name) for name in ("tag", "kind", "system", "tasks", "since", "until")}
        return Filter(**same).query()


def narrowed(query: RunQuery) -> str:
    """What it asks for but the kind: `tag study · since 2026-11-24T09:30Z`; empty where that is nothing."""
    from workbench.ledger import RunQuery

    others = structs.replace(query, kind=None)
    return "" if others == RunQuery() else others.said()


def _prompts(tasks: Path) -> tuple[str, ...]:
    from workbench.evals.lines import streamed
    from workbench.evals.task_sets import prompts, prompts_of

    if str(tasks) == STDIN:
        return prompts_of(streamed(sys.stdin.buffer, "standard input"), "standard input")
    return prompts(tasks)


def _as_recorded(system: str) -> str:
    """Notation in the spelling in which the ledger has it; any other text as it is."""
    if not re.search(r"[(/*]", system):
        return system
    from workbench.errors import NotationError
    from workbench.systems.notation import parse_system, print_node

    try:
        return print_node(parse_system(system).root)
    except NotationError:
        return system
