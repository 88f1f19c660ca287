"""Pools of recorded candidates: what a what-if draws from instead of calling a model."""

from __future__ import annotations

from msgspec import Struct, structs

from workbench.analysis.measures import Kind


class Draw(Struct, frozen=True, kw_only=True):
    """One recorded candidate of a task. None is unknown."""

    model: str = ""
    """The generator: samples of one model are exchangeable, those of two are not."""
    done: bool = True
    """Whether it may win: False where it was cut off, filtered, empty or failed."""
    correct: bool | None = None
    key: str | None = None
    """Its answer key, for votes; None abstains."""
    latency: float | None = None
    """Seconds from the start of the call to its end."""
    tokens: int | None = None
    """Completion tokens."""
    prompt_tokens: int | None = None
    cost: int | None = None
    """Pico-dollars."""
    accepted: bool | None = None
    """A verifier's word on it, where one was recorded."""
    score: float | None = None
    """A scorer's figure, where one was recorded."""
    text: str = ""
    thinking: str = ""
    prompt_cost: int | None = None
    """The part of the cost that the prompt made: it is paid also where the call is cancelled. Empty counts as none."""


class Pool(Struct, frozen=True, kw_only=True):
    """Draws by task."""

    tasks: dict[str, tuple[Draw, ...]]
    kind: Kind = "recorded"
    source: str = ""
    """Where it came from, for people: a file's name, `12 runs of laconic`."""
    prompts: dict[str, str] = {}
    """The query of each task, where it is known."""
    targets: dict[str, str] = {}
    """The right answer of each task, where it is known."""
    note: str = ""
    """A caution to show beside every figure, empty where there is none."""
    runs: tuple[str, ...] = ()
    """Ids of the runs it came from."""
    prices: dict[str, tuple[int, int]] = {}
    """Pico-dollars per (prompt, completion) token by model: what a cancelled draw cost is counted with them."""

    @property
    def models(self) -> tuple[str, ...]:
        """The generators, each once, in the order of their first draws."""
        return tuple(dict.fromkeys(draw.model for draws in self.tasks.values() for draw in draws))

    def of(self, model: str) -> Pool:
        """The draws of one model; a task without any is left out."""
        kept = {task: tuple(d for d in draws if d.model == model) for task, draws in self.tasks.items()}
        return structs.replace(self, tasks={task: draws for task, draws in kept.items() if draws})

    @property
    def least(self) -> int:
        """The fewest draws that a task has: the largest k that all tasks can answer."""
        return min((len(draws) for draws in self.tasks.values()), default=0)
