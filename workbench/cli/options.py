"""Flags that every command that fires a system shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from workbench.errors import InputError
from workbench.systems.nodes import Budget

FLAG = Parameter(negative="", show_default=False)
"""A switch without its `--no-` twin."""
TEXT = Parameter(show_default=False)
"""A text that is empty where nothing is asked for."""
JSON = Parameter(negative="", show_default=False, help="As JSON.")


def _no_option(_: object, value: object) -> None:
    """A mistyped flag must not become a prompt or a file. Raises `InputError`."""
    if re.fullmatch(r"--?[A-Za-z][\w-]*(=.*)?", str(value), re.S):
        hint = "`--help` lists the options. A prompt that looks like one goes in by --prompt-file or a pipe."
        raise InputError(f"there is no option {value}", hint=hint)


HYPHEN = Parameter(allow_leading_hyphen=True, validator=_no_option)
"""A text or file that may be `-` (standard input or output) or begin with a hyphen."""


def _no_seed(_: object, value: object) -> None:
    """Random numbers begin at one that is not negative. Raises `InputError`."""
    if isinstance(value, int) and value < 0:
        raise InputError(f"must be at least 0, not {value}", where="--seed")


SEED = Parameter(validator=_no_seed)
"""The seed of a resampling."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Fire:
    """How to fire."""

    prompt_file: Annotated[Path | None, HYPHEN] = None
    "File that holds the prompt; `-` reads standard input."
    system_prompt: str | None = None
    "System prompt put before the prompt."
    model: str | None = None
    "Use this model in place of every generator's."
    judge: str | None = None
    "Use this model in place of every judge's, verifier's, router's and critic's."
    seed: int | None = None
    "Seed of the run; every replica gets its own from it. By default a random one, which the run records."
    max_usd: float | None = None
    "Most money, US dollars; reaching it stops the run and keeps what is finished."
    max_tokens: int | None = None
    "Most tokens, prompt and completion together."
    deadline: float | None = None
    "Most wall time, seconds."
    tag: Annotated[list[str], FLAG] = field(default_factory=list)
    "Tag the run; may be given several times."
    target: str | None = None
    "The right answer, kept with the run for checks and grading."
    allow_code: Annotated[bool, FLAG] = False
    "Let checks run code (`command`, `python-tests`), in a limited subprocess."
    yes: Annotated[bool, Parameter(alias="-y", negative="", show_default=False)] = False
    "Do not ask before more than 1,000 calls."
    no_ledger: Annotated[bool, FLAG] = False
    "Leave nothing in the ledger."
    quiet: Annotated[bool, Parameter(alias="-q", negative="", show_default=False)] = False
    "Nothing on stderr but errors."

    def budget(self, *standing: Budget) -> Budget:
        """The limits in force: the flags' own, else those of the first of `standing` that has one. Raises `InputError`
        for a flag that is not more than 0."""
        flags = {"max_usd": self.max_usd, "max_tokens": self.max_tokens, "deadline": self.deadline}
        for name, value in flags.items():
            if value is not None and not value > 0:
                raise InputError(f"must be more than 0, not {value:g}", where=f"--{name.replace('_', '-')}")
        for name in flags:
            candidates = (flags[name], *(getattr(each, name) for each in standing))
            flags[name] = next((value for value in candidates if value is not None), None)
        return msgspec.convert(flags, Budget)
