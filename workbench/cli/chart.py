"""`workbench chart`: draw a saved chart again, or turn it into other files, without the ledger."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from workbench.cli.options import FLAG
from workbench.cli.output import note, write_lines
from workbench.errors import InputError

LARGEST = 1000
PIPED = (100, 30)
"""Columns and rows where there is no terminal."""


def chart(
    file: Path,
    *,
    export: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    with_data: Annotated[bool, FLAG] = False,
    theme: str = "light",
    width: int | None = None,
    height: int | None = None,
) -> int:
    """Draw a saved chart, or write it as other files.

    Parameters
    ----------
    file
        What `--export NAME.json` wrote.
    export
        Files to write instead of drawing; the ending says the format (.svg, .png, .pdf, .html, .vl.json, .csv, .json,
        .md).
    with_data
        The data as CSV beside each file.
    theme
        Colours of the files: light, dark, or a theme of the app.
    width, height
        Columns and rows of the drawing; by default the terminal's.
    """
    from workbench.charts import export as exporting

    spec = exporting.load(file)
    if export:
        for path in exporting.export_all(spec, list(export), theme=theme, with_data=with_data):
            note(f"wrote {path}")
        return 0
    if with_data:
        raise InputError("--with-data needs --export", where="workbench chart", hint="--export NAME.svg")
    for name, value in (("--width", width), ("--height", height)):
        if value is not None and not 1 <= value <= LARGEST:
            raise InputError(f"{value} is not between 1 and {LARGEST}", where=name)
    from workbench.charts.terminal import draw

    columns, rows = shutil.get_terminal_size(PIPED)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    write_lines(draw(spec, width or columns, height or max(8, rows - 1), colour=colour))
    return 0
