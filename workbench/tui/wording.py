"""What belongs to the prompt beside its text, for as long as the app is open."""

from __future__ import annotations

import msgspec

from workbench.tui.prompting import Attached, Past


class Wording(msgspec.Struct):
    """The system prompt, values of names, files that were looked at, and what was asked before."""

    instruction: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    attached: tuple[Attached, ...] = ()
    past: Past = msgspec.field(default_factory=Past)
    read: bool = False
    """Whether the ledger's prompts are in `past`."""
    let_finish: bool = False
    """Whether the losers of the next run's races finish."""
