"""Writing a screen's chart to a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from workbench.charts.spec import ChartSpec
from workbench.paths import stands
from workbench.paths import typed as typed_path
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.room import Room
from workbench.tui.text import one_line

FORMATS = {
    ".svg": "SVG, for papers and pages",
    ".png": "PNG, 300 dots an inch",
    ".pdf": "PDF, for papers",
    ".html": "one HTML page that needs nothing else",
    ".vl.json": "Vega-Lite",
    ".csv": "the figures as CSV",
    ".json": "the chart, which `workbench chart` draws again",
    ".md": "a Markdown table",
}


class Exporting(Room):
    """The half of a screen with a chart that writes files."""

    @property
    def to_write(self) -> ChartSpec | None:
        """The chart that is shown; None where there is none."""
        raise NotImplementedError

    def action_export(self) -> None:
        """Ask where to write."""
        spec = self.to_write
        if spec is None:
            self.notify("There is no chart to write yet.", markup=False, timeout=3)
            return
        self.app.push_screen(
            Ask("Write the chart to a file, its figures beside it", f"{self.ROOM}.svg", meaning),
            partial(self._named, spec),
        )

    def _named(self, spec: ChartSpec, typed: str | None) -> None:
        if typed is None:
            return
        path = typed_path(typed.strip())
        if stands(path):
            question = f"{one_line(str(path))} is there already. Replace it?"
            self.app.push_screen(Confirm(question, "replace it", "leave it"), partial(self._sure, spec, path))
        else:
            self._sure(spec, path, True)

    def _sure(self, spec: ChartSpec, path: Path, sure: bool | None) -> None:
        if sure:
            self.spawn("write", partial(self._write, spec, path))

    async def _write(self, spec: ChartSpec, path: Path) -> None:
        written = await self.ask(partial(_exported, spec, path))
        if written is not None:
            names = ", ".join(one_line(str(each)) for each in written)
            self.notify(f"Written: {names}.", markup=False, timeout=6)


def _exported(spec: ChartSpec, path: Path) -> list[Path]:
    from workbench.charts.export import export_all

    return export_all(spec, [path], with_data=True)


def meaning(text: str) -> tuple[bool, str]:
    """What a name means, and whether it can be taken."""
    path = typed_path(text.strip())
    name = path.name.lower()
    kind = next((said for suffix, said in FORMATS.items() if name.endswith(suffix) and len(name) > len(suffix)), None)
    if kind is None:
        return False, f"The name says what is written: {', '.join(FORMATS)}."
    if not stands(path.parent, "folder"):
        return False, f"There is no folder {one_line(str(path.parent))}."
    return True, kind
