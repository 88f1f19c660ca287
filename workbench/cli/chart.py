"""`workbench chart`: draw a saved chart again, or turn it into other files, without the ledger."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from workbench.cli.charting import Exports, draw
from workbench.cli.options import HYPHEN
from workbench.cli.prompt import STDIN
from workbench.errors import InputError
from workbench.paths import stands

if TYPE_CHECKING:
    from workbench.charts.spec import ChartSpec

LARGEST = 1000
PIPED = (100, 30)
"""Columns and rows where there is no terminal."""
LARGEST_FILE = 256 * 2**20
"""Bytes of a chart that comes through a pipe."""


def chart(
    file: Annotated[Path, HYPHEN],
    *,
    exports: Exports = Exports(),
    width: int | None = None,
    height: int | None = None,
) -> int:
    """Draw a saved chart, or write it as other files.

    Parameters
    ----------
    file
        What `--export NAME.json` wrote; `-` reads it from standard input.
    width
        Columns of the drawing; by default the terminal's.
    height
        Rows, as well.
    """
    spec = _loaded(file)
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


def _loaded(file: Path) -> ChartSpec:
    """Raises `InputError`, also for a device, which may have no end."""
    from workbench.charts import export as exporting

    if str(file) == STDIN:
        return _decoded(sys.stdin.buffer.read(LARGEST_FILE + 1), "standard input")
    if stands(file, "file") or not stands(file):
        return exporting.load(file)
    if not file.is_fifo():
        raise InputError("is neither a file nor a pipe", where=str(file))
    with file.open("rb") as pipe:
        return _decoded(pipe.read(LARGEST_FILE + 1), str(file))


def _decoded(data: bytes, where: str) -> ChartSpec:
    import msgspec

    from workbench.charts.spec import ChartSpec

    if len(data) > LARGEST_FILE:
        raise InputError("is too large for a chart", where=where)
    try:
        return msgspec.json.decode(data, type=ChartSpec)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"is no chart: {error}", where=where, hint="A chart is what `--export NAME.json` writes."
        ) from error
