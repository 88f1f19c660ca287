"""What `workbench lab` is asked: which draws, or three numbers in their place, and what is made of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Literal

from cyclopts import Parameter

from workbench.analysis import scaling
from workbench.analysis.pool import Pool
from workbench.analysis.theory import Verified
from workbench.cli.options import FLAG, TEXT
from workbench.cli.prompt import STDIN
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.evals import pools
from workbench.evals.lines import streamed
from workbench.paths import stands
from workbench.paths import typed as typed_path

MOST_RUNS = 10_000
WHERE = "workbench lab"


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

    def given(self) -> list[str]:
        """The options that are there."""
        return [f"--{name}" for name in ("model", "tag", "kind") if getattr(self, name)]

    def pool(self, refs: Sequence[str]) -> Pool:
        """The draws of these runs, of those with the tags, or of a file. Raises `InputError`."""
        found = self._pool(refs)
        if not self.model:
            return found
        chosen = found.of(self.model)
        if not chosen.tasks:
            hint = f"There are draws of {', '.join(name or 'a model without a name' for name in found.models)}."
            raise InputError("there are no draws of this model", where="--model", hint=hint)
        return chosen

    def _pool(self, refs: Sequence[str]) -> Pool:
        if not refs and not self.tag:
            hint = "`workbench lab last`, `workbench lab samples.jsonl`, `workbench lab --tag study`, or --p --c --s."
            raise InputError("needs runs or a file of samples", where=WHERE, hint=hint)
        if any(_names_file(ref, alone=len(refs) == 1) for ref in refs):
            apart([name for name in self.given() if name != "--model"], "a file of samples")
            return _from_file(refs)
        if self.kind and not self.tag:
            raise InputError("--kind needs --tag", where=WHERE, hint="A run that is named is of one kind already.")
        from workbench.ledger import RunQuery

        with Services().ledger(read_only=True) as ledger:
            ids = [ledger.resolve(ref) for ref in refs]
            if self.tag:
                query = RunQuery(tags=tuple(self.tag), kind=self.kind)
                ids += [row.id for row in ledger.runs(query, limit=MOST_RUNS)]
            if not ids:
                kind = f"{self.kind} " if self.kind else ""
                tags = f"tag{'s' * (len(self.tag) > 1)} {', '.join(self.tag)}"
                raise InputError(f"no {kind}run has the {tags}", where="--tag")
            return pools.from_ledger(ledger, list(dict.fromkeys(ids)))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What is made of the draws."""

    rule: scaling.Rule = "race"
    "race, vote, verify, serial (verify one by one), best, pass (any right), all (every one right), short-m, cascade."
    k: Annotated[str, TEXT, Parameter(alias="-k")] = ""
    "How many draws: 1..10, 1,3,5 or 8; by default 1 to 10, as far as the draws reach."
    m: int = 3
    "short-m: how many finishers vote."
    tau: float = 0.5
    "cascade: the least score that is accepted."
    theory: Annotated[bool, FLAG] = False
    "Draw the formula fitted to the draws over the measurement."
    quantity: Literal["accuracy", "latency", "cost", "tokens", "sequential", "waste"] | None = None
    "What the chart shows; by default accuracy, or latency where nothing is graded."

    def given(self) -> list[str]:
        """The options that say something else than when they are left out."""
        said = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        return ["-k" if name == "k" else f"--{name}" for name in said]

    def check(self) -> None:
        """Raises `InputError`."""
        if self.m < 1:
            raise InputError("must be at least 1", where="--m")
        for name, rule in (("--m", "short-m"), ("--tau", "cascade")):
            if self.rule != rule:
                apart([name] if name in self.given() else [], f"--rule {self.rule}", f"It is for --rule {rule}.")


def apart(names: Sequence[str], other: str, hint: str = "") -> None:
    """Raises `InputError` where there is one that would say nothing beside `other`."""
    if names:
        raise InputError(f"{sorted(names)[0]} and {other} do not go together", where=WHERE, hint=hint)


def _from_file(refs: Sequence[str]) -> Pool:
    if len(refs) > 1:
        hint = "`cat a.jsonl b.jsonl | workbench lab -` reads several files as one."
        raise InputError(f"takes one file, or runs, not {' and '.join(refs)}", where=WHERE, hint=hint)
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
            raise InputError("--p, --c and --s go together", where=WHERE, hint=hint)
        for name, value in (("--p", p), ("--c", c), ("--s", s)):
            if not 0 <= value <= 1:
                raise InputError(f"must be between 0 and 1, not {value:g}", where=name)
        return Verified(p=p, c=c, s=s)
