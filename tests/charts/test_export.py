"""Every file that a chart becomes is opened again."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from tests.charts import samples
from tests.charts.kinds import KINDS
from tests.charts.strategies import specs
from tests.laws import examples
from workbench.charts import tables
from workbench.charts.colours import palette
from workbench.charts.export import export, export_all, load
from workbench.charts.spec import ChartLine, ChartSpec
from workbench.charts.vega import vega_lite
from workbench.errors import InputError

BINARY = (".svg", ".png", ".pdf", ".html")


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_a_picture_opens_again_and_says_where_it_comes_from(spec: ChartSpec, tmp_path: Path) -> None:
    files = {suffix: tmp_path / f"chart{suffix}" for suffix in BINARY}
    export_all(spec, list(files.values()))
    svg = ElementTree.fromstring(files[".svg"].read_text(encoding="utf-8"))
    told = json.loads(svg.findtext("{http://www.w3.org/2000/svg}metadata") or "")
    assert told["kind"] == spec.provenance.kind
    assert told["query"] == spec.provenance.query
    assert not [each for each in svg.iter() if each.tag.endswith("script")]
    assert json.loads(png_texts(files[".png"].read_bytes())["workbench"]) == told
    pdf = files[".pdf"].read_bytes()
    assert pdf.startswith(b"%PDF-")
    start = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    assert pdf[start : start + 4] == b"xref"
    assert b"/Subject <feff" in pdf
    page = files[".html"].read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)
    assert page.count("</script>") == 2
    data = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert data is not None
    assert json.loads(data[1]) == vega_lite(spec)


@pytest.mark.parametrize("count", [1, 6, 12, 40])
@pytest.mark.parametrize(
    "name",
    ["m{0}", "vote@k openai/gpt-{0}-turbo-2024-04-09", "the same each time", "{0}" + 200 * "x"],
    ids=["short", "long", "same", "endless"],
)
def test_a_legend_and_a_subtitle_of_any_length_leave_a_chart_as_wide_as_it_was(count: int, name: str) -> None:
    import vl_convert

    spec = samples.curves()
    facts = " · ".join(name.format(index) for index in range(count))
    lines = tuple(replace(spec.lines[index % 2], label=name.format(index)) for index in range(count))
    made = vega_lite(replace(spec, lines=lines, title=facts[:300], subtitle=facts))
    drawn = ElementTree.fromstring(vl_convert.vegalite_to_svg(json.dumps(made), allowed_base_urls=[]))
    assert float(drawn.attrib["width"]) <= 5.8 * 72
    both = vega_lite(replace(samples.frontier(), lines=(*lines, replace(lines[0], shape="stairs"))))
    drawn_both = ElementTree.fromstring(vl_convert.vegalite_to_svg(json.dumps(both), allowed_base_urls=[]))
    assert float(drawn_both.attrib["width"]) <= 5.8 * 72
    written = ["".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    if len(name) < 50:
        legend = made["layer"][-1]["encoding"]["color"]["scale"]["domain"]
        assert len(set(legend)) == count
        assert set(legend) <= set(written)


def texts(svg: Path) -> list[str]:
    """What is written in a picture."""
    found = ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()) for each in found]


def test_a_frontier_says_what_its_marks_and_its_line_are(tmp_path: Path) -> None:
    export(KINDS["systems"], tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert [found.count(said) for said in ("frontier staircase", "frontier", "dominated", "ambiguous")] == [1, 1, 1, 0]
    export(replace(samples.frontier(), lines=()), tmp_path / "b.svg")
    found = texts(tmp_path / "b.svg")
    assert [found.count(said) for said in ("frontier", "ambiguous", "dominated")] == [1, 1, 1]
    plain = replace(samples.frontier(), points=tuple(replace(p, mark="plain") for p in samples.frontier().points))
    export(plain, tmp_path / "c.svg")
    assert "plain" not in texts(tmp_path / "c.svg")


def test_a_label_is_whole_where_there_is_room(tmp_path: Path) -> None:
    spec = samples.frontier()
    names = ["race[losers=finish](4*sim/small)", "vote(3*sim/thinker) >> sim/small"]
    ends = (spec.points[0], replace(spec.points[-1], y=0.97, y_low=None, y_high=None))
    points = tuple(replace(point, label=name) for point, name in zip(ends, names, strict=True))
    export(replace(spec, points=points, lines=()), tmp_path / "a.svg")
    assert set(names) <= set(texts(tmp_path / "a.svg"))


def png_texts(png: bytes) -> dict[str, str]:
    """The text chunks; checks every chunk's sum and that the picture is paper-sized."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, found = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        if kind == b"IHDR":
            assert struct.unpack(">I", data[:4])[0] > 1200
        if kind == b"tEXt":
            key, text = data.split(b"\0", 1)
            found[key.decode()] = text.decode("latin-1")
        at += 12 + length
    return found


@settings(max_examples=examples(30), deadline=None)
@given(specs)
def test_json_loses_nothing_and_csv_has_every_number(spec: ChartSpec) -> None:
    assert msgspec.json.decode(msgspec.json.encode(spec), type=ChartSpec) == spec
    text = tables.to_csv(spec)
    rows = list(csv.DictReader(io.StringIO(text)))
    points = [row for row in rows if row["series"] == "points"]
    assert [(float(row["x"]), float(row["y"])) for row in points] == [(p.x, p.y) for p in spec.points]
    assert [row["label"].lstrip("'") for row in points] == [tables.safe(p.label).lstrip("'") for p in spec.points]
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.startswith(("=", "@", "+", "-")) or float(cell) is not None


@settings(max_examples=examples(8), deadline=None)
@given(specs)
def test_vega_takes_any_chart(spec: ChartSpec) -> None:
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(msgspec.json.encode(vega_lite(spec)).decode(), allowed_base_urls=[])
    ElementTree.fromstring(drawn)


@pytest.mark.parametrize("shape", ["stairs", "straight"])
def test_a_long_name_of_rare_characters_is_cut_before_vega_sees_it(shape: Literal["stairs", "straight"]) -> None:
    """Vega cuts between the halves of a character beyond the first 65,536, and fails then."""
    import vl_convert

    lines = tuple(ChartLine(label=char * 90, x=(1.0, 2.0), y=(1.0, 2.0), shape=shape) for char in "🦙\U000f0000a")
    spec = replace(samples.frontier(), lines=lines)
    drawn = vl_convert.vegalite_to_svg(msgspec.json.encode(vega_lite(spec)).decode(), allowed_base_urls=[])
    assert "🦙" in "".join(ElementTree.fromstring(drawn).itertext())


@pytest.mark.parametrize("title", ["\\", 'a\\"+alert(1)+"', "C:\\new"])
def test_no_title_ends_the_expression_that_vega_lite_puts_it_into(title: str) -> None:
    import vl_convert

    chart = samples.frontier()
    points = tuple(replace(point, notes=((title, "820"),)) for point in chart.points)
    axes = {"x": replace(chart.x, title=title), "y": replace(chart.y, title=title)}
    spec = vega_lite(replace(chart, points=points, **axes))
    vl_convert.vegalite_to_svg(msgspec.json.encode(spec).decode(), allowed_base_urls=[])
    signals = re.findall(r'"signal":\s*("(?:[^"\\]|\\.)*")', json.dumps(vl_convert.vegalite_to_vega(spec)))
    quoted = json.dumps(title, ensure_ascii=False)
    tooltips = [json.loads(text) for text in signals if "join(datum" in text]
    assert tooltips
    assert all(quoted in text for text in tooltips if "note0" in text)


@pytest.mark.slow
def test_two_exports_are_the_same_bytes(tmp_path: Path) -> None:
    """But for PDF, in which vl-convert numbers fonts in any order."""
    suffixes = (".svg", ".png", ".html", ".vl.json", ".csv", ".json", ".md")
    one, two = ([tmp_path / f"{name}{suffix}" for suffix in suffixes] for name in "ab")
    export_all(samples.frontier(), one)
    export_all(samples.frontier(), two)
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    assert load(tmp_path / "a.json") == samples.frontier()
    assert "recorded" in (tmp_path / "a.md").read_text(encoding="utf-8")


def test_data_and_provenance_stand_beside(tmp_path: Path) -> None:
    export(samples.frontier(), tmp_path / "a.vl.json", with_data=True)
    assert {file.name for file in tmp_path.iterdir()} == {"a.vl.json", "a.csv", "a.provenance.json"}
    told = json.loads((tmp_path / "a.vl.json").read_bytes())
    assert told["usermeta"]["workbench"] == json.loads((tmp_path / "a.provenance.json").read_bytes())


def test_a_bad_name_a_bad_folder_and_a_bad_theme_are_one_error_and_no_file(tmp_path: Path) -> None:
    spec = samples.curves()
    for path, theme in ((tmp_path / "a.bmp", "light"), (tmp_path / "no" / "a.md", "light"), (tmp_path / "a.md", "nil")):
        with pytest.raises(InputError):
            export_all(spec, [path], theme=theme)
    with pytest.raises(InputError):
        export_all(spec, [tmp_path / "a.md", tmp_path / "a.bmp"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("theme", ["light", "dark", "dusk", "clear"])
def test_themes_colour_an_export(theme: str) -> None:
    made = vega_lite(samples.frontier(), colours=palette(theme))
    assert made["config"]["background"] == palette(theme).background
