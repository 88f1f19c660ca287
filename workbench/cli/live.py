"""The live lanes of a run in the terminal: one line a call, drawn from a RunView, live or replayed.

The view is the only state. Drawing happens in the run's own event loop, at most 12 times a second, so that the view
never changes under the drawing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workbench.cli.lanes import Lane, lanes, state_style
from workbench.cli.output import console, one_line
from workbench.engine.view import RunView
from workbench.money import show

if TYPE_CHECKING:
    from workbench.engine.events import AnyEvent, DisagreementScored
    from workbench.models.base import Prices

PricesOf: TypeAlias = "Callable[[str], Prices | None]"
FRAME_S = 1 / 12
BAR = 14
ECHO = 4
"""Columns left free at the right: the terminal's own `^C^C` must not wrap onto a line that the next frame leaves."""
RESERVED_LINES = 7
"""Lines that are no lane: header, rule, verdict, agreement, warnings and the prompt line of the shell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the lanes; `needs` is the least width of the terminal at which it is shown."""

    name: str
    justify: Literal["left", "right"] = "left"
    style: str = ""
    needs: int = 0


COLUMNS = (
    Column("number", "right", "dim"),
    Column("name"),
    Column("bar", needs=100),
    Column("tokens", "right"),
    Column("speed", "right", "dim"),
    Column("state"),
    Column("time", "right", "dim"),
    Column("cost", "right", "dim", needs=110),
    Column("tail"),
)


class LiveView:
    """A sink that draws: `with LiveView(console, view) as live: ... live.tick()`.

    Feed the view first, then call `tick` as often as you like; it draws when a frame is due.
    """

    def __init__(self, console: Console, view: RunView, prices: PricesOf = lambda model: None) -> None:
        self.view = view
        self._prices = prices
        self.console = console
        self._live = Live(console=console, auto_refresh=False, transient=False, redirect_stdout=False)
        self._drawn_at = 0.0
        self._drawn_version = -1

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.update(render(self.view, self.console.width, None, self._prices), refresh=True)
        self._live.__exit__(kind, error, traceback)

    def __call__(self, event: AnyEvent) -> None:
        """The engine's sink: the view has taken the event in; draw if a frame is due."""
        self.tick()

    async def keep_drawing(self) -> None:
        """Draw for ever, so that the clock goes on while nothing arrives. Cancel it to end."""
        while True:
            await asyncio.sleep(FRAME_S)
            self.tick()

    def tick(self) -> None:
        """Draw if a frame is due."""
        now = time.monotonic()
        if now - self._drawn_at < FRAME_S:
            return
        self._drawn_at = now
        rows = max(3, self.console.height - RESERVED_LINES)
        self._live.update(render(self.view, self.console.width, rows, self._prices), refresh=True)


@asynccontextmanager
async def live_lanes(view: RunView, prices: PricesOf) -> AsyncIterator[LiveView]:
    """A live view on stderr whose clock goes on by itself while the block runs."""
    with LiveView(console(sys.stderr), view, prices) as live:
        clock = asyncio.create_task(live.keep_drawing())
        try:
            yield live
        finally:
            clock.cancel()


def render(view: RunView, width: int, lines: int | None, prices: PricesOf = lambda model: None) -> RenderableType:
    """The run as it stands: header, at most `lines` lanes (None: all up to 100), who won and why, agreement. `prices`:
    of calls that are under way."""
    every = lanes(view)
    shown = _chosen(every, 100 if lines is None else lines)
    parts: list[RenderableType] = [_header(view, width, prices)]
    if shown:
        parts.append(_lane_table(shown, width))
    if len(shown) < len(every):
        parts.append(Text(f"  … {len(every) - len(shown)} more calls", style="dim"))
    parts.extend(_verdict(view, width))
    return Group(*parts)


def _chosen(every: list[Lane], lines: int) -> list[Lane]:
    """The lanes that fit: where there are too many, those at work and the winners before those that wait or ended."""
    if len(every) <= lines:
        return every
    by_interest = sorted(range(len(every)), key=lambda i: (every[i].dullness, i))
    return [every[i] for i in sorted(by_interest[:lines])]


def _header(view: RunView, width: int, prices: PricesOf) -> Text:
    word, style = state_style(view)
    facts = Text("  ").join(
        [
            Text(f"{view.t / 1e9:.1f} s"),
            Text(f"{sum(c.tokens for c in view.calls.values()):,} tok"),
            Text(_money(view, prices)),
            *([Text(view.kind, style="bold yellow")] if view.kind != "real" else []),
        ]
    )
    head = Text.assemble((word, style), "  ", facts)
    name = one_line(view.system or view.notation, max(8, width - head.cell_len - ECHO))
    return Text.assemble((name, "bold"), "  ", head)


def _money(view: RunView, prices: PricesOf) -> str:
    """What is spent so far, `~` where counts are estimated, `+ ?` where a call's cost is unknown. A stream under way
    costs what it has received; its prompt is left out until it is known."""
    known, unknown, estimated = view.known_cost(), view.cost() is None, view.cost_estimated()
    for call in view.calls.values():
        if call.state in ("queued", "ended") or call.kind != view.kind or view.finished:
            continue
        price = call.prices or prices(call.model)
        if price is None or price.output is None or call.retried_cost is None:
            unknown = True
            continue
        known += call.deltas * price.output + call.retried_cost
        estimated |= price.output != 0 or price.input != 0
    if unknown:
        return "$ ?" if known == 0 else f"{show(known, estimated=estimated)} + ?"
    return show(known, estimated=estimated)


def _lane_table(shown: list[Lane], width: int) -> Table:
    longest = max((lane.tokens for lane in shown), default=0) or 1
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.width = width - ECHO
    columns = [column for column in COLUMNS if width >= column.needs]
    for column in columns:
        flexible = column.name == "tail"
        grid.add_column(
            justify=column.justify,
            style=column.style,
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if flexible else None,
            max_width=26 if column.name == "name" else None,
        )
    for lane in shown:
        cells = _cells(lane, longest)
        grid.add_row(*(cells[column.name] for column in columns))
    return grid


def _cells(lane: Lane, longest: int) -> dict[str, Text]:
    """Every column's text for one lane."""
    return {
        "number": Text(f" {lane.number}" if lane.number else ""),
        "name": Text(lane.name),
        "bar": _bar(lane, longest),
        "tokens": Text(f"{lane.tokens} tok"),
        "speed": Text(f"{lane.per_second:.0f}/s" if lane.per_second else ""),
        "state": Text(f"{lane.glyph} {lane.word}", style=lane.style),
        "time": Text(lane.time),
        "cost": Text(lane.cost),
        "tail": Text(one_line(lane.tail, 200), style="" if lane.won else "dim"),
    }


def _bar(lane: Lane, longest: int) -> Text:
    eighths = round(lane.tokens / longest * BAR * 8)
    full, part = divmod(eighths, 8)
    bar = "█" * full + (" ▏▎▍▌▋▊▉"[part] if part else "")
    return Text(bar.ljust(BAR), style=lane.style)


def _verdict(view: RunView, width: int) -> Iterable[Text]:
    for selection in view.selections[-2:]:
        yield Text.assemble(("  ⚑ ", "bold green"), one_line(selection.because, width - 4 - ECHO))
    for given in view.verdicts[-2:]:
        said = f"{given.by}: {given.verdict}" + (f" ({given.reason})" if given.reason else "")
        yield Text.assemble(("  ⚖ ", "bold"), one_line(said, width - 4 - ECHO))
    for scored in list(view.disagreements.values())[-1:]:
        yield _agreement(scored, width)
    for warning in view.warnings[-2:]:
        yield Text.assemble(("  ! ", "bold yellow"), one_line(warning.message, width - 4 - ECHO))
    if view.reason and view.status not in ("done", None):
        yield Text.assemble(("  ✗ ", "bold red"), one_line(view.reason, width - 4 - ECHO))


def _agreement(scored: DisagreementScored, width: int) -> Text:
    """The largest clusters of equal answers as bars, then the named score; how many candidates it rests on."""
    figure = f"{scored.headline} {scored.score:.2f}, n = {scored.n}"
    room = width - len(figure) - 4 - ECHO
    line = Text("  ≡ ", style="bold")
    for cluster in sorted(scored.clusters, key=lambda c: -len(c.candidates)):
        count = len(cluster.candidates)
        entry = f"{one_line(cluster.key, 24)} {'▇' * min(count, 12)} {count}   "
        if line.cell_len + len(entry) > room:
            break
        line.append(entry)
    return line.append(figure, style="dim")
