"""`workbench compare`: several systems, one prompt, one table."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from workbench import money
from workbench.cli.comparison import Compared, Spread
from workbench.cli.confirm import confirm
from workbench.cli.fetch import fetch_missing
from workbench.cli.firing import Shot, Sink, aim, anew, fire_at, in_loop, is_simulated
from workbench.cli.options import FLAG, HYPHEN, Fire
from workbench.cli.output import console, note, one_line, print_json, table
from workbench.cli.prompt import read_prompt
from workbench.cli.recording import Recording
from workbench.cli.services import Services
from workbench.cli.signals import NAMES, Signals
from workbench.cli.summary import exit_code
from workbench.engine.events import AnyEvent
from workbench.engine.limits import Limits
from workbench.engine.view import RunView
from workbench.errors import InputError
from workbench.systems import tree

COLUMNS = ("system", "done", "cost", "waste", "wall", "first token", "tokens", "disagreement", "answers")
DROP = ("waste", "first token", "tokens", "disagreement")
"""Columns that a narrow terminal goes without, the first first."""
Advance: TypeAlias = Callable[[str], None]


def compare(
    system: str,
    /,
    *systems: str,
    prompt: Annotated[str | None, HYPHEN, Parameter(alias="-p")] = None,
    repeat: Annotated[int, Parameter(alias="-n")] = 1,
    together: Annotated[bool, FLAG] = False,
    fire: Fire = Fire(),
    json: Annotated[bool, FLAG] = False,
) -> int:
    """Fire systems at the same prompt; a table of cost, time, tokens, agreement and answers (median, range).

    Parameters
    ----------
    system
        Name, path or notation, as in `run`.
    systems
        Further ones.
    prompt
        The prompt; `-` (or a pipe) reads standard input.
    repeat
        Runs of each system.
    together
        Fire the systems at once; by default one after the other, so that they do not slow each other.
    json
        As JSON, with a row for every run.
    """
    if repeat < 1:
        raise InputError("must be at least 1", where="--repeat")
    text = read_prompt(prompt, fire.prompt_file)
    services = Services()
    names = (system, *systems)
    shots = [aim(services, services.system(name), text, fire) for name in names]
    confirm(services, shots * repeat, yes=fire.yes, quiet=fire.quiet)
    views: list[list[RunView]] = [[] for _ in shots]
    with (
        Recording(services, enabled=not fire.no_ledger) as recording,
        _progress(len(shots) * repeat, quiet=fire.quiet) as advance,
    ):
        contest = Contest(services, shots, recording, advance)
        whole = contest.hold(repeat, views, together=together)
    _show(text, names, views, json=json)
    codes = [exit_code(view, recorded=not recording.failed) for runs in views for view in runs]
    return next((code for code in codes if code), 0) if whole else contest.signals.code


class Contest:
    """Every system `repeat` times, in turns, so that a drift of the machine or the provider meets them alike."""

    def __init__(self, services: Services, shots: Sequence[Shot], recording: Recording, advance: Advance) -> None:
        self._services, self._shots, self._recording, self._advance = services, shots, recording, advance
        self._limits = Limits()
        self.signals = Signals()

    def hold(self, repeat: int, views: list[list[RunView]], *, together: bool) -> bool:
        """Fill `views`, a list for each system. Returns False where Ctrl-C or another signal ended it."""
        simulated = all(is_simulated(self._services, shot.system) for shot in self._shots)
        try:
            in_loop(lambda: self._go(repeat, views, together=together), simulated=simulated)
        except (KeyboardInterrupt, asyncio.CancelledError):
            return False
        return True

    async def _go(self, repeat: int, views: list[list[RunView]], *, together: bool) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.signals.listen(task.cancel, *NAMES)
        names = [name for shot in self._shots for name in tree.models(shot.system)]
        try:
            await fetch_missing(self._services, names)
            for turn in range(repeat):
                if together:
                    async with asyncio.TaskGroup() as group:
                        for shot, into in zip(self._shots, views, strict=True):
                            group.create_task(self._fire(anew(shot, turn), into))
                else:
                    for shot, into in zip(self._shots, views, strict=True):
                        await self._fire(anew(shot, turn), into)
        finally:
            await self._services.aclose()

    async def _fire(self, shot: Shot, into: list[RunView]) -> None:
        view = RunView()
        into.append(view)
        sinks: list[Sink] = [lambda event: _fold(view, event), *self._recording.sinks()]
        spent = self._recording.spent_today()
        await fire_at(self._services, shot, sinks, spent_today=spent, limits=self._limits)
        self._advance(view.system or view.notation)


def _fold(view: RunView, event: AnyEvent) -> None:
    view.apply(event)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Advance]:
    """A bar on stderr where a person looks on."""
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console(sys.stderr), transient=True) as bars:
        task = bars.add_task("", total=total)
        yield lambda name: bars.update(task, advance=1, description=one_line(name, 40))


def _show(prompt: str, names: Sequence[str], views: list[list[RunView]], *, json: bool) -> None:
    compared = [
        Compared(system=name, runs=[view.to_json() for view in runs])
        for name, runs in zip(names, views, strict=True)
        if runs
    ]
    if json:
        print_json({"prompt": prompt, "systems": [each.to_json() for each in compared]})
        return
    table(COLUMNS, map(_row, compared), right=COLUMNS[1:7], flex="answers", least=12, drop=DROP)
    kinds = {each.kind for each in compared}
    if kinds - {"real"}:
        note(f"workbench: {', '.join(sorted(kinds))}: no figure of these is real money")


def _row(each: Compared) -> tuple[str, ...]:
    score = each.spread("disagreement")
    mark = "~" if each.estimated else ""
    return (
        one_line(each.system, 40),
        f"{each.done}/{len(each.runs)}",
        _range(each.spread("cost_usd"), _usd, mark=mark if each.costs_money else ""),
        _range(each.spread("waste_usd"), _usd, mark=mark if each.costs_money else ""),
        _range(each.spread("wall_s"), lambda value: f"{value:.2f}", " s"),
        _range(each.spread("first_token_s"), lambda value: f"{value:.2f}", " s"),
        _range(each.spread("tokens"), lambda value: f"{value:,.0f}", mark=mark),
        f"{each.score_name} {_range(score, lambda value: f'{value:.2f}')}" if score else "",
        "\n".join(f"{one_line(answer, 60)} ×{count}" for answer, count in each.answers[:3]),
    )


def _usd(value: float) -> str:
    return money.show(money.from_usd(value))


def _range(spread: Spread | None, show: Callable[[float], str], unit: str = "", mark: str = "") -> str:
    """The median, the range under it where not all are alike; `?` where one is unknown. `mark`: `~` for estimates."""
    if spread is None:
        return "?"
    middle, low, high = show(spread.median), show(spread.low), show(spread.high)
    return f"{mark}{middle}{unit}" if low == high else f"{mark}{middle}{unit}\n{low}–{high}"
