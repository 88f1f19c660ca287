"""Everything that happens in a run is one of these events. They are the only way anything above learns of it.

`t` is nanoseconds since the run's start. `node` is a path inside the run (see `systems.tree`), replica numbers
included. Money is integer pico-dollars; None is unknown.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from workbench.models.base import Channel, Message, Prices, Request, RunKind, Usage
from workbench.systems.nodes import Budget

CandidateStatus: TypeAlias = Literal["done", "truncated", "filtered", "empty", "cancelled", "failed"]
RunStatus: TypeAlias = Literal["done", "degraded", "failed", "stopped", "cancelled", "interrupted"]
"""done: an answer by the system's rule; degraded: best effort; stopped: budget; cancelled: by the user;
interrupted: the process died (set by the ledger on its next start)."""
NodeStatus: TypeAlias = Literal["done", "failed", "cancelled"]
Role: TypeAlias = Literal["generate", "judge", "verify", "score", "route", "critique", "extract"]
VerdictWord: TypeAlias = Literal["accepted", "rejected", "unparsed", "abstained"]
ErrorText: TypeAlias = str


class Event(Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True, gc=False):
    """Base of every event. None can be part of a cycle, so the collector need not look at them: there are millions."""

    t: int


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """First event of every run."""

    run: str
    kind: RunKind
    system: str
    """The system's name, empty where it has none."""
    notation: str
    system_json: str
    """The system as JSON, `$refs` resolved: enough to run it again."""
    messages: tuple[Message, ...]
    seed: int
    started_at: int
    """Nanoseconds since the Unix epoch."""
    budget: Budget = Budget()
    target: str | None = None
    extract: str = "auto"
    tags: tuple[str, ...] = ()


class NodeStarted(Event, frozen=True, kw_only=True, tag="node_started"):
    """A node began to work."""

    node: str
    kind: str
    """Its tag: race, vote, model."""


class NodeFinished(Event, frozen=True, kw_only=True, tag="node_finished"):
    """A node ended; everything below it has ended before."""

    node: str
    status: NodeStatus
    reason: str = ""


class CallQueued(Event, frozen=True, kw_only=True, tag="call_queued"):
    """A call exists and waits for its endpoint's turn."""

    call: str
    node: str
    """Path of the node that makes the call, its own replica number left out."""
    replica: int
    """Replica of that node, from 1."""
    role: Role
    request: Request
    endpoint: str
    kind: RunKind
    prompt_name: str = ""
    """Shipped or overriding prompt that shaped the request: 'judge-synthesize'; empty for plain generation."""
    prompt_hash: str = ""
    """SHA-256 of that prompt's text."""
    about: tuple[str, ...] = ()
    """Candidates that the call examines."""


class CallStarted(Event, frozen=True, kw_only=True, tag="call_started"):
    """The request went out (attempt counts from 1)."""

    call: str
    attempt: int = 1


class CallRetried(Event, frozen=True, kw_only=True, tag="call_retried"):
    """An attempt failed and another follows after `wait_s` seconds; what it cost stays in the call's total."""

    call: str
    attempt: int
    error_kind: str
    error: ErrorText
    wait_s: float
    usage: Usage = Usage()
    cost: int | None = None


class FirstToken(Event, frozen=True, kw_only=True, tag="first_token"):
    """The first text of an attempt, in either channel."""

    call: str


class ThinkingFinished(Event, frozen=True, kw_only=True, tag="thinking_finished"):
    """The first answer text after thinking, or the answer's start where there was none."""

    call: str


class TextDelta(Event, frozen=True, kw_only=True, tag="text"):
    """Text that arrived. The hot path: the ledger keeps one blob a call, not a row a delta."""

    call: str
    text: str
    channel: Channel = "answer"


class CallFinished(Event, frozen=True, kw_only=True, tag="call_finished"):
    """A call ended, well or not. Sums over its attempts. `cost_low ≤ cost ≤ cost_high` where all are known:
    low is what was received, high is what the provider may bill after a cancel."""

    call: str
    status: CandidateStatus
    finish_reason: str = ""
    usage: Usage = Usage()
    prices: Prices | None = None
    cost: int | None = None
    cost_low: int | None = None
    cost_high: int | None = None
    error_kind: str = ""
    error: ErrorText = ""
    mean_logprob: float | None = None


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One proposed answer."""

    id: str
    node: str
    """Path of the node that made it, replica number included."""
    status: CandidateStatus
    text: str = ""
    thinking: str = ""
    key: str | None = None
    """Answer key by the run's `extract`; None abstains."""
    key_rule: str = ""
    """Which rule found the key: boxed, final, choice, number, text."""
    calls: tuple[str, ...] = ()
    """Calls that produced its text, last one last."""
    parents: tuple[str, ...] = ()
    """Candidates it was made from (a synthesis, a revision, a later step)."""
    completion_tokens: int | None = None
    mean_logprob: float | None = None
    score: float | None = None
    verified: bool | None = None
    degraded: bool = False
    error: str = ""


class CandidateMade(Event, frozen=True, kw_only=True, tag="candidate"):
    """A candidate is complete, whatever its status."""

    candidate: Candidate


class VerdictGiven(Event, frozen=True, kw_only=True, tag="verdict"):
    """A judge's, verifier's, scorer's or critic's word on a candidate."""

    node: str
    candidate: str
    verdict: VerdictWord
    by: str
    """Model name or check: 'openai/gpt-4o', 'regex'."""
    score: float | None = None
    reason: str = ""
    calls: tuple[str, ...] = ()


class Selected(Event, frozen=True, kw_only=True, tag="selected"):
    """A node chose: who won and why. `considered` are the candidates the decision used (a vote's ballots); those of
    its children that are in neither are waste."""

    node: str
    winners: tuple[str, ...]
    because: str
    considered: tuple[str, ...] = ()


class Cluster(Struct, frozen=True, gc=False):
    """Equal answers."""

    key: str
    candidates: tuple[str, ...]


class DisagreementScored(Event, frozen=True, kw_only=True, tag="disagreement"):
    """How much the candidates of one node disagree, before selection. 0 = all agree, 1 = none do."""

    node: str
    headline: str
    """Name of the headline score: 'entropy', 'minority', 'dissimilarity'."""
    score: float
    scores: dict[str, float]
    clusters: tuple[Cluster, ...]
    abstained: tuple[str, ...] = ()
    n: int = 0


class LimitChanged(Event, frozen=True, kw_only=True, tag="limit"):
    """How many calls an endpoint takes at once has adapted (AIMD)."""

    endpoint: str
    concurrency: int
    because: str


class BudgetReached(Event, frozen=True, kw_only=True, tag="budget"):
    """A limit was reached; everything under way is being cancelled."""

    limit: Literal["max_usd", "max_tokens", "deadline", "max_usd_per_day"]
    allowed: float
    spent: float


class Warned(Event, frozen=True, kw_only=True, tag="warning"):
    """Something the user should know: copies at temperature 0, position bias, a price that is unknown."""

    message: str
    node: str = ""


class RunFinished(Event, frozen=True, kw_only=True, tag="run_finished"):
    """Last event of every run."""

    status: RunStatus
    answer: str | None = None
    """Id of the candidate that is the answer."""
    reason: str = ""


AnyEvent: TypeAlias = (
    RunStarted
    | NodeStarted
    | NodeFinished
    | CallQueued
    | CallStarted
    | CallRetried
    | FirstToken
    | ThinkingFinished
    | TextDelta
    | CallFinished
    | CandidateMade
    | VerdictGiven
    | Selected
    | DisagreementScored
    | LimitChanged
    | BudgetReached
    | Warned
    | RunFinished
)

encode = msgspec.json.Encoder().encode
"""Any event → JSON bytes, for the ledger and for `--events`."""


@cache
def _decoder() -> msgspec.json.Decoder[AnyEvent]:
    # Reading the types takes milliseconds, which a start that reads no run need not spend.
    return msgspec.json.Decoder(AnyEvent)


def decode(data: bytes) -> AnyEvent:
    """JSON bytes → the event. Raises `msgspec.ValidationError`."""
    return _decoder().decode(data)
