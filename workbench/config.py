"""config.toml: endpoints, prices, limits, budgets, defaults, keys. Read once at start; every key is checked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from workbench import paths
from workbench.errors import ConfigError

BillingOnCancel: TypeAlias = Literal["stops", "continues", "unknown"]


class PriceConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """US dollars per million tokens; a missing figure is unknown."""

    input: float | None = None
    cached_input: float | None = None
    cache_write: float | None = None
    output: float | None = None
    reasoning: float | None = None


class LimitConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of one endpoint: the ceilings under which the adaptive limit moves."""

    max_concurrency: Annotated[int, Meta(ge=1)] | None = None
    requests_per_minute: Annotated[float, Meta(gt=0)] | None = None


class EndpointConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenAI-compatible server. `[endpoints.lab]` makes `lab/<any model name>`."""

    base_url: str
    api_key_env: str = ""
    """Name of the environment variable that holds the key; the key itself never stands in a file."""
    billing_on_cancel: BillingOnCancel = "unknown"
    prices: dict[str, PriceConfig] = {}
    """Model name → prices; `"*"` for all others."""
    headers: dict[str, str] = {}
    max_concurrency: Annotated[int, Meta(ge=1)] | None = None
    requests_per_minute: Annotated[float, Meta(gt=0)] | None = None
    context: Annotated[int, Meta(ge=1)] | None = None


class BudgetConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Budgets in force unless a run carries its own. Dollars, tokens, seconds."""

    max_usd: Annotated[float, Meta(gt=0)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    deadline: Annotated[float, Meta(gt=0)] | None = None
    max_usd_per_day: Annotated[float, Meta(gt=0)] | None = None


class LocalConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How embedded models run."""

    slots: Annotated[int, Meta(ge=1, le=64)] = 8
    context_per_slot: Annotated[int, Meta(ge=256)] = 2048
    threads: Annotated[int, Meta(ge=1)] | None = None
    """Compute threads; empty takes one fewer than cores."""
    gguf: dict[str, str] = {}
    """Further models: name → path of a GGUF file, or `hub:<owner>/<repo>/<file>`."""


class DefaultsConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the app opens with."""

    system: str = "first-finish-n"
    """Name of a saved or shipped system, or a line of notation."""
    prompt: str = "What is 6 × 7? Think step by step, then give a final answer."
    theme: str = "workbench-dark"
    ascii: bool = False
    """Glyphs, bars and rules of the app as plain ASCII."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    endpoints: dict[str, EndpointConfig] = {}
    prices: dict[str, PriceConfig] = {}
    """Model name → prices that override every catalogue."""
    limits: dict[str, LimitConfig] = {}
    """Endpoint name (openai, anthropic, local, lab) → limits."""
    billing_on_cancel: dict[str, BillingOnCancel] = {}
    """Endpoint name → what it bills after a cancel, where the shipped table is wrong."""
    budget: BudgetConfig = BudgetConfig()
    local: LocalConfig = LocalConfig()
    defaults: DefaultsConfig = DefaultsConfig()
    allow_code: bool = False
    keys: dict[str, str] = {}
    """Command id → keys."""


RESERVED = frozenset({"local", "sim", "recorded"})


def load(path: Path | None = None) -> Config:
    """Read config.toml; a missing file is the default. Raises `ConfigError` naming file, key and what is expected."""
    file = path or paths.config_file()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't be read: {error}", where=str(file)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", where=str(file)) from error
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_said(error), where=str(file), hint="docs/config.md lists every key.") from error
    for name in config.endpoints:
        if name in RESERVED or "/" in name:
            raise ConfigError(
                f"an endpoint can't be called {name!r}",
                where=str(file),
                hint=f"Reserved: {', '.join(sorted(RESERVED))}.",
            )
    return config


def _said(error: msgspec.ValidationError) -> str:
    """The key, then what is wrong with it: `budget.max_usd: expected …`. Names of the user's own show as `<name>`."""
    message, _, path = str(error).partition(" - at `$")
    key = path.rstrip("`").removeprefix(".").replace("[...]", ".<name>").lstrip(".")
    return f"{key}: {message[:1].lower()}{message[1:]}" if key else message
