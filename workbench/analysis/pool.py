"""Pools of recorded candidates: what a what-if draws from instead of calling a model."""

from __future__ import annotations

from msgspec import Struct

from workbench.analysis.measures import Kind


class Draw(Struct, frozen=True, kw_only=True):
    """One recorded candidate of a task. None is unknown."""

    model: str = ""
    """The generator: samples of one model are exchangeable, those of two are not."""
    correct: bool | None = None
    key: str | None = None
    """Its answer key, for votes; None abstains."""
    latency: float | None = None
    """Seconds from the start of the call to its end."""
    tokens: int | None = None
    """Completion tokens."""
    cost: int | None = None
    """Pico-dollars."""
    accepted: bool | None = None
    """A verifier's word on it, where one was recorded."""
    score: float | None = None
    """A scorer's figure, where one was recorded."""
    text: str = ""


class Pool(Struct, frozen=True, kw_only=True):
    """Draws by task."""

    tasks: dict[str, tuple[Draw, ...]]
    kind: Kind = "recorded"
    source: str = ""
    """Where it came from, for people: a file's name, `12 runs of laconic`."""

    @property
    def least(self) -> int:
        """The fewest draws that a task has: the largest k that all tasks can answer."""
        return min((len(draws) for draws in self.tasks.values()), default=0)
