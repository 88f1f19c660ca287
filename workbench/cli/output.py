"""What commands print: answers and JSON on stdout, everything else on stderr, nothing that could drive a terminal.

Text of models, prompts and files is data. On a terminal its control characters become visible marks; JSON escapes
them. A pipe gets the text as the model wrote it but for what drives a terminal (escape codes, backspaces): it may well
end at one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TextIO

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNBOUNDED = 10_000
"""Columns; wider than any table of ours."""
GAP = 2
"""Characters between columns."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 but tab and newline, DEL, C1, marks that reorder or break a line, lone surrogates."""
_DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 but tab and newline, DEL, C1."""


def sanitise(text: str) -> str:
    """The text with every control character made visible and harmless: ESC becomes `␛`, a C1 code or a bidirectional
    override `�`. Newlines and tabs stay."""
    return _CONTROLS.sub(_visible, text.replace("\r\n", "\n"))


def one_line(text: str, width: int = 0) -> str:
    """The text sanitised, on one line, cut to `width` characters (0: not cut) with `…` at the end."""
    flat = " ".join(sanitise(text).split())
    return flat if not width or len(flat) <= width else flat[: width - 1].rstrip() + "…"


def counted(count: int, what: str) -> str:
    """`1 run`, `1,200 runs`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def to_json(data: Any, *, indent: int | None = 2) -> str:
    """JSON in which no control character stands as it is, so that it is safe on a terminal too."""
    import json

    return _CONTROLS.sub(_escaped, json.dumps(data, ensure_ascii=False, indent=indent))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def _escaped(match: re.Match[str]) -> str:
    # json.dumps has escaped C0 already, but for the newlines between its own tokens, which the pattern leaves alone.
    return f"\\u{ord(match[0]):04x}"


def write(text: str) -> None:
    """Text to stdout at once: sanitised on a terminal, without what drives one into a pipe. Raises BrokenPipeError."""
    shown = sanitise(text) if sys.stdout.isatty() else _DRIVING.sub(_visible, text.replace("\r\n", "\n"))
    sys.stdout.write(shown)
    sys.stdout.flush()


class Pipe:
    """stdout while a run is under way. When its reader goes away, or its disk is full (`problem` says so), `closed`
    becomes True and `on_closed` is called once; nothing is raised, because the writer stands among the engine's sinks.
    """

    def __init__(self, on_closed: Callable[[], object]) -> None:
        self.closed = False
        self.problem = ""
        self._on_closed = on_closed

    def write(self, text: str) -> None:
        """Text to stdout at once; nothing once the reader has gone."""
        if self.closed:
            return
        try:
            write(text)
        except OSError as error:
            self.closed = True
            self.problem = "" if isinstance(error, BrokenPipeError) else error.strerror or str(error)
            self._on_closed()


def line(text: str = "") -> None:
    """One line to stdout."""
    write(text if text.endswith("\n") else f"{text}\n")


def print_json(data: Any) -> None:
    """One JSON document to stdout."""
    line(to_json(data))


def note(text: str) -> None:
    """One line to stderr: progress, warnings, what happened beside the answer. A terminal that is gone is no error."""
    with suppress(OSError):
        sys.stderr.write(f"{sanitise(text)}\n")
        sys.stderr.flush()


def report(error: WorkbenchError) -> None:
    """An error as the user sees it: one message, what to do next under it."""
    note(f"workbench: {error}")


def console(stream: TextIO | None = None) -> Console:
    """A Rich console on stdout (or `stream`) with markup, highlighting and emoji codes off: what it prints is data.
    Off a terminal it is as wide as its content, unless COLUMNS says otherwise."""
    from rich.console import Console

    file = stream or sys.stdout
    width = None if file.isatty() or "COLUMNS" in os.environ else UNBOUNDED
    return Console(file=file, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    flex: str = "",
    least: int = 20,
    drop: Sequence[str] = (),
    wrap: bool = False,
) -> None:
    """Aligned columns on stdout; `right` names those of figures. Further lines of a cell stand dim under its first.

    A terminal shows no column of `drop` that is empty. Where it is too narrow, `flex` gives way, down to `least`
    characters (cut, or with `wrap` over several lines), then the columns of `drop` go, in their order.
    """
    from rich.table import Table

    out, lines = console(), [list(row) for row in rows]
    kept = [_column(i, name, lines, least if name == flex else UNBOUNDED) for i, name in enumerate(columns)]
    if out.is_terminal or "COLUMNS" in os.environ:
        kept = _room(out.width, kept, drop)
    out.width = max(out.width, sum(column.width for column in kept) + GAP * (len(kept) - 1))
    grid = Table(box=None, pad_edge=False, show_edge=False, header_style="dim", padding=(0, GAP, 0, 0))
    for column in kept:
        justify: Literal["left", "right"] = "right" if column.name in right else "left"
        folds = wrap and column.name == flex
        overflow: Literal["fold", "ellipsis"] = "fold" if folds else "ellipsis"
        grid.add_column(column.name, justify=justify, width=column.width, no_wrap=not folds, overflow=overflow)
    for row in lines:
        grid.add_row(*(_cell(row[column.index]) for column in kept))
    with out.capture() as captured:
        out.print(grid)
    write_lines(captured.get())


@dataclass(frozen=True)
class _Column:
    index: int
    name: str
    width: int
    least: int
    filled: bool


def _column(index: int, name: str, lines: Sequence[Sequence[str]], least: int) -> _Column:
    width = max(map(_width, (name, *(row[index] for row in lines))))
    return _Column(index, name, width, min(width, least), any(row[index] for row in lines))


def _room(width: int, columns: list[_Column], drop: Sequence[str]) -> list[_Column]:
    """The columns that a terminal of this width shows, the flexible one as wide as is left for it."""
    kept = [column for column in columns if column.filled or column.name not in drop]

    def needed() -> int:
        return sum(column.least for column in kept) + GAP * (len(kept) - 1)

    for name in drop:
        if needed() > width:
            kept = [column for column in kept if column.name != name]
    spare = max(0, width - needed())
    return [replace(column, width=min(column.width, column.least + spare)) for column in kept]


def _width(text: str) -> int:
    from rich.cells import cell_len

    return max(cell_len(one_line(each)) for each in text.split("\n"))


def _cell(text: str) -> Text:
    from rich.text import Text

    first, *more = text.split("\n")
    cell = Text(one_line(first))
    for extra in more:
        cell.append(f"\n{one_line(extra)}", style="dim")
    return cell


def write_lines(text: str) -> None:
    """Text that is already safe (it may hold our own colours) to stdout, no blanks at the ends of its lines."""
    sys.stdout.write("".join(f"{each.rstrip()}\n" for each in text.splitlines()))
    sys.stdout.flush()


def silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain about the closed pipe."""
    _silence(sys.stdout)


def let_go_of_terminal() -> None:
    """Where the terminal has gone, what it did not take must not decide the exit code: Python ends with 120 then."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            try:
                stream.flush()
            except (OSError, ValueError):
                _silence(stream)


def _silence(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
