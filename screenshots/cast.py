"""Makes `race.svg`: the recorded race on the Bench as an animated picture. `python -m screenshots.cast`, or
`make screenshots`.

A picture that moves by CSS alone, so that it plays where a README shows it. Lines that stay the same stand in it once;
a line is seen in those moments in which it looked so. Who wants no motion sees the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from html import escape

from rich.cells import cell_len
from rich.color import ColorType
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip

from screenshots.make import FONTS, HERE, PROMPT, SYSTEM, Clock, load, services
from workbench.engine import events as e
from workbench.tui.app import WorkbenchApp

FILE = HERE / "race.svg"
SIZE = (110, 30)
MOMENTS = 28
LAST = 8
"""Moments for which the end stands still."""
SECONDS = 12
WIDE, HIGH, EDGE = 8.4, 18, 12
"""Of a cell, and around all of them; in pixels."""


class Steps(Clock):
    """Time that passes as far as it is let."""

    def __init__(self) -> None:
        super().__init__(0)
        self._more = asyncio.Event()

    def go_on(self, limit: int) -> None:
        """Up to there."""
        self._limit = limit
        self.stopped.clear()
        self._more.set()

    async def sleep(self, seconds: float) -> None:
        """Jump; where the limit lies between, wait there until it is further on."""
        until = self.ns + round(seconds * 1e9)
        while until >= self._limit:
            self.ns = self._limit
            self._more.clear()
            self.stopped.set()
            await self._more.wait()
        self.ns = until
        await asyncio.sleep(0)


async def moments(events: Sequence[e.AnyEvent]) -> list[list[Strip]]:
    """The screen's lines at equal steps of the race's time."""
    clock, end = Steps(), events[-1].t
    app = WorkbenchApp(services(events, clock), system=SYSTEM, prompt=PROMPT, replay="last")
    found = []
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for moment in range(1, MOMENTS + 1):
            clock.go_on(round(end * moment / MOMENTS) if moment < MOMENTS else end * 2)
            while app.session.live and not clock.stopped.is_set():
                await pilot.pause(0)
            found.append(await _settled(app, pilot))
    return found


async def _settled(app: WorkbenchApp, pilot: Pilot[int]) -> list[Strip]:
    """The lines once they stay as they are."""
    same, last = 0, list[Strip]()
    while same < 4:
        await pilot.pause()
        await app.workers.wait_for_complete()
        app.bench.tick()
        await pilot.pause()
        lines = app.screen._compositor.render_strips()
        same = same + 1 if lines == last else 0
        last = lines
    return last


def animated(screens: Sequence[Sequence[Strip]]) -> str:
    """All moments in one SVG."""
    steps = len(screens) + LAST
    seen: dict[tuple[int, str], list[int]] = {}
    for step in range(steps):
        for y, strip in enumerate(screens[min(step, len(screens) - 1)]):
            if drawn := "".join(_line(strip, y)):
                seen.setdefault((y, drawn), []).append(step)
    ways: dict[tuple[int, ...], str] = {}
    body = []
    for (_, drawn), at in seen.items():
        name = "" if len(at) == steps else ways.setdefault(tuple(at), f"m{len(ways)}")
        end = " z" if at[-1] == steps - 1 else ""
        body.append(f'<g class="{name}{end}">{drawn}</g>' if name else f"<g>{drawn}</g>")
    width, height = SIZE[0] * WIDE + 2 * EDGE, SIZE[1] * HIGH + 2 * EDGE
    ground = _colour(next(iter(screens[-1][-1]._segments)).style, back=True) or "#0f1217"
    rules = [_rule(name, at, steps) for at, name in ways.items()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" xml:space="preserve">\n'
        f"<title>Five replicas of a small model race for an answer; the first to finish wins.</title>\n"
        f"<style>text{{font:14px {FONTS};white-space:pre}}\n{''.join(rules)}"
        "@media (prefers-reduced-motion:reduce){g[class]{animation:none;visibility:hidden}g.z{visibility:visible}}"
        f"</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{ground}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _line(strip: Strip, y: int) -> Iterator[str]:
    """One line's boxes and words."""
    x, top = 0, EDGE + y * HIGH
    words: list[str] = []
    for text, style, _ in strip:
        cells = cell_len(text)
        left, wide = EDGE + x * WIDE, cells * WIDE
        if (fill := _colour(style, back=True)) is not None:
            yield f'<rect x="{left:.1f}" y="{top}" width="{wide + 0.3:.1f}" height="{HIGH}" fill="{fill}"/>'
        bare = text.strip()
        if bare:
            lead = cell_len(text[: len(text) - len(text.lstrip())])
            words.append(_words(bare, style, left + lead * WIDE, top))
        x += cells
    yield from words


def _words(text: str, style: Style | None, left: float, top: float) -> str:
    fill = _colour(style) or "#d5dae2"
    more = ' font-weight="bold"' if style and style.bold else ""
    more += ' font-style="italic"' if style and style.italic else ""
    more += ' opacity=".6"' if style and style.dim else ""
    wide = cell_len(text) * WIDE
    place = f'x="{left:.1f}" y="{top + 13.5:g}" textLength="{wide:.1f}"'
    return f'<text {place} fill="{fill}"{more}>{escape(text, quote=False)}</text>'


def _colour(style: Style | None, *, back: bool = False) -> str | None:
    """`#rrggbb`; turned round where the style says so."""
    if style is None:
        return None
    colour = style.bgcolor if back != bool(style.reverse) else style.color
    if colour is None or colour.type is ColorType.DEFAULT:
        return None
    return colour.get_truecolor().hex


def _rule(name: str, at: tuple[int, ...], steps: int) -> str:
    """Visible in these steps, and else not."""
    turns = [(step, step in at) for step in range(steps) if step == 0 or (step in at) != (step - 1 in at)]
    frames = "".join(
        f"{step / steps * 100:.2f}%{{visibility:{'visible' if there else 'hidden'}}}" for step, there in turns
    )
    return f"@keyframes {name}{{{frames}}}.{name}{{animation:{name} {SECONDS}s step-end infinite}}\n"


async def draw() -> str:
    """The whole picture."""
    return animated(await moments(load()))


def main() -> None:
    """The command."""
    FILE.write_text(asyncio.run(draw()), encoding="utf-8")


if __name__ == "__main__":
    main()
