"""config.toml: endpoints, prices, limits, budgets, defaults, keys. Read once at start; every key is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from workbench import paths
from workbench.errors import ConfigError

BillingOnCancel: TypeAlias = Literal["stops", "continues", "unknown"]
Price: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)] | None


class PriceConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """US dollars per million tokens; a missing figure is unknown."""

    input: Price = None
    cached_input: Price = None
    cache_write: Price = None
    output: Price = None
    reasoning: Price = None


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
    restore: bool = True
    """Whether the app opens as it was left."""
    hints: bool = True
    """Whether the first starts come with a few hints."""
    pager: str = ""
    """Command that shows a text; empty: $PAGER; `builtin`: the app's own."""
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
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't be read: {error}", where=str(file)) from error
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", where=str(file)) from error
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_said(error, data), where=str(file), hint="docs/config.md lists every key.") from error
    _check_endpoints(config, file)
    return config


def _check_endpoints(config: Config, file: Path) -> None:
    for name, endpoint in config.endpoints.items():
        if name in RESERVED or "/" in name:
            raise ConfigError(
                f"an endpoint can't be called {name!r}",
                where=str(file),
                hint=f"Reserved: {', '.join(sorted(RESERVED))}.",
            )
        if not _is_address(endpoint.base_url):
            raise ConfigError(
                f"endpoints.{name}.base_url: {endpoint.base_url!r} is no address",
                where=str(file),
                hint="For example http://127.0.0.1:8000/v1.",
            )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _said(error: msgspec.ValidationError, data: dict[str, Any]) -> str:
    """The key, then what is wrong with it: `endpoints.lab.max_concurrency: expected …`."""
    message, _, path = str(error).partition(" - at `$")
    key = ".".join(_named(path.rstrip("`").replace("[...]", ".*").split(".")[1:], data, str(error)))
    if message.startswith("Invalid enum value"):
        message += f", expected one of {', '.join(get_args(BillingOnCancel))}"
    return f"{key}: {message[:1].lower()}{message[1:]}" if key else message


def _named(parts: list[str], data: dict[str, Any], said: str) -> list[str]:
    """The path with the user's own names, for which the decoder writes `[...]`: each is the one whose entry alone makes
    the same error."""
    for position, part in enumerate(parts):
        if part == "*":
            above = parts[:position]
            name = _culprit(above, data, said)
            data = _only(above, name, data) if name in _at(above, data) else data
            parts = [*above, name, *parts[position + 1 :]]
    return parts


def _culprit(above: list[str], data: dict[str, Any], said: str) -> str:
    """The name in the table at `above` without whose siblings the error stays the same."""
    table = _at(above, data)
    for name in table:
        try:
            msgspec.convert(_only(above, name, data), Config)
        except msgspec.ValidationError as error:
            if str(error) == said:
                return str(name)
    return "<name>"


def _at(path: list[str], data: Any) -> Any:
    for name in path:
        data = data[name]
    return data


def _only(above: list[str], name: str, data: Any) -> Any:
    """The data with a single entry in the table at `above`."""
    if not above:
        return {name: data[name]}
    return {**data, above[0]: _only(above[1:], name, data[above[0]])}
