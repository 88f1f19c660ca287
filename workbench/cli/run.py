"""`workbench run`: fire one system at one prompt."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from workbench.cli.answer import AnswerWriter, streams
from workbench.cli.confirm import confirm
from workbench.cli.fetch import fetch_missing
from workbench.cli.firing import Shot, Sink, aim, fire_at, in_loop, is_simulated
from workbench.cli.live import live_lanes
from workbench.cli.options import FLAG, HYPHEN, Fire
from workbench.cli.output import Pipe, note, silence_stdout, to_json
from workbench.cli.prompt import read_prompt
from workbench.cli.recording import Recording
from workbench.cli.services import Services
from workbench.cli.signals import NAMES, Signals
from workbench.cli.starting import Starting
from workbench.cli.summary import INTERRUPTED, exit_code, summary
from workbench.engine import events as e
from workbench.engine.control import Control
from workbench.engine.view import RunView
from workbench.errors import InputError, WorkbenchError
from workbench.systems import tree

HIDDEN = Parameter(show=False)
BROKEN_PIPE = 141


@dataclass(frozen=True, kw_only=True)
class Show:
    """What goes to stdout and stderr."""

    json: bool = False
    events: bool = False
    quiet: bool = False
    said: tuple[str, ...] = ()
    """Warnings that were printed before the run."""

    @property
    def lanes(self) -> bool:
        """Live lanes: a person looks on, and stdout is no program's input."""
        return not (self.quiet or self.json or self.events) and sys.stderr.isatty() and sys.stdout.isatty()


def run(
    system: str,
    prompt: Annotated[str | None, HYPHEN] = None,
    /,
    *,
    fire: Fire = Fire(),
    json: Annotated[bool, FLAG] = False,
    events: Annotated[bool, FLAG] = False,
    run_id: Annotated[str, HIDDEN] = "",
    started_at: Annotated[int, HIDDEN] = 0,
) -> int:
    """Fire a system at a prompt. The answer goes to stdout, everything else to stderr.

    Parameters
    ----------
    system
        Name of a saved or shipped system, path of a YAML file, or a line of notation: "race(5*local/smollm2-135m@0.8)".
    prompt
        The prompt; `-` (or a pipe) reads standard input.
    json
        Print the whole run as JSON (docs/json.md) in place of the answer.
    events
        Print every event as a line of JSON as it happens.
    run_id
        Id of the run.
    started_at
        Start, nanoseconds since the Unix epoch.
    """
    if json and events:
        raise InputError("--json and --events both want stdout", hint="Choose one.")
    text = read_prompt(prompt, fire.prompt_file)
    services = Services()
    shot = aim(services, services.system(system), text, fire, run_id=run_id, started_at=started_at)
    said = confirm(services, [shot], yes=fire.yes, quiet=fire.quiet)
    return show_run(
        services, shot, Show(json=json, events=events, quiet=fire.quiet, said=said), record=not fire.no_ledger
    )


def run_default() -> int:
    """What plain `workbench` does without a terminal: the default system on the default prompt, once."""
    services = Services()
    defaults = services.config.defaults
    shot = aim(services, services.system(defaults.system), defaults.prompt, Fire())
    note(f"workbench: no terminal, so this runs {defaults.system} once: {defaults.prompt}")
    said = confirm(services, [shot], yes=False, quiet=False)
    return show_run(services, shot, Show(said=said), record=True)


def show_run(services: Services, shot: Shot, show: Show, *, record: bool) -> int:
    """Fire, show as `show` says, and return the exit code. Ctrl-C ends the run, keeps and prints what is known."""
    simulated = is_simulated(services, shot.system)
    if simulated and not show.quiet:
        note("workbench: simulated: no model is called and nothing is charged")
    performance = Performance(services, shot, show)
    with Recording(services, enabled=record) as recording:
        performance.fire(recording, simulated=simulated)
    performance.finish()
    if performance.pipe.problem or performance.pipe.closed:
        silence_stdout()  # what is left in the buffer would end the process with a code of its own
    if performance.pipe.problem:
        raise WorkbenchError(f"can't be written: {performance.pipe.problem}", where="standard output")
    if performance.pipe.closed:
        return BROKEN_PIPE
    code = exit_code(performance.view, recorded=not recording.failed)
    return performance.signals.code if code == INTERRUPTED else code


class Performance:
    """One run on its way to stdout and stderr."""

    def __init__(self, services: Services, shot: Shot, show: Show) -> None:
        self.view = RunView()
        self.pipe = Pipe(self._unread)
        self.signals = Signals()
        self._services, self._shot, self._show = services, shot, show
        streaming = streams(shot.system) and not (show.json or show.events or show.lanes)
        self._answer = AnswerWriter(self.pipe, streaming=streaming)
        self._control = Control()
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False

    def fire(self, recording: Recording, *, simulated: bool) -> None:
        """Run to the end, or until Ctrl-C or a closed pipe ends it. Raises `KeyboardInterrupt` before its start."""
        try:
            in_loop(lambda: self._go(recording), simulated=simulated, pace=1.0 if self._show.lanes else None)
        except (KeyboardInterrupt, asyncio.CancelledError):
            if not self.view.id:
                raise KeyboardInterrupt(self.signals.code) from None

    def finish(self) -> None:
        """What comes after the last event: the JSON or the rest of the answer, and a line about the run."""
        if self._show.json:
            self.pipe.write(f"{to_json(self.view.to_json())}\n")
        elif not self._show.events:
            self._answer.finish(self.view)
        if not (self._show.quiet or self._show.lanes):
            for warning in unsaid(self.view, self._show.said):
                note(f"workbench: {warning}")
        if not self._show.quiet or self.view.status not in ("done", "degraded"):
            note(f"workbench: {summary(self.view)}")

    async def _go(self, recording: Recording) -> None:
        self._task = asyncio.current_task()
        self.signals.listen(self._stop, "SIGINT", *NAMES)
        try:
            await fetch_missing(self._services, tree.models(self._shot.system), quiet=self._show.quiet)
            sinks: list[Sink] = [self._take, *recording.sinks(), self._answer]
            if self._show.events:
                sinks.append(self._print_event)
            if not (self._show.quiet or self._show.lanes):
                sinks.append(Starting(self._services.models))
            async with AsyncExitStack() as stack:
                if self._show.lanes:
                    live = live_lanes(self.view, lambda model: self._services.models.info(model).prices)
                    sinks.append(await stack.enter_async_context(live))
                spent = recording.spent_today()
                await fire_at(self._services, self._shot, sinks, spent_today=spent, control=self._control)
        finally:
            await self._services.aclose()

    def _take(self, event: e.AnyEvent) -> None:
        self.view.apply(event)

    def _print_event(self, event: e.AnyEvent) -> None:
        self.pipe.write(e.encode(event).decode() + "\n")

    def _unread(self) -> None:
        self._end(self.pipe.problem or "the reader of the output went away")

    def _stop(self) -> None:
        name = self.signals.name
        self._end("stopped by hand" if name in ("", "SIGINT") else f"stopped by {name}")

    def _end(self, reason: str) -> None:
        """Ctrl-C, or nobody reads any more: no call should go on costing. The first time what is finished still makes
        the best answer it can; before the run, or the second time, everything ends at once."""
        if self._task is not None and (self._stopped or not self.view.id):
            self._task.cancel()
        self._stopped = True
        self._control.stop(reason)


def unsaid(view: RunView, said: Sequence[str]) -> list[str]:
    """The run's warnings, each once. Copies at temperature 0 were told before the run where the checks saw them."""
    told = any("replicas" in each for each in said)
    every = dict.fromkeys(warning.message for warning in view.warnings)
    return [message for message in every if not (told and message.endswith("may be copies"))]
