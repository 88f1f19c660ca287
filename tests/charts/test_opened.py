"""Exported charts in the programs that read them: a PDF's renderer, an image library, Vega-Lite's schema, a browser."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pypdfium2
import pytest
from hypothesis import given, settings
from PIL import Image

from screenshots.browser import Page, chromium, find_chromium
from tests.charts.kinds import KINDS
from tests.charts.strategies import specs
from workbench.charts import ticks
from workbench.charts.colours import palette
from workbench.charts.export import PPI, export
from workbench.charts.spec import ChartSpec
from workbench.charts.vega import HEIGHT, SCHEMA, WIDTH, vega_lite
from workbench.charts.words import plain

kinds = pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
POINTS_PER_INCH = 72


def colours_in(image: Image.Image) -> int:
    """How many an image has; a blank one has one."""
    return len(image.convert("RGB").getcolors(1 << 24) or ())


@contextmanager
def exported(spec: ChartSpec, path: Path) -> Iterator[Any]:
    export(spec, path)
    with closing(pypdfium2.PdfDocument(path.read_bytes())) as document:
        yield document


@kinds
def test_a_pdf_is_one_page_with_a_picture_and_words_that_can_be_found(spec: ChartSpec, tmp_path: Path) -> None:
    with exported(spec, tmp_path / "a.pdf") as document:
        assert len(document) == 1
        page = document[0]
        assert page.get_width() > WIDTH
        assert page.get_height() > HEIGHT
        assert colours_in(page.render(scale=2).to_pil()) > 10
        said = "".join(page.get_textpage().get_text_bounded().split())
    for words in (plain(spec.title), ticks.title(spec.x), ticks.title(spec.y)):
        assert "".join(words.split()) in said


@kinds
def test_every_font_of_a_pdf_is_in_it(spec: ChartSpec, tmp_path: Path) -> None:
    from pypdfium2 import raw

    with exported(spec, tmp_path / "a.pdf") as document:
        texts = [each for each in document[0].get_objects(max_depth=9) if each.type == raw.FPDF_PAGEOBJ_TEXT]
        fonts = [raw.FPDFTextObj_GetFont(each.raw) for each in texts]
        assert fonts
        assert all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)


@kinds
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_png_has_paper_size_at_its_resolution(spec: ChartSpec, theme: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    export(spec, path, theme=theme)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        image.load()
        assert tuple(round(each) for each in image.info["dpi"]) == (PPI, PPI)
        least = [side * PPI / POINTS_PER_INCH for side in (WIDTH, HEIGHT)]
        assert all(low < side < 2 * low for low, side in zip(least, image.size, strict=True))
        assert colours_in(image) > 10
        back = image.convert("RGB").getpixel((1, 1))
        assert back == tuple(bytes.fromhex(palette(theme).background.lstrip("#")))


@cache
def official() -> jsonschema.protocols.Validator:
    """Vega-Lite's own schema, as altair ships it."""
    altair = pytest.importorskip("altair")
    shipped = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(shipped.read_text(encoding="utf-8")))


@kinds
def test_vega_lite_is_what_its_schema_says(spec: ChartSpec) -> None:
    assert SCHEMA.endswith("/v6.json")
    official().validate(vega_lite(spec))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(specs)
def test_vega_lite_of_any_chart_is_what_its_schema_says(spec: ChartSpec) -> None:
    official().validate(vega_lite(spec))


SPOT = """(() => { const mark = document.querySelector("#chart .mark-symbol.role-mark path"); if (!mark) return null;
const box = mark.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"""
TIP = """document.querySelector("#vg-tooltip-element.visible")?.innerText ?? "" """
DRAWN = """document.querySelector("#chart svg.marks")?.textContent ?? "" """


async def opened(page: Page, spec: ChartSpec, path: Path) -> None:
    """It is drawn, from its file alone, without an error, and tells of the point under the pointer."""
    export(spec, path)
    page.requested.clear()
    await page.call("Page.navigate", url=path.as_uri())
    await page.until(lambda seen: plain(spec.title) in seen, lambda: page.evaluate(DRAWN), f"{path.stem} drawn")
    if spec.points:
        await page.hover(*await page.evaluate(SPOT))
        told = await page.until(bool, lambda: page.evaluate(TIP), f"a tooltip on {path.stem}")
        assert any(plain(point.label) in told for point in spec.points if point.label.strip())
    assert await page.evaluate("document.scripts.length") == 2, "a label became a script"
    assert page.requested == [path.as_uri()]
    assert page.complaints == []


@pytest.mark.slow
async def test_a_page_asks_for_nothing_complains_of_nothing_and_tells_of_its_points(tmp_path: Path) -> None:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium on PATH")
    async with chromium(program) as page:
        for name, spec in KINDS.items():
            await opened(page, spec, tmp_path / f"{name}.html")
