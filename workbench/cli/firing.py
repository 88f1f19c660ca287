"""From a system and a prompt to a finished run: the silent part that `run`, `compare` and the Python API share."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from workbench.cli.options import Fire
from workbench.cli.services import Services
from workbench.errors import ErrorKind, ModelError
from workbench.systems import tree
from workbench.systems.nodes import Budget, System

if TYPE_CHECKING:
    from workbench.engine.control import Control
    from workbench.engine.events import AnyEvent
    from workbench.engine.limits import Limits
    from workbench.engine.task import Task
    from workbench.engine.view import RunView

T = TypeVar("T")
Sink: TypeAlias = "Callable[[AnyEvent], None]"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Everything that decides a run but the models themselves."""

    system: System
    task: Task
    seed: int
    tags: tuple[str, ...]
    run_id: str
    """Empty lets the engine make one."""
    started_at: int
    """Nanoseconds since the Unix epoch."""
    allow_code: bool = False


def aim(services: Services, system: System, prompt: str, fire: Fire, *, run_id: str = "", started_at: int = 0) -> Shot:
    """The shot that a system (its `$refs` resolved) and the flags describe. Raises `InputError`."""
    from workbench.engine.task import Task
    from workbench.systems.library import override_models

    found = override_models(system, fire.model, fire.judge)
    budget = services.config.budget
    standing = Budget(max_usd=budget.max_usd, max_tokens=budget.max_tokens, deadline=budget.deadline)
    aimed = msgspec.structs.replace(
        found,
        budget=fire.budget(found.budget, standing),
    )
    return Shot(
        system=aimed,
        task=Task.of(prompt, system=fire.system_prompt, target=fire.target),
        seed=secrets.randbits(32) if fire.seed is None else fire.seed,
        run_id=run_id,
        tags=tuple(dict.fromkeys((*found.tags, *fire.tag))),
        started_at=started_at or time.time_ns(),
        allow_code=fire.allow_code or services.config.allow_code,
    )


def anew(shot: Shot, turn: int) -> Shot:
    """The same shot for repeat number `turn` (from 0): another seed, derived from the first, and a start of its own."""
    return replace(shot, seed=(shot.seed + turn) % 2**32, started_at=time.time_ns())


def need_models(services: Services, system: System) -> None:
    """Raises `ModelError` where not one of the system's models can be called. Embedded ones that are not on disk yet
    can: they are fetched."""
    infos = [services.models.info(name) for name in tree.models(system)]
    if infos and not any(info.available for info in infos):
        problems = "; ".join(f"{info.name}: {info.problem}" for info in infos)
        hint = "`workbench models list` shows what can be called; --model NAME replaces the system's models."
        raise ModelError(ErrorKind.UNAVAILABLE, problems, hint=hint)


def is_simulated(services: Services, system: System) -> bool:
    """Whether every model of the system is simulated, so that time may be as well."""
    names = tree.models(system)
    return bool(names) and all(services.models.info(name).kind == "simulated" for name in names)


async def fire_at(
    services: Services,
    shot: Shot,
    sinks: Sequence[Sink],
    *,
    spent_today: int = 0,
    limits: Limits | None = None,
    control: Control | None = None,
) -> RunView:
    """Run the shot to its end. Cancelling ends every call; what happened has reached the sinks by then. `spent_today`
    in pico-dollars; runs that share endpoints at the same time share `limits`."""
    from workbench.engine.run import execute

    return await execute(
        shot.system,
        shot.task,
        services.models,
        sinks=sinks,
        seed=shot.seed,
        run_id=shot.run_id or None,
        started_at=shot.started_at,
        allow_code=shot.allow_code,
        limits=limits,
        spent_today=spent_today,
        max_usd_per_day=services.config.budget.max_usd_per_day,
        tags=shot.tags,
        control=control,
    )


def in_loop(main: Callable[[], Coroutine[Any, Any, T]], *, simulated: bool, pace: float | None = None) -> T:
    """Run `main` in an event loop of its own: one whose time is simulated where all models are. `pace` is then how many
    simulated seconds pass in a real one; None does not wait at all."""
    if not simulated:
        return asyncio.run(main())
    from workbench.engine.clock import VirtualLoop

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(pace=pace)) as runner:
        return runner.run(main())
