"""Charts of commands: drawn where a person reads, written as files."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from workbench.cli.options import HYPHEN
from workbench.cli.output import note, write_lines
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.charts.spec import ChartSpec

WIDEST, HEIGHT = 100, 16
"""Columns and rows of a chart above its table."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Exports:
    """The chart as files."""

    export: Annotated[tuple[Path, ...], HYPHEN, Parameter(negative="", show_default=False)] = ()
    "Write the chart to this file (.svg .png .pdf .html .vl.json .csv .json .md); may be given several times."
    with_data: Annotated[bool, Parameter(alias="--data", negative="", show_default=False)] = False
    "The data as CSV beside each file."
    theme: str = "light"
    "Colours of the files: light, dark, or a theme of the app."

    def check(self, where: str) -> None:
        """Raises `InputError` for data that would stand beside nothing."""
        if self.with_data and not self.export:
            raise InputError("--with-data needs --export", where=where, hint="--export NAME.svg")

    def write(self, spec: ChartSpec) -> None:
        """All files or none. Raises `InputError`."""
        if self.export:
            from workbench.charts.export import export_all

            for path in export_all(spec, list(self.export), theme=self.theme, with_data=self.with_data):
                note(f"wrote {path}")


def draw(spec: ChartSpec, width: int | None = None, height: int = HEIGHT) -> None:
    """The chart on stdout, as wide as the terminal where no width is given; in colour on one that wants it."""
    from workbench.charts import terminal

    columns = width or min(WIDEST, shutil.get_terminal_size((80, 24)).columns)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    write_lines(terminal.draw(spec, columns, height, colour=colour))
