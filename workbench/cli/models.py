"""`workbench models`: what can be called, what it costs; fetch, try and add models."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from cyclopts import App, Parameter

from workbench.cli.fetch import fetch_missing, reporter
from workbench.cli.options import FLAG, JSON
from workbench.cli.output import line, note, print_json, table
from workbench.cli.services import Services
from workbench.models.base import ModelInfo, Prices
from workbench.models.listing import surely
from workbench.models.local.store import LocalModel, Store

app = App(name="models", help="Models: list, pull, test, add.")
Json = Annotated[bool, JSON]


@app.command(name="list")
def list_models(
    words: str = "",
    /,
    *,
    every: Annotated[bool, Parameter(name=("--all", "-a"), negative="")] = False,
    limit: int = 200,
    json: Json = False,
) -> int:
    """List models that can be called now: embedded ones, endpoints of config.toml, providers with a key.

    Parameters
    ----------
    words
        Only those whose name holds all of these words.
    every
        Also those that can't be called now, with the reason.
    limit
        Most rows.
    """
    services = Services()
    wanted = words.lower().split()
    local = [
        m for m in Store(services.config.local).list_models() if all(w in f"local/{m.name}".lower() for w in wanted)
    ]
    found = services.models.search(words, available=not every, limit=limit if every else 10**6)
    others = [info for info in found if info.provider != "local" and (every or surely(info))][:limit]
    if json:
        print_json([*(_local_json(services, model) for model in local), *map(_info_json, others)])
        return 0
    rows = [_local_row(services, model) for model in local] + [_info_row(info) for info in others]
    columns = ("model", "in $/M", "out $/M", "context", "state")
    table(columns, rows, right=columns[1:4], flex="state", drop=("context",), wrap=True)
    if len(others) == limit:
        note(f"workbench: only the first {limit} are shown; give words or --limit")
    if not every:
        note("workbench: `models list --all` shows also those that need a key")
    return 0


@app.command
def pull(name: str = "smollm2-135m", /, *, quiet: Annotated[bool, FLAG] = False, json: Json = False) -> int:
    """Fetch a local model onto this machine: the embedded one, a path, or hub:<owner>/<repo>/<file>.gguf.

    Parameters
    ----------
    name
        Name of a local model, with or without `local/`.
    quiet
        No progress.
    """
    store = Store(Services().config.local)
    with reporter(quiet=quiet) as report:
        path = asyncio.run(store.pull(name.removeprefix("local/"), report))
    if json:
        print_json({"name": f"local/{name.removeprefix('local/')}", "path": str(path), "bytes": path.stat().st_size})
    else:
        line(str(path))
    return 0


@app.command
def add(spec: str, /, *, name: str = "", json: Json = False) -> int:
    """Add a GGUF file by path, or by hub:<owner>/<repo>/<file>.gguf (fetched at its first use).

    Parameters
    ----------
    spec
        Path or hub address.
    name
        Name to call it by, `local/<name>`; by default the file's own.
    """
    model = Store(Services().config.local).add(spec, name)
    if json:
        print_json({"name": f"local/{model.name}", "path": str(model.path) if model.ready else None})
    else:
        line(f"local/{model.name}")
    return 0


@app.command(name="test")
def try_model(model: str, /, *, prompt: str = "Say: ok", json: Json = False) -> int:
    """Make one small call (at most 8 tokens) and show its times. Exit code 3 where it fails.

    Parameters
    ----------
    model
        Any model name.
    prompt
        What to ask.
    """
    import msgspec

    services = Services()

    async def call() -> Any:
        try:
            await fetch_missing(services, [model])
            return await services.models.test(model, prompt)
        finally:
            await services.aclose()

    result = asyncio.run(call())
    if json:
        print_json(msgspec.to_builtins(result))
    elif result.ok:
        tokens = result.usage.completion_tokens
        times = f"first token {result.first_token_s or 0:.2f} s, total {result.total_s or 0:.2f} s"
        line(f"{model}: ok, {times}, {tokens} tokens")
        line(result.text)
    else:
        note(f"workbench: {result.error}")
    return 0 if result.ok else 3


def _local_row(services: Services, model: LocalModel) -> tuple[str, ...]:
    row = _info_row(services.models.info(f"local/{model.name}"))
    state = f"on disk, {model.bytes / 1e6:.0f} MB" if model.ready else "not fetched yet: at first use, or `models pull`"
    return *row[:-1], f"{state}{'; ' + model.note if model.note else ''}"


def _info_row(info: ModelInfo) -> tuple[str, ...]:
    prices = info.prices or Prices()
    context = "" if info.context is None else f"{info.context:,}"
    state = info.problem or ("ready" if surely(info) else "may need a key")
    return info.name, _per_million(prices.input), _per_million(prices.output), context, state


def _per_million(pico: int | None) -> str:
    return "?" if pico is None else f"{pico / 1e6:g}"


def _local_json(services: Services, model: LocalModel) -> dict[str, Any]:
    return {**_info_json(services.models.info(f"local/{model.name}")), "on_disk": model.ready, "bytes": model.bytes}


def _info_json(info: ModelInfo) -> dict[str, Any]:
    """Prices in US dollars per million tokens; unknown is null."""
    prices = info.prices or Prices()
    fields = ("input", "cached_input", "cache_write", "output", "reasoning")
    figures = {name: getattr(prices, name) for name in fields}
    return {
        "name": info.name,
        "provider": info.provider,
        "endpoint": info.endpoint,
        "kind": info.kind,
        "available": info.available,
        "problem": info.problem or None,
        "context": info.context,
        "max_output": info.max_output,
        "reasoning": info.reasoning,
        "usd_per_million": {name: None if pico is None else pico / 1e6 for name, pico in figures.items()},
        "price_source": prices.source or None,
        "billing_on_cancel": info.billing_on_cancel,
    }
