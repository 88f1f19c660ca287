"""`workbench chart`: draw a saved chart again, or turn it into other files, without the ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

from workbench.cli.charting import Exports, draw
from workbench.errors import InputError

LARGEST = 1000
PIPED = (100, 30)
"""Columns and rows where there is no terminal."""


def chart(
    file: Path,
    *,
    exports: Exports = Exports(),
    width: int | None = None,
    height: int | None = None,
) -> int:
    """Draw a saved chart, or write it as other files.

    Parameters
    ----------
    file
        What `--export NAME.json` wrote.
    width
        Columns of the drawing; by default the terminal's.
    height
        Rows, as well.
    """
    from workbench.charts import export as exporting

    spec = exporting.load(file)
    if exports.export:
        exports.write(spec)
        return 0
    exports.check("workbench chart")
    for name, value in (("--width", width), ("--height", height)):
        if value is not None and not 1 <= value <= LARGEST:
            raise InputError(f"{value} is not between 1 and {LARGEST}", where=name)
    columns, rows = shutil.get_terminal_size(PIPED)
    draw(spec, width or columns, height or max(8, rows - 1))
    return 0
