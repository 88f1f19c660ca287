"""What `workbench lab` is asked: which draws, or three numbers in place of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from cyclopts import Parameter

from workbench.analysis.pool import Pool
from workbench.analysis.theory import Verified
from workbench.cli.options import FLAG, TEXT
from workbench.cli.prompt import STDIN
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.evals import pools
from workbench.evals.task_sets import streamed
from workbench.paths import stands
from workbench.paths import typed as typed_path

MOST_RUNS = 10_000


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Which draws."""

    model: Annotated[str, TEXT] = ""
    "Only the draws of this model."
    tag: Annotated[list[str], FLAG] = field(default_factory=list)
    "Runs with this tag; given several times, with all of them."
    kind: Literal["real", "simulated", "recorded"] | None = None
    "With --tag: runs of this kind."

    def pool(self, refs: Sequence[str]) -> Pool:
        """The draws of these runs, of those with the tags, or of a file. Raises `InputError`."""
        if not refs and not self.tag:
            hint = "`workbench lab last`, `workbench lab samples.jsonl`, `workbench lab --tag study`, or --p --c --s."
            raise InputError("needs runs or a file of samples", where="workbench lab", hint=hint)
        if any(_names_file(ref, alone=len(refs) == 1) for ref in refs):
            return _from_file(refs)
        from workbench.ledger import RunQuery

        with Services().ledger(read_only=True) as ledger:
            ids = [ledger.resolve(ref) for ref in refs]
            if self.tag:
                ids += [row.id for row in ledger.runs(RunQuery(tags=tuple(self.tag), kind=self.kind), limit=MOST_RUNS)]
            if not ids:
                raise InputError(f"no run has the tag{'s' * (len(self.tag) > 1)} {', '.join(self.tag)}", where="--tag")
            return pools.from_ledger(ledger, list(dict.fromkeys(ids)))


def _from_file(refs: Sequence[str]) -> Pool:
    if len(refs) > 1:
        hint = "`cat a.jsonl b.jsonl | workbench lab -` reads several files as one."
        raise InputError(f"takes one file, or runs, not {' and '.join(refs)}", where="workbench lab", hint=hint)
    if refs[0] == STDIN:
        return pools.from_lines(streamed(sys.stdin.buffer, "standard input"), "standard input")
    path = typed_path(refs[0])
    if not stands(path):
        raise InputError("there is no such file", where=refs[0])
    return pools.from_file(path)


def _names_file(ref: str, *, alone: bool) -> bool:
    """Whether it is no run. A file may be called as a run is, which has neither dot nor slash: alone it is the file."""
    if ref == STDIN or ref.endswith((".jsonl", ".jsonl.gz")):
        return True
    path = typed_path(ref)
    return stands(path) and not stands(path, "folder") and (alone or "." in ref or "/" in ref)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Calculator:
    """Three numbers in place of draws."""

    p: float | None = None
    "Calculator: share of right draws."
    c: float | None = None
    "Calculator: share of right draws that are accepted."
    s: float | None = None
    "Calculator: share of wrong draws that are rejected."

    def numbers(self) -> Verified | None:
        """All three, or None where none is given. Raises `InputError`."""
        p, c, s = self.p, self.c, self.s
        if p is None and c is None and s is None:
            return None
        if p is None or c is None or s is None:
            hint = "Such as --p .6 --c .9 --s .7"
            raise InputError("--p, --c and --s go together", where="workbench lab", hint=hint)
        for name, value in (("--p", p), ("--c", c), ("--s", s)):
            if not 0 <= value <= 1:
                raise InputError(f"must be between 0 and 1, not {value:g}", where=name)
        return Verified(p=p, c=c, s=s)
