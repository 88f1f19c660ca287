"""`recorded/<source>`: candidates from past runs, or a JSONL file of samples, as a model.

The engine then runs on what was recorded: a race of ten replicas replays ten samples with their own times, with no
model called and no money spent. A source is the path of a JSONL file, or whatever the injected `sample_source` knows
(a run's id). Replica i gets sample i; see docs/simulated.md for the fields and for shuffling.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Channel, Chunk, Delta, Done, FinishReason, ModelInfo, Prices, Request, Usage
from workbench.money import from_usd
from workbench.paths import typed as typed_path

ROOM = "recorded/"
_PIECES = 48
_MOST_GROUPS = 4_096
# So large that no call comes near, so small that the ledger's 64 bits hold the sum over the calls of a run.
Count = Annotated[int, Meta(ge=0, le=10**12)]
Seconds = Annotated[float, Meta(ge=0, le=1e8)]
Dollars = Annotated[float, Meta(ge=0, le=1e4)]
COUNTS = {"prompt_tokens", "completion_tokens", "reasoning_tokens"}
NAMES = {"task_id", "key", "target"}
T = TypeVar("T")


class Sample(Struct, frozen=True, kw_only=True):
    """One recorded answer; every field but `text` may be missing. A file's further fields are left alone."""

    text: str
    thinking: str = ""
    prompt: str | None = None
    """The query it answers; only requests with this query get it. Without it, any request may."""
    task_id: str | None = None
    """The task it answers, matched with the request's `extra.task_id`."""
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    first_token_s: Seconds | None = None
    """Seconds from the request to its first token."""
    latency_s: Seconds | None = None
    """Seconds from the request to its end; missing is at once."""
    finish_reason: FinishReason = "stop"
    error: str = ""
    """Where not empty, the call failed so, after `latency_s`."""
    mean_logprob: float | None = None
    cost_usd: Dollars | None = None
    """US dollars that the call cost when it was made."""
    correct: bool | None = None
    """Whether it was graded right; not used in replay, kept for analysis."""


SampleSource: TypeAlias = Callable[[str], Sequence[Sample]]
"""Samples of a source that is no file (a run's id); empty where it is not known."""


@lru_cache(maxsize=256)
def recorded_model(name: str) -> ModelInfo:
    """What is known of every recorded model: it costs what was recorded, and nothing after a cancel."""
    return ModelInfo(
        name=name,
        provider="recorded",
        endpoint="recorded",
        kind="recorded",
        prices=Prices(source="recorded"),
        billing_on_cancel="stops",
        max_concurrency=100_000,
    )


class RecordedProvider:
    """Serves every `recorded/<source>`. `sample_source` resolves what is no file, the ledger's runs for one."""

    def __init__(self, sample_source: SampleSource | None = None) -> None:
        self._sample_source = sample_source
        self._files: dict[Path, tuple[tuple[int, int], list[Sample]]] = {}
        self._orders: dict[str, _Order] = {}

    def info(self, model: str) -> ModelInfo:
        """What is known of the source; one that can't be read is not available and says why."""
        problem = ""
        thinks = False
        try:
            thinks = any(sample.thinking for sample in self.samples(model))
        except ModelError as error:
            problem = str(error)
        return structs.replace(recorded_model(model), available=not problem, problem=problem, reasoning=thinks)

    def samples(self, model: str) -> Sequence[Sample]:
        """All samples of a source, in their order. Raises `ModelError` where there are none or the file is broken."""
        source = model.removeprefix(ROOM)
        path = typed_path(source)
        if path.is_file():
            samples: Sequence[Sample] = self._from_file(path, model)
        else:
            samples = self._sample_source(source) if self._sample_source is not None else ()
        if not samples:
            hint = "Give the path of a JSONL file, or the id of a run in the ledger."
            raise ModelError(ErrorKind.NOT_FOUND, f"nothing is recorded as {source!r}", where=model, hint=hint)
        return samples

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """Replay the sample of this replica with its recorded times. Raises `ModelError` where there is none."""
        sample = self._pick(request)
        total = sample.latency_s or 0.0
        if sample.error:
            await asyncio.sleep(total)
            raise ModelError(ErrorKind.INTERNAL, f"recorded failure: {sample.error}", where=request.model)
        pieces = list(_pieces(sample))
        first = min(total, sample.first_token_s) if sample.first_token_s is not None else total / (len(pieces) + 1)
        await asyncio.sleep(first)
        step = (total - first) / max(1, len(pieces))
        for index, (text, channel) in enumerate(pieces):
            if index:
                await asyncio.sleep(step)
            yield Delta(text, channel)
        await asyncio.sleep(step if pieces else total - first)
        yield _done(sample, request)

    async def aclose(self) -> None:
        """Nothing is kept open."""

    def _pick(self, request: Request) -> Sample:
        fitting = _fitting(self.samples(request.model), request)
        if request.replica > len(fitting):
            raise ModelError(
                ErrorKind.NOT_FOUND,
                f"{len(fitting)} sample(s) of this prompt are recorded, and this is replica {request.replica}",
                where=request.model,
                hint="A sample is never used twice in one group: take fewer replicas.",
            )
        seed = self._shuffle_seed(request)
        if seed is None:
            return fitting[request.replica - 1]
        order = random.Random(f"order {seed}").sample(range(len(fitting)), len(fitting))
        return fitting[order[request.replica - 1]]

    def _shuffle_seed(self, request: Request) -> int | None:
        """The seed that all replicas of a group share; None keeps the recorded order."""
        asked = request.extra.get("shuffle", False)
        if asked is False or asked is None:
            return None
        if asked is not True:
            return int(asked)
        # Replicas have seeds of their own; the first of a group to come decides for the rest, until one comes again.
        order = self._orders.get(request.group)
        if order is None or request.replica in order.served or not request.group:
            if len(self._orders) >= _MOST_GROUPS:
                self._orders.clear()
            order = self._orders[request.group] = _Order(request.seed or 0)
        order.served.add(request.replica)
        return order.seed

    def _from_file(self, path: Path, model: str) -> list[Sample]:
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._files.get(path)
            if known is None or known[0] != stamp:
                self._files[path] = known = (stamp, read_samples(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(ErrorKind.UNAVAILABLE, f"{path} can't be read: {error}", where=model) from error
        return known[1]


class _Order:
    """The shuffle that one group shares."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.served: set[int] = set()


def read_samples(path: Path) -> list[Sample]:
    """The samples of a JSONL file, one object a line; `completion` may stand for `text` (as in HumanEval's samples).

    Raises `ModelError` naming file and line, and `OSError`.
    """
    samples = []
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                samples.append(_sample(line, f"{path}:{number}"))
    return samples


def _sample(line: str, where: str) -> Sample:
    hint = 'A line is an object such as {"text": "42", "latency_s": 1.5, "completion_tokens": 80}.'
    try:
        return decoded(line, Sample)
    except (ValueError, RecursionError) as error:
        raise ModelError(ErrorKind.BAD_REQUEST, f"is no sample: {error}", where=where, hint=hint) from error


def decoded(line: str, type: type[T]) -> T:  # noqa: A002
    """A line's object as this struct. What is null is not there; `5.0` is a whole number; a number where a text is
    wanted is taken as it reads. Raises `ValueError` and `RecursionError`."""
    data: Any = json.loads(line)
    if isinstance(data, dict):
        data = {name: _plain(name, value) for name, value in data.items() if value is not None}
        if "text" not in data and "completion" in data:
            data["text"] = data["completion"]
    return msgspec.convert(data, type)


def _plain(name: str, value: Any) -> Any:
    if name in COUNTS and isinstance(value, float) and value.is_integer():
        return int(value)
    if name in NAMES and (type(value) is int or (isinstance(value, float) and math.isfinite(value))):
        return str(value)
    return value


def _fitting(samples: Sequence[Sample], request: Request) -> list[Sample]:
    """The samples of this request's task: by task id where both name one, else by prompt where samples have one."""
    task = request.extra.get("task_id")
    if task is not None:
        return [sample for sample in samples if sample.task_id in (None, str(task))]
    query = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    wanted = " ".join(query.split())
    return [s for s in samples if s.prompt is None or " ".join(s.prompt.split()) == wanted]


def _pieces(sample: Sample) -> Iterator[tuple[str, Channel]]:
    """The text in a bounded number of pieces, thinking first."""
    size = max(1, math.ceil((len(sample.thinking) + len(sample.text)) / _PIECES))
    parts: tuple[tuple[str, Channel], ...] = ((sample.thinking, "thinking"), (sample.text, "answer"))
    for text, channel in parts:
        for start in range(0, len(text), size):
            yield text[start : start + size], channel


def _done(sample: Sample, request: Request) -> Done:
    known = sample.completion_tokens is not None and sample.prompt_tokens is not None
    prompt = sum(len(m.content) for m in request.messages) // 4
    completion = (len(sample.text) + len(sample.thinking)) // 4
    usage = Usage(
        prompt_tokens=prompt if sample.prompt_tokens is None else sample.prompt_tokens,
        completion_tokens=completion if sample.completion_tokens is None else sample.completion_tokens,
        reasoning_tokens=sample.reasoning_tokens,
        source="reported" if known else "estimated",
        estimated_by="" if known else "characters / 4",
    )
    return Done(
        finish_reason=sample.finish_reason,
        usage=usage,
        reported_cost=None if sample.cost_usd is None else from_usd(sample.cost_usd),
        mean_logprob=sample.mean_logprob,
    )
