"""What a system is made of: one struct per operator, one tagged union of them all.

A node takes a task and yields candidates in the order in which they complete. The notation, YAML, JSON Schema, the
editor's forms and the docs all follow from the structs, their defaults and their `Meta` descriptions.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from workbench.systems.verifiers import Agreement as Agreement
from workbench.systems.verifiers import Check as Check
from workbench.systems.verifiers import Command as Command
from workbench.systems.verifiers import Contains as Contains
from workbench.systems.verifiers import Extract as Extract
from workbench.systems.verifiers import JsonSchema as JsonSchema
from workbench.systems.verifiers import Number as Number
from workbench.systems.verifiers import PythonTests as PythonTests
from workbench.systems.verifiers import Regex as Regex

Replicas = Annotated[
    int,
    Meta(
        ge=1,
        description="How many identical copies of this node stand here; they differ in seed and sample index, nothing else.",
    ),
]
Seconds = Annotated[float, Meta(ge=0, description="Seconds.")]
PromptOverride = Annotated[
    str | None,
    Meta(
        description="Prompt to use instead of the shipped one: the text itself, or @name of a file in workbench/prompts."
    ),
]


class Node(Struct, frozen=True, kw_only=True, tag_field="node", omit_defaults=True, forbid_unknown_fields=True):
    """Base of every operator."""

    arguments: ClassVar[tuple[str, ...]] = ()
    """Fields that hold a single node written in the notation's square brackets (a judge, a verifier)."""
    branches_in: ClassVar[tuple[str, ...]] = ("of",)
    """Fields that hold the children written in the notation's round brackets."""

    replicas: Replicas = 1
    label: Annotated[str, Meta(description="A name shown beside the node; it changes nothing else.")] = ""


class Model(Node, frozen=True, kw_only=True, tag="model"):
    """One call to one model: the unit that streams, costs money and gets a row in the ledger."""

    branches_in: ClassVar[tuple[str, ...]] = ()

    model: Annotated[
        str,
        Meta(
            min_length=1,
            description="Name as LiteLLM spells it (openai/gpt-4o), local/<gguf>, sim/<name>, recorded/<source>, or <endpoint>/<model>.",
        ),
    ]
    temperature: Annotated[
        Annotated[float, Meta(ge=0, le=5)] | None,
        Meta(description="Sampling temperature; empty leaves it to the provider."),
    ] = None
    top_p: Annotated[Annotated[float, Meta(gt=0, le=1)] | None, Meta(description="Nucleus sampling mass.")] = None
    max_tokens: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="Most completion tokens, thinking included.")
    ] = None
    stop: Annotated[tuple[str, ...], Meta(description="Texts that end the answer.")] = ()
    seed: Annotated[
        int | None,
        Meta(description="Fixed seed for every replica; empty gives each its own, derived from the run's seed."),
    ] = None
    system: Annotated[str | None, Meta(description="System prompt.")] = None
    prompt: Annotated[str | None, Meta(description="Template around the query; {prompt} stands for it.")] = None
    reasoning_effort: Annotated[
        Literal["none", "minimal", "low", "medium", "high"] | None,
        Meta(description="How long a reasoning model may think."),
    ] = None
    first_token_timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Seconds until the first token must arrive.")
    ] = 60.0
    idle_timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Longest silence in mid-stream, seconds.")
    ] = 60.0
    timeout: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="Seconds for the whole call, retries not included.")
    ] = 600.0
    retries: Annotated[int, Meta(ge=0, le=10, description="How often a failed request is tried again.")] = 2
    extra: Annotated[
        dict[str, Any], Meta(description="Further request fields, passed to the provider as they are.")
    ] = {}


class Ref(Node, frozen=True, kw_only=True, tag="ref"):
    """A saved system standing as a node: `$name`."""

    branches_in: ClassVar[tuple[str, ...]] = ()

    ref: Annotated[
        str, Meta(min_length=1, description="Name of a saved or shipped system, or a path to its YAML file.")
    ]


class Ensemble(Node, frozen=True, kw_only=True, tag="ensemble"):
    """All children at once; yields every candidate as it completes."""

    of: tuple[AnyNode, ...]
    quorum: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Stop when this many candidates are done; empty waits for all."),
    ] = None


class Race(Node, frozen=True, kw_only=True, tag="race"):
    """The first finishers win; the rest are cancelled (laconic decoding: the first of n identical calls)."""

    of: tuple[AnyNode, ...]
    take: Annotated[int, Meta(ge=1, description="How many winners.")] = 1
    rule: Annotated[
        Literal["first", "thinking", "shortest"],
        Meta(
            description="first: first to finish its answer; thinking: first to finish thinking, it then writes its answer; shortest: all finish, fewest completion tokens win."
        ),
    ] = "first"
    losers: Annotated[
        Literal["cancel", "finish"],
        Meta(description="cancel the rest at the trigger, or let them finish so that the run can be studied."),
    ] = "cancel"
    grace: Annotated[float, Meta(ge=0, description="Seconds the losers may go on after the trigger.")] = 0.0
    stagger: Annotated[float, Meta(ge=0, description="Seconds between the starts of replicas (hedging).")] = 0.0


class Vote(Node, frozen=True, kw_only=True, tag="vote"):
    """One candidate: the representative of the largest cluster of equal answers (self-consistency)."""

    of: tuple[AnyNode, ...]
    extract: Extract = "auto"
    tie: Annotated[
        Literal["first", "shortest", "random"],
        Meta(description="Which cluster wins a tie: earliest finished, fewest tokens, or seeded chance."),
    ] = "first"
    weights: Annotated[
        Literal["none", "verifier", "probability"],
        Meta(description="What a ballot weighs: one, its verifier's score, or the model's own probability."),
    ] = "none"
    stop: Annotated[
        Literal["all", "decided"],
        Meta(description="Wait for all ballots, or stop as soon as the lead exceeds what is still out."),
    ] = "all"


class Judge(Node, frozen=True, kw_only=True, tag="judge"):
    """A model reads the candidates and writes, names or ranks the best answer (council of advisors)."""

    arguments: ClassVar[tuple[str, ...]] = ("judge",)

    judge: AnyNode
    of: tuple[AnyNode, ...]
    mode: Annotated[
        Literal["synthesize", "select", "rank"],
        Meta(description="synthesize: write the best final answer; select: name one; rank: order them all."),
    ] = "synthesize"
    swap: Annotated[bool, Meta(description="Ask twice in opposite orders and report position bias.")] = False
    see: Annotated[
        Literal["children", "all"],
        Meta(description="all shows every candidate below, not only the children's survivors."),
    ] = "children"
    quorum: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Judge when this many candidates are done; empty waits for all."),
    ] = None
    wait: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Judge after this many seconds with what is there (at least one)."),
    ] = None
    prompt: PromptOverride = None


class Verify(Node, frozen=True, kw_only=True, tag="verify"):
    """One candidate: the first that gets thumbs up."""

    arguments: ClassVar[tuple[str, ...]] = ("verifier",)

    verifier: AnyTest
    of: tuple[AnyNode, ...]
    mode: Annotated[
        Literal["parallel", "serial"],
        Meta(description="parallel: the first acceptance cancels the rest; serial: one candidate at a time."),
    ] = "parallel"
    votes: Annotated[int, Meta(ge=1, description="How often the verifier is asked; the majority counts.")] = 1
    threshold: Annotated[
        float, Meta(ge=0, le=1, description="Least score that counts as accepted where the verifier gives a score.")
    ] = 0.5
    fallback: Annotated[
        Literal["random", "first", "plurality", "escalate", "none"],
        Meta(
            description="Which candidate passes, marked unverified, when none is accepted; escalate hands it to the next branch of a cascade, none fails the node."
        ),
    ] = "first"
    prompt: PromptOverride = None


class Filter(Node, frozen=True, kw_only=True, tag="filter"):
    """The accepted candidates."""

    arguments: ClassVar[tuple[str, ...]] = ("verifier",)

    verifier: AnyTest
    of: tuple[AnyNode, ...]
    votes: Annotated[int, Meta(ge=1, description="How often the verifier is asked; the majority counts.")] = 1
    threshold: Annotated[float, Meta(ge=0, le=1, description="Least score that counts as accepted.")] = 0.5
    fallback: Annotated[
        Literal["all", "random", "first", "plurality", "none"],
        Meta(description="What passes, marked unverified, when none is accepted."),
    ] = "all"
    prompt: PromptOverride = None


class Best(Node, frozen=True, kw_only=True, tag="best"):
    """The candidates with the highest score (best-of-n)."""

    arguments: ClassVar[tuple[str, ...]] = ("scorer",)

    scorer: AnyTest
    of: tuple[AnyNode, ...]
    take: Annotated[int, Meta(ge=1, description="How many to keep.")] = 1
    prompt: PromptOverride = None


class Cascade(Node, frozen=True, kw_only=True, tag="cascade"):
    """Branches in order, cheap to dear; the first accepted answer ends it (FrugalGPT)."""

    arguments: ClassVar[tuple[str, ...]] = ("accept",)

    accept: AnyTest
    of: tuple[AnyNode, ...]
    threshold: Annotated[float, Meta(ge=0, le=1, description="Least score that counts as accepted.")] = 0.5
    votes: Annotated[int, Meta(ge=1, description="How often the test is asked; the majority counts.")] = 1
    prompt: PromptOverride = None


class Branch(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A labelled branch of a route."""

    label: Annotated[
        str,
        Meta(
            min_length=1,
            description="What the router answers to choose this branch; `else` is taken when nothing fits.",
        ),
    ]
    to: AnyNode
    when: Annotated[str, Meta(description="What belongs here, shown to the router.")] = ""


class Route(Node, frozen=True, kw_only=True, tag="route"):
    """A router names a label; that branch answers."""

    arguments: ClassVar[tuple[str, ...]] = ("router",)
    branches_in: ClassVar[tuple[str, ...]] = ("branches",)

    router: AnyNode
    branches: tuple[Branch, ...]
    prompt: PromptOverride = None


class Chain(Node, frozen=True, kw_only=True, tag="chain"):
    """Steps in a row: `a >> b`. The last step's candidates come out."""

    branches_in: ClassVar[tuple[str, ...]] = ("steps",)

    steps: tuple[AnyNode, ...]
    carry: Annotated[
        Literal["rewrite", "candidates"],
        Meta(
            description="rewrite: a step's answer is the next step's query; candidates: the next step sees the query and all candidates of the step before (a layer of a mixture of agents)."
        ),
    ] = "rewrite"
    prompt: PromptOverride = None


class Refine(Node, frozen=True, kw_only=True, tag="refine"):
    """A generator and a critic take turns until the critic is content (Self-Refine)."""

    arguments: ClassVar[tuple[str, ...]] = ("critic",)

    critic: AnyTest
    of: tuple[AnyNode, ...]
    rounds: Annotated[int, Meta(ge=1, description="Most revisions.")] = 3
    prompt: PromptOverride = None


class Debate(Node, frozen=True, kw_only=True, tag="debate"):
    """Children answer, read each other and answer again; the last round's candidates come out."""

    of: tuple[AnyNode, ...]
    rounds: Annotated[int, Meta(ge=1, description="Most rounds, the first answers included.")] = 2
    extract: Extract = "auto"
    prompt: PromptOverride = None


AnyNode: TypeAlias = (
    Model | Ref | Ensemble | Race | Vote | Judge | Verify | Filter | Best | Cascade | Route | Chain | Refine | Debate
)
AnyTest: TypeAlias = (
    Model
    | Ref
    | Ensemble
    | Race
    | Vote
    | Judge
    | Verify
    | Filter
    | Best
    | Cascade
    | Route
    | Chain
    | Refine
    | Debate
    | Regex
    | Number
    | JsonSchema
    | Contains
    | Command
    | PythonTests
    | Agreement
)

NODES: tuple[type[Node], ...] = (
    Model,
    Ref,
    Ensemble,
    Race,
    Vote,
    Judge,
    Verify,
    Filter,
    Best,
    Cascade,
    Route,
    Chain,
    Refine,
    Debate,
)
CHECKS: tuple[type[Check], ...] = (Regex, Number, JsonSchema, Contains, Command, PythonTests, Agreement)


class Budget(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits of one run; reaching one ends it `stopped` and keeps what is finished."""

    max_usd: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Most money, US dollars.")] = None
    max_tokens: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="Most tokens, prompt and completion together.")
    ] = None
    deadline: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Most wall time, seconds.")] = None


class System(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A named tree of nodes, saved as one YAML file, printable as one line of notation."""

    root: AnyNode
    name: Annotated[str, Meta(description="Name; the file's stem by default.")] = ""
    description: Annotated[str, Meta(description="What it is for, one or two sentences.")] = ""
    source: Annotated[str, Meta(description="Where the idea comes from: paper, year.")] = ""
    example: Annotated[str, Meta(description="A prompt that shows it at work.")] = ""
    extract: Annotated[str, Meta(description="How answer keys are read for the agreement score; see vote.extract.")] = (
        "auto"
    )
    on_none: Annotated[
        Literal["best_effort", "fail"],
        Meta(description="When no candidate is done: pass the longest text on, marked degraded, or fail."),
    ] = "best_effort"
    budget: Budget = Budget()
    tags: Annotated[tuple[str, ...], Meta(description="Words to find it by; its runs carry them too.")] = ()


def kind_of(node: Node | Check) -> str:
    """The node's tag: 'race', 'model', 'regex'."""
    tag = type(node).__struct_config__.tag
    assert isinstance(tag, str)
    return tag
