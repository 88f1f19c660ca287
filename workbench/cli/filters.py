"""Which past runs a command means, as flags."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from workbench.cli.options import FLAG
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.ledger import RunQuery

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which runs."""

    tag: Annotated[list[str], FLAG] = field(default_factory=list)
    "Runs with this tag; given several times, with all of them."
    kind: Literal["real", "simulated", "recorded"] | None = None
    "Runs of this kind."
    system: str = ""
    "Runs of this system: its name, or its notation."
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
        """The same for the ledger. Raises `InputError` for a time that is none."""
        from workbench.ledger import RunQuery

        return RunQuery(
            text=text,
            tags=tuple(self.tag),
            kind=self.kind,
            system=_as_recorded(self.system),
            status=self.status,
            grade=self.grade,
            since_unix_ns=None if self.since is None else moment(self.since, "--since"),
            until_unix_ns=None if self.until is None else moment(self.until, "--until"),
            deleted=self.deleted,
        )


def moment(text: str, where: str, now_s: float | None = None) -> int:
    """Nanoseconds since the Unix epoch of a date, a date and time (both local unless they say otherwise), `today`, or a
    span before now such as `12h`. Raises `InputError` that names `where`."""
    now = datetime.fromtimestamp(time.time() if now_s is None else now_s).astimezone()
    span = re.fullmatch(r"(\d{1,9})([smhdw])", text.strip())
    try:
        if span:
            then = now - timedelta(seconds=int(span[1]) * _UNITS[span[2]])
        elif text.strip() == "today":
            then = now.replace(hour=0, minute=0, second=0, microsecond=0)
        else:
            then = datetime.fromisoformat(text.strip())
        return round(then.timestamp() * 1e6) * 1000
    except (ValueError, OverflowError, OSError) as error:
        hint = "Such as 90m, 12h, 7d, 2w, today, 2026-11-24 or 2026-11-24T09:30."
        raise InputError(f"{text!r} is no time", where=where, hint=hint) from error


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
