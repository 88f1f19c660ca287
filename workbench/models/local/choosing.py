"""Answers from a closed list: a grammar lets the model write nothing else, and its probabilities say how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from workbench.models.base import Chunk, Delta, Done, FinishReason, Request
from workbench.models.wire import Timings, WireUsage, messages, usage_of

UNCLEAR = 0.01
"""Share of probability that may fall on first tokens that fit several choices; more, and no probabilities are given."""
SHOWN = 128
"""First tokens whose probabilities are asked for."""


class _Token(Struct, frozen=True):
    token: str
    prob: float = 0.0


class _First(Struct, frozen=True):
    top_probs: list[_Token] = []


class _Probs(Struct, frozen=True):
    content: list[_First] = []


class _Message(Struct, frozen=True):
    content: str | None = None


class _Choice(Struct, frozen=True):
    message: _Message = _Message()
    logprobs: _Probs | None = None


class _Answer(Struct, frozen=True):
    choices: list[_Choice]
    usage: WireUsage | None = None
    timings: Timings | None = None


_decode = msgspec.json.Decoder(_Answer).decode


def body(request: Request, slot: int) -> bytes:
    """The request to `/v1/chat/completions`, not streamed: the answer is a token or a few.

    Drawn from the model's own distribution (temperature 1, nothing cut), so that the probabilities are its own.
    """
    said: dict[str, Any] = {
        "messages": messages(request),
        "stream": False,
        "id_slot": slot,
        "grammar": "root ::= " + " | ".join(msgspec.json.encode(choice).decode() for choice in request.choices),
        "max_tokens": max(len(choice.encode()) for choice in request.choices),
        "temperature": 1,
        "top_k": 0,
        "top_p": 1,
        "min_p": 0,
        "post_sampling_probs": True,
        "logprobs": True,
        "top_logprobs": SHOWN,
    }
    if request.seed is not None:
        said["seed"] = request.seed
    return msgspec.json.encode({**said, **request.extra})


def chunks(answered: bytes, request: Request) -> list[Chunk]:
    """The response as ours. At temperature 0 the answer is the likeliest choice, not a draw."""
    answer = _decode(answered)
    choice = answer.choices[0]
    first = choice.logprobs.content[0].top_probs if choice.logprobs and choice.logprobs.content else []
    probabilities = of_choices(request.choices, [(each.token, each.prob) for each in first])
    text = choice.message.content or ""
    if request.temperature == 0 and probabilities:
        text = max(probabilities, key=lambda each: probabilities[each])
    usage = usage_of(answer.usage, answer.timings)
    reason: FinishReason = "stop" if text in request.choices else "length"
    done = Done(finish_reason=reason, usage=usage, choice_probabilities=probabilities)
    return [Delta(text, tokens=usage.completion_tokens), done]


def of_choices(choices: Sequence[str], first: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Probability of each choice from those of the first tokens; empty where those don't tell them apart."""
    share = dict.fromkeys(choices, 0.0)
    unclear = 0.0
    for token, probability in first:
        fitting = [choice for choice in choices if token and choice.startswith(token)]
        if len(fitting) == 1:
            share[fitting[0]] += probability
        elif fitting:
            unclear += probability
    total = sum(share.values())
    if total <= 0 or unclear > UNCLEAR * (total + unclear):
        return {}
    return {choice: probability / total for choice, probability in share.items()}
