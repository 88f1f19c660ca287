"""A chart as a file: what its name ends in decides the format. Nothing is fetched; a file is written whole or not."""

from __future__ import annotations

import html
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from workbench.charts import metadata, tables
from workbench.charts.colours import Palette, palette
from workbench.charts.spec import ChartSpec
from workbench.charts.vega import VERSION, provenance, vega_lite
from workbench.charts.words import plain
from workbench.errors import InputError

PPI = 300
"""Of a PNG."""


def export(spec: ChartSpec, path: Path, *, theme: str = "light", with_data: bool = False) -> None:
    """Write one file, with its data as CSV beside it if wanted. Raises `InputError` for a name whose ending says no
    format, an unknown theme and a folder that can't be written to."""
    export_all(spec, [path], theme=theme, with_data=with_data)


def export_all(spec: ChartSpec, targets: list[Path], *, theme: str = "light", with_data: bool = False) -> list[Path]:
    """Write several; all names are checked before the first is written. Returns every file that was written."""
    makers = [_maker(path) for path in targets]
    colours = palette(theme)
    files: dict[Path, bytes] = {}
    for path, maker in zip(targets, makers, strict=True):
        files[path] = maker(spec, colours)
        if with_data:
            files.setdefault(_named(path, ".csv"), _csv(spec, colours))
    for path in [path for path in files if path.suffix.lower() == ".csv"]:
        files[_named(path, ".provenance.json")] = _pretty(provenance(spec))
    for path, content in files.items():
        _write(path, content)
    return list(files)


def load(path: Path) -> ChartSpec:
    """A chart that was exported as .json. Raises `InputError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ChartSpec)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}", where=str(path)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = "A chart is what `--export NAME.json` writes; .vl.json files are for Vega-Lite's own tools."
        raise InputError(f"is no chart: {error}", where=str(path), hint=hint) from error


def formats() -> str:
    """`.svg, .png, …`"""
    return ", ".join(_MAKERS)


def _maker(path: Path) -> Callable[[ChartSpec, Palette], bytes]:
    name = path.name.lower()
    for suffix, maker in _MAKERS.items():
        if name.endswith(suffix) and len(name) > len(suffix):
            return maker
    raise InputError("its ending says no format of a chart", where=str(path), hint=f"One of {formats()}.")


def _named(path: Path, suffix: str) -> Path:
    """The same name with another ending; `.vl.json` is one."""
    stem = path.name[: -len(".vl.json")] if path.name.lower().endswith(".vl.json") else path.stem
    return path.with_name(stem + suffix)


def _write(path: Path, content: bytes) -> None:
    """Beside the target, then in its place: a reader sees the old file or the new one."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        hint = "The folder must be there and writable."
        raise InputError(f"can't be written: {error.strerror or error}", where=str(path), hint=hint) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _svg(spec: ChartSpec, colours: Palette) -> bytes:
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(_text(spec, colours), vl_version=VERSION, allowed_base_urls=[])
    return metadata.in_svg(drawn, provenance(spec)).encode()


def _png(spec: ChartSpec, colours: Palette) -> bytes:
    import vl_convert

    text = _text(spec, colours)
    drawn = vl_convert.vegalite_to_png(text, vl_version=VERSION, scale=1, ppi=PPI, allowed_base_urls=[])
    return metadata.in_png(drawn, provenance(spec))


def _pdf(spec: ChartSpec, colours: Palette) -> bytes:
    import vl_convert

    text = _text(spec, colours)
    drawn = vl_convert.vegalite_to_pdf(text, vl_version=VERSION, allowed_base_urls=[])
    return metadata.in_pdf(drawn, provenance(spec))


def _page(spec: ChartSpec, colours: Palette) -> bytes:
    """One page with Vega in it. The chart is data in it, in which no `<` stands: no label can end the script."""
    data = _text(spec, colours)
    for one in "<>&\u2028\u2029":
        data = data.replace(one, f"\\u{ord(one):04x}")
    code = _code()
    title = html.escape(plain(spec.title))
    return _PAGE.format(
        title=title, meta=metadata.in_html(provenance(spec)), back=colours.background, code=code, data=data
    ).encode()


@cache
def _code() -> str:
    """Vega and what starts it, the same in every page; it takes a second to put together."""
    import vl_convert

    return vl_convert.javascript_bundle(_START, vl_version=VERSION)


def _vega(spec: ChartSpec, colours: Palette) -> bytes:
    return _pretty(vega_lite(spec, colours=colours))


def _csv(spec: ChartSpec, colours: Palette) -> bytes:
    return tables.to_csv(spec).encode()


def _json(spec: ChartSpec, colours: Palette) -> bytes:
    return msgspec.json.format(msgspec.json.encode(spec), indent=2) + b"\n"


def _markdown(spec: ChartSpec, colours: Palette) -> bytes:
    return tables.to_markdown(spec).encode()


def _text(spec: ChartSpec, colours: Palette) -> str:
    return msgspec.json.encode(vega_lite(spec, colours=colours)).decode()


def _pretty(data: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


_MAKERS: dict[str, Callable[[ChartSpec, Palette], bytes]] = {
    ".svg": _svg,
    ".png": _png,
    ".pdf": _pdf,
    ".html": _page,
    ".vl.json": _vega,
    ".csv": _csv,
    ".json": _json,
    ".md": _markdown,
}
"""The longer ending stands before the one it ends in."""
_START = """window.drawChart = (spec) => vegaEmbed("#chart", spec, {renderer: "svg",
  actions: {export: true, source: false, compiled: false, editor: false}}).catch(console.error);"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
style-src 'unsafe-inline'; img-src data: blob:">
{meta}
<title>{title}</title>
<style>body {{ margin: 2rem; background: {back}; }}</style>
</head>
<body>
<div id="chart"></div>
<script type="application/json" id="data">{data}</script>
<script type="module">{code}
window.drawChart(JSON.parse(document.getElementById("data").textContent));
</script>
</body>
</html>
"""
