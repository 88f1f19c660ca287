"""What the terminal can do: how many colours, which characters. Filters turn what the app draws into that."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.color import ColorType
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import constants
from textual.color import Color
from textual.filter import LineFilter

from workbench.tui.states import PAIRS, twin

FULL = 1 << 24
_COLOURS = {"standard": 16, "windows": 16, "256": 256, "truecolor": FULL}
MARKED = ("select", "brand", "accent", "primary", "block-cursor-background", "input-cursor-background")
"""Backgrounds that say something: without colours they turn into reverse video, with 16 the first of them does."""
QUIET = ("faint", "line", "state-cancelled", "text-disabled")
"""Text that steps back; without colours it is drawn dim."""
_DEFAULT = RichColor.default()
_ROW = Style(color="white", bgcolor="black", reverse=True)
_STEPS = (0, 95, 135, 175, 215, 255)


class Terminal(msgspec.Struct, frozen=True):
    """`colours`: 0 for none, 16, 256, or all of them. `ascii`: our glyphs as ASCII; `encoding`: what text may hold."""

    colours: int = FULL
    ascii: bool = False
    encoding: str = "utf-8"

    @property
    def few(self) -> bool:
        """Whether backgrounds can't be relied on."""
        return self.colours <= 16


def detect(*, ascii_wanted: bool = False, environ: Mapping[str, str] = os.environ) -> Terminal:
    """What NO_COLOR, TERM, COLORTERM, the locale and WORKBENCH_ASCII (1 or 0; before the config) say."""
    wanted: Any = constants.COLOR_SYSTEM
    system = Console(force_terminal=True, color_system=wanted, _environ=environ).color_system
    colours = 0 if environ.get("NO_COLOR") else _COLOURS.get(system or "", 16)
    encoding = _encoding(environ)
    said = environ.get("WORKBENCH_ASCII", "")
    if said == "0":
        return Terminal(colours)
    return Terminal(colours, bool(said) or ascii_wanted or encoding != "utf-8", encoding)


def _encoding(environ: Mapping[str, str]) -> str:
    """The locale's; `C` and `POSIX` are ASCII even where Python itself speaks UTF-8. A browser has no locale."""
    if "web_driver" in environ.get("TEXTUAL_DRIVER", ""):
        return "utf-8"
    name = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if name in ("C", "POSIX"):
        return "ascii"
    said = name.partition(".")[2].partition("@")[0] or getattr(sys.__stderr__, "encoding", None) or "utf-8"
    try:
        encoding = "".encode(said).decode() or said
    except LookupError:
        return "ascii"
    return "utf-8" if encoding.lower().replace("-", "").replace("_", "") == "utf8" else encoding


class Plain(LineFilter):
    """Glyphs as their ASCII twins, and what the encoding can't carry as a letter without its accents or `?`."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells in other characters."""
        return [
            segment if segment.text.isascii() else Segment(_plain(segment.text, self._encoding), segment.style)
            for segment in segments
        ]


def _plain(text: str, encoding: str) -> str:
    for pair, plain in PAIRS.items():
        text = text.replace(pair, plain)
    return "".join(_character(one, encoding) for one in text)


@lru_cache(4096)
def _character(one: str, encoding: str) -> str:
    if one.isascii():
        return one
    found = twin(one)
    if found is not None:
        return found
    try:
        one.encode(encoding)
    except UnicodeEncodeError:
        width = cell_len(one)
        bare = "".join(c for c in unicodedata.normalize("NFKD", one) if c.isascii())
        return bare if bare and len(bare) == width else "?" * width
    return one


class Fewer(LineFilter):
    """Colours as a terminal of 256, 16 or none shows them best. `variables`: the theme's as they are now."""

    def __init__(self, colours: int, variables: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._colours = colours
        self._variables = variables
        self._known: tuple[Mapping[str, str] | None, frozenset[str], frozenset[str]] = (None, frozenset(), frozenset())

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text in other colours."""
        variables = self._variables()
        if variables is not self._known[0]:
            self._known = (
                variables,
                _hexes(variables, MARKED[: 1 if self._colours else None]),
                _hexes(variables, QUIET),
            )
        _, marked, quiet = self._known
        return [
            Segment(text, style and _fewer(style, self._colours, marked, quiet), control)
            for text, style, control in segments
        ]


def _hexes(variables: Mapping[str, str], names: tuple[str, ...]) -> frozenset[str]:
    """Variables that name plain colours, as `#rrggbb`."""
    values = (variables.get(name, "") for name in names)
    return frozenset(Color.parse(value).hex6.lower() for value in values if value.startswith("#"))


@lru_cache(8192)
def _fewer(style: Style, colours: int, marked: frozenset[str], quiet: frozenset[str]) -> Style:
    if colours == 256:
        return style + Style.from_color(_nearest(style.color), _nearest(style.bgcolor))
    behind, front = _hex(style.bgcolor), _hex(style.color)
    if colours:
        return style + _ROW if behind in marked else style
    mark = Style(reverse=behind in marked, dim=front in quiet and behind not in marked)
    return style + Style.from_color(_DEFAULT, _DEFAULT) + mark


def _hex(color: RichColor | None) -> str:
    return color.triplet.hex.lower() if color is not None and color.triplet is not None else ""


@lru_cache(4096)
def _nearest(color: RichColor | None) -> RichColor | None:
    """One of the 240 fixed colours. Rich takes quiet greys for blues and greens; the distance says which is nearer."""
    if color is None or color.type is not ColorType.TRUECOLOR or color.triplet is None:
        return color
    rgb = tuple(color.triplet)
    near = [min(range(6), key=lambda i, c=channel: abs(_STEPS[i] - c)) for channel in rgb]  # type: ignore[misc]
    cube = 16 + 36 * near[0] + 6 * near[1] + near[2]
    step = min(23, max(0, round((sum(rgb) / 3 - 8) / 10)))
    grey = 8 + 10 * step
    far_cube = sum((_STEPS[i] - channel) ** 2 for i, channel in zip(near, rgb, strict=True))
    far_grey = sum((grey - channel) ** 2 for channel in rgb)
    return RichColor.from_ansi(cube if far_cube < far_grey else 232 + step)
