"""The public Python API. `import workbench` gives these names; this module is loaded when one is first used."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.fetch import fetch_missing
from workbench.cli.firing import Shot, Sink, aim, fire_at, in_loop, is_simulated, need_models
from workbench.cli.options import Fire
from workbench.cli.recording import Recording
from workbench.cli.services import Services
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.systems import tree
from workbench.systems.nodes import System

if TYPE_CHECKING:
    from workbench.engine.events import AnyEvent
    from workbench.ledger import Ledger

__all__ = ["WorkbenchError", "load", "open_ledger", "parse", "replay", "run"]


def parse(text: str) -> System:
    """A line of notation → the system. Raises `NotationError` with line, column and what was expected."""
    from workbench.systems.notation import parse_system

    return parse_system(text)


def load(name: str | Path) -> System:
    """The system of this name, or of the file at this path, `$refs` resolved. Raises `SystemFileError`."""
    return Services().system(str(name))


def run(
    system: str | System,
    prompt: str,
    *,
    system_prompt: str | None = None,
    model: str | None = None,
    judge: str | None = None,
    seed: int | None = None,
    max_usd: float | None = None,
    max_tokens: int | None = None,
    deadline: float | None = None,
    target: str | None = None,
    tags: Sequence[str] = (),
    allow_code: bool = False,
    record: bool = True,
    on_event: Callable[[AnyEvent], None] | None = None,
) -> RunView:
    """Fire a system (a name, a path, notation, or a `System`) at a prompt and wait for its end.

    `max_usd` in dollars, `deadline` in seconds. `record` keeps it in the ledger; where that fails it warns, and the run
    is returned all the same. `on_event` gets every event as it happens, in the run's loop; it must not block. A run
    that failed is returned with `status == "failed"`; raised are only `InputError` and `ModelError` from before its
    start. May be called inside a running event loop (a notebook): the run then has a thread and a loop of its own.
    """
    services = Services()
    fire = Fire(
        system_prompt=system_prompt,
        model=model,
        judge=judge,
        seed=seed,
        max_usd=max_usd,
        max_tokens=max_tokens,
        deadline=deadline,
        target=target,
        tag=list(tags),
        allow_code=allow_code,
    )
    found = services.system(system) if isinstance(system, str) else services.library.resolve(system)
    shot = aim(services, found, prompt, fire)
    need_models(services, shot.system)
    with Recording(services, enabled=record, tell=_warn) as recording:
        return _fired(services, shot, recording, on_event)


def _fired(
    services: Services, shot: Shot, recording: Recording, on_event: Callable[[AnyEvent], None] | None
) -> RunView:
    view = RunView()
    sinks: list[Sink] = [lambda event: _fold(view, event), *recording.sinks(), *((on_event,) if on_event else ())]

    async def fired() -> None:
        try:
            await fetch_missing(services, tree.models(shot.system))
            await fire_at(services, shot, sinks, spent_today=recording.spent_today())
        finally:
            await services.aclose()

    _apart(lambda: in_loop(fired, simulated=is_simulated(services, shot.system)))
    return view


def replay(ref: str = "last") -> RunView:
    """A past run (id, the beginning of one, or `last`) folded from its events in the ledger. No model is called."""
    with Services().ledger(read_only=True) as ledger:
        return RunView().apply_all(ledger.events(ref))


def open_ledger(path: str | Path | None = None, *, read_only: bool = False) -> Ledger:
    """The ledger at `path`, by default the one all commands share. Raises `LedgerError`."""
    return Services().ledger(None if path is None else Path(path), read_only=read_only)


def _fold(view: RunView, event: AnyEvent) -> None:
    view.apply(event)


def _apart(work: Callable[[], None]) -> None:
    """Do it here, or in a thread where this one already runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work()
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=4)
