"""Profiles of simulated models: named sets of parameters, each of which a name or `extra` can override.

`sim/small` is a profile; `sim/small:accuracy-0.9:ttft-0.2` overrides two of its parameters in the name itself, with
characters that the notation allows in names; a node's `extra` overrides them too, and wins.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Prices
from workbench.money import per_million

ROOM = "sim/"
Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(ge=0, le=1e6)]
Tokens = Annotated[int, Meta(ge=0, le=1_000_000)]
FailKind: TypeAlias = Literal["rate_limit", "overloaded", "timeout", "connection", "internal", "auth", "bad_request"]


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every parameter of a simulated model. Times in seconds, lengths in tokens, prices in $ per million tokens."""

    accuracy: Share = 0.7
    """P(correct) of a query of median difficulty."""
    difficulty: Positive = 0.0
    """How much queries differ: standard deviation of the log-odds of `accuracy` from query to query."""
    wrong: Annotated[int, Meta(ge=1, le=50)] = 3
    """How many different wrong answers there are; each is half as likely as the one before."""
    accept: Share = 0.9
    """As a verifier or judge: P(accept | correct), the c of semantics."""
    reject: Share = 0.7
    """As a verifier or judge: P(reject | wrong), the s of semantics."""
    bias: Share = 0.0
    """As a judge that selects: P(the first shown is taken whatever it says), position bias."""
    tokens: Tokens = 60
    """Median length of the answer."""
    thinking: Tokens = 0
    """Median length of the thinking; 0 does not think."""
    spread: Positive = 0.4
    """Standard deviation of the logarithm of both lengths (lognormal)."""
    ramble: Annotated[float, Meta(gt=0, le=100)] = 1.0
    """How many times longer wrong answers and their thinking are."""
    ttft: Positive = 0.3
    """Median time to first token."""
    ttft_spread: Positive = 0.3
    """Standard deviation of its logarithm."""
    tps: Annotated[float, Meta(gt=0, le=1e9)] = 50.0
    """Median tokens per second."""
    tps_spread: Positive = 0.15
    """Standard deviation of its logarithm from call to call."""
    chunk: Annotated[int, Meta(ge=1, le=1_000_000)] = 3
    """Tokens in one piece of the stream; a large value sends all at once and is cheap."""
    fail: Share = 0.0
    """P(an attempt fails before its first token)."""
    fail_kind: FailKind = "overloaded"
    """How it fails."""
    stall: Share = 0.0
    """P(the stream falls silent in the middle for `stall_s` seconds)."""
    stall_s: Positive = 3600.0
    cut: Share = 0.0
    """P(the connection drops in the middle: no clean end)."""
    truncate: Share = 0.0
    """P(the answer stops in the middle at a length limit)."""
    filter: Share = 0.0
    """P(a content filter stops it)."""
    empty: Share = 0.0
    """P(it ends cleanly with no answer)."""
    garble: Share = 0.0
    """As a judge, verifier or router: P(a reply that cannot be parsed)."""
    price_in: Positive = 0.0
    price_out: Positive = 0.0
    context: Tokens = 128_000
    concurrency: Annotated[int, Meta(ge=1)] = 1_000
    """Calls that its endpoint allows at once."""


PROFILES: dict[str, Profile] = {
    "small": Profile(accuracy=0.6, difficulty=1.0, tps=90.0, ttft=0.2, price_in=0.05, price_out=0.2),
    "large": Profile(
        accuracy=0.85,
        difficulty=1.0,
        tokens=90,
        tps=45.0,
        ttft=0.6,
        price_in=2.5,
        price_out=10.0,
        accept=0.95,
        reject=0.85,
    ),
    "thinker": Profile(
        accuracy=0.75,
        difficulty=1.0,
        thinking=300,
        spread=0.6,
        ramble=1.8,
        tps=60.0,
        ttft=0.5,
        price_in=0.55,
        price_out=2.2,
    ),
    "judge": Profile(
        accuracy=0.8,
        difficulty=0.5,
        tokens=40,
        tps=80.0,
        ttft=0.3,
        price_in=1.0,
        price_out=4.0,
        accept=0.92,
        reject=0.88,
    ),
    "flaky": Profile(
        accuracy=0.6, fail=0.2, stall=0.05, cut=0.05, truncate=0.05, empty=0.05, tps=90.0, price_in=0.05, price_out=0.2
    ),
    "slow": Profile(accuracy=0.7, ttft=3.0, ttft_spread=0.8, tps=8.0, tps_spread=0.4, price_in=0.1, price_out=0.4),
    "perfect": Profile(accuracy=1.0, accept=1.0, reject=1.0, tps=200.0, ttft=0.1, price_in=1.0, price_out=4.0),
    "coin": Profile(accuracy=0.5, wrong=1, accept=0.5, reject=0.5, tps=200.0, ttft=0.1, price_in=0.01, price_out=0.01),
    "instant": Profile(accuracy=0.7, ttft=0.0, tps=1e9, chunk=1_000_000, price_in=0.05, price_out=0.2),
}
"""Shipped profiles by name; docs/simulated.md describes them."""


def parse(model: str) -> Profile:
    """`sim/small:accuracy-0.9` → its profile. Raises `ModelError` for an unknown profile, parameter or value."""
    return _parse(model)


@lru_cache(maxsize=512)
def _parse(model: str) -> Profile:
    name, *settings = model.removeprefix(ROOM).split(":")
    if name not in PROFILES:
        near = difflib.get_close_matches(name, PROFILES, n=1)
        hint = f"Did you mean {ROOM}{near[0]}?" if near else f"Known: {', '.join(ROOM + known for known in PROFILES)}."
        raise ModelError(ErrorKind.NOT_FOUND, f"there is no simulated model {model!r}", where=model, hint=hint)
    values: dict[str, str] = {}
    for setting in settings:
        key, dash, value = setting.partition("-")
        if not dash or not value:
            raise ModelError(
                ErrorKind.BAD_REQUEST,
                f"{setting!r} is no parameter",
                where=model,
                hint=f"Write {ROOM}{name}:accuracy-0.9.",
            )
        values[key] = value
    return _with(PROFILES[name], values, model)


def tuned(model: str, extra: Mapping[str, Any]) -> Profile:
    """The model's profile with those parameters of `extra` that are its own; others (target) are left alone."""
    profile = parse(model)
    own = {key: value for key, value in extra.items() if key in Profile.__struct_fields__}
    return _with(profile, own, model) if own else profile


def _with(profile: Profile, values: Mapping[str, Any], model: str) -> Profile:
    if not values:
        return profile
    try:
        return msgspec.convert({**msgspec.to_builtins(profile), **values}, Profile, strict=False)
    except msgspec.ValidationError as error:
        hint = f"Parameters: {', '.join(Profile.__struct_fields__)}."
        raise ModelError(ErrorKind.BAD_REQUEST, _said(str(error)), where=model, hint=hint) from error


def _said(error: str) -> str:
    """msgspec's message in the words of a parameter: no JSON paths."""
    what, at, path = error.partition(" - at `$.")
    return (
        f"{path.rstrip('`')}: {what}" if at else what.replace("Object contains unknown field", "there is no parameter")
    )


def prices(profile: Profile) -> Prices:
    """Its invented prices, marked as such."""
    cost_in, cost_out = per_million(profile.price_in), per_million(profile.price_out)
    return Prices(input=cost_in, cached_input=cost_in, output=cost_out, reasoning=cost_out, source="simulated")
