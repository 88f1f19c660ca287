"""`workbench doctor`: what works on this machine and what does not. Keys are told present or not, never shown."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Struct

from workbench import __version__, paths
from workbench.cli.options import JSON
from workbench.cli.output import one_line, print_json, table
from workbench.cli.services import Services
from workbench.errors import WorkbenchError

State: TypeAlias = Literal["ok", "warn", "fail"]
REACH_S = 3.0
"""How long an endpoint may take to say what it serves."""
GLYPHS = {"ok": "✓ ok", "warn": "! look", "fail": "✗ broken"}
LIBRARIES = ("textual", "litellm", "httpx", "xllamacpp", "sqlite-utils", "genai-prices", "cyclopts", "rich", "msgspec")


class Finding(Struct, frozen=True):
    """One line of the report."""

    what: str
    state: State
    message: str


def doctor(*, json: Annotated[bool, JSON] = False) -> int:
    """Check Python, libraries, config, systems, embedded model, ledger, endpoints, keys and terminal.

    Exit code 1 where something is broken.

    Parameters
    ----------
    json
        As JSON.
    """
    findings = list(examine(Services()))
    if json:
        print_json([msgspec.to_builtins(finding) for finding in findings])
    else:
        rows = [(f.what, GLYPHS[f.state], f.message) for f in findings]
        table(("what", "state", "finding"), rows, flex="finding", wrap=True)
    return 1 if any(finding.state == "fail" for finding in findings) else 0


def examine(services: Services) -> Iterator[Finding]:
    """Every finding. One that can't be made is a broken one, never an exception."""
    checks: tuple[Callable[[Services], Iterator[Finding]], ...] = (
        _python,
        _config,
        _systems,
        _embedded,
        _ledger,
        _endpoints,
        _keys,
        _terminal,
    )
    for check in checks:
        name = check.__name__.removeprefix("_")
        try:
            yield from check(services)
        except WorkbenchError as error:
            yield Finding(name, "fail", str(error))
        except Exception as error:
            yield Finding(name, "fail", f"{type(error).__name__}: {error}")


def _python(_: Services) -> Iterator[Finding]:
    yield Finding("workbench", "ok", __version__)
    new_enough = sys.version_info >= (3, 11)
    where = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Finding("python", "ok" if new_enough else "fail", where)
    missing, found = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("libraries", "ok", ", ".join(found))
    if missing:
        yield Finding("libraries", "warn", f"not installed: {', '.join(missing)}")


def _config(services: Services) -> Iterator[Finding]:
    there = paths.config_file().is_file()
    endpoints = len(services.config.endpoints)
    yield Finding(
        "config", "ok", f"{paths.config_file()}{f', {endpoints} endpoints' if there else ' (none; defaults)'}"
    )
    from workbench.tui import keymap, theme

    themes = theme.load()
    for problem in (*keymap.usable(services.config.keys)[1], *themes.problems):
        yield Finding("config", "warn", problem)
    wanted = services.config.defaults.theme
    if not theme.exists(wanted, themes):
        names = ", ".join(sorted(one.name for one in themes.themes))
        yield Finding("config", "warn", f"defaults.theme: there is no theme {wanted!r}; there are {names}")


def _systems(services: Services) -> Iterator[Finding]:
    broken = []
    names = services.library.names()
    for name in names:
        try:
            services.library.resolve(services.library.get(name), services.library.path(name))
        except WorkbenchError as error:
            broken.append(f"{name}: {one_line(str(error))}")
    yield Finding("systems", "ok", f"{len(names)} saved and shipped")
    for message in broken:
        yield Finding("systems", "fail", message)


def _embedded(services: Services) -> Iterator[Finding]:
    from workbench.models.local import support
    from workbench.models.local.store import Store

    problem = support.problem()
    yield Finding("embedded models", "warn" if problem else "ok", problem or "can run here")
    store = Store(services.config.local)
    for model in store.list_models():
        state: State = "ok" if model.ready else "warn"
        where = f"{model.path}, {model.bytes / 1e6:.0f} MB" if model.ready else "not fetched: `workbench models pull`"
        if model.ready or model.source != "embedded" or model.name == "smollm2-135m":
            yield Finding(f"local/{model.name}", state, f"{where}{'; ' + model.note if model.note else ''}")
    free = shutil.disk_usage(next(p for p in (store.folder, *store.folder.parents) if p.exists())).free
    yield Finding("disk", "ok" if free > 500e6 else "warn", f"{free / 1e9:.1f} GB free for models and ledger")


def _ledger(services: Services) -> Iterator[Finding]:
    path = paths.ledger_file()
    folder = next(parent for parent in path.parents if parent.exists())
    if not (os.access(folder, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))):
        yield Finding("ledger", "fail", f"{path} can't be written: no run is recorded; WORKBENCH_HOME moves it")
        return
    if not path.is_file():
        yield Finding("ledger", "ok", f"{path} (none yet), SQLite {sqlite3.sqlite_version}")
        return
    with services.ledger(read_only=True) as ledger:
        problems = ledger.check()
    for problem in problems:
        yield Finding("ledger", "fail", problem)
    if not problems:
        yield Finding("ledger", "ok", f"{path}, {path.stat().st_size / 1e6:.1f} MB, SQLite {sqlite3.sqlite_version}")


def _endpoints(services: Services) -> Iterator[Finding]:
    if not services.config.endpoints:
        return
    import httpx

    from workbench.models.endpoints import is_loopback
    from workbench.models.keys import Keys

    for name, endpoint in services.config.endpoints.items():
        variable = endpoint.api_key_env
        key = Keys().variable(variable)
        headers = {**endpoint.headers, **({"Authorization": f"Bearer {key}"} if key else {})}
        try:
            url, trust = f"{endpoint.base_url.rstrip('/')}/models", not is_loopback(endpoint.base_url)
            status = httpx.get(url, headers=headers, timeout=REACH_S, trust_env=trust).status_code
            state: State = "ok" if status < 400 else "warn"
            message = f"{endpoint.base_url} answers with status {status}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            state, message = "warn", f"{endpoint.base_url} can't be reached: {error or type(error).__name__}"
        if variable:
            message += f", {variable} {'is set' if key else 'is not set'}"
            state = state if key else "warn"
        yield Finding(f"endpoint {name}", state, message)


def _keys(services: Services) -> Iterator[Finding]:
    from workbench.models.keys import VARIABLES

    present = sorted(provider for provider, names in VARIABLES.items() if any(os.environ.get(name) for name in names))
    yield Finding(
        "keys", "ok", f"in the environment for: {', '.join(present)}" if present else "none in the environment"
    )


def _terminal(_: Services) -> Iterator[Finding]:
    size = shutil.get_terminal_size()
    term, encoding = os.environ.get("TERM", "unset"), sys.stdout.encoding or "unknown"
    colours = os.environ.get("COLORTERM", "") or ("256" if "256" in term else "16 or fewer")
    message = f"TERM={term}, {size.columns}×{size.lines}, colours: {colours}, encoding {encoding}"
    if os.environ.get("NO_COLOR"):
        message += ", NO_COLOR"
    usable = "utf" in encoding.lower() and size.columns >= 80 and size.lines >= 24
    yield Finding(
        "terminal", "ok" if usable else "warn", message if usable else f"{message} (best: UTF-8, 80×24 or more)"
    )
