"""The pictures in the README and the docs are what the app draws now, from a real run."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from rich.segment import Segment
from textual.strip import Strip

from screenshots import cast, make
from workbench.engine.view import RunView

STALE = "the Bench looks different now: `make screenshots`"


@pytest.mark.parametrize(("name", "share"), make.PICTURES.items())
async def test_a_picture_is_up_to_date(name: str, share: float) -> None:
    drawn = await make.picture(make.load(), share=share)
    assert drawn == (make.HERE / name).read_text(encoding="utf-8"), STALE


def test_the_race_is_real_and_has_five_replicas() -> None:
    view = RunView().apply_all(make.load())
    assert (view.kind, view.status, len(view.calls)) == ("real", "done", 5)
    assert {call.endpoint for call in view.calls.values()} == {"local"}


@pytest.mark.parametrize("name", make.PICTURES)
def test_pictures_load_nothing_from_elsewhere(name: str) -> None:
    picture = (make.HERE / name).read_text(encoding="utf-8")
    assert "@font-face" not in picture
    assert "url(http" not in picture


async def test_the_moving_picture_is_up_to_date_and_moves_by_css_alone() -> None:
    drawn = await cast.draw()
    assert drawn == cast.FILE.read_text(encoding="utf-8"), STALE
    root = ElementTree.fromstring(drawn)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "style", "rect", "g", "text"}
    assert not any("href" in name or name.startswith("on") for element in root.iter() for name in element.attrib)
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-reduced-motion" in drawn
    assert len(drawn) < 600_000


def test_a_line_is_seen_in_the_moments_in_which_it_looked_so() -> None:
    screens = [[Strip([Segment("same")]), Strip([Segment(text)])] for text in ("<a>", "b", "<a>")]
    drawn = cast.animated(screens)
    assert drawn.count("same") == 1
    assert drawn.count("&lt;a&gt;") == drawn.count(">b<") == 1
    steps = 3 + cast.LAST
    assert (
        f"0.00%{{visibility:hidden}}{100 / steps:.2f}%{{visibility:visible}}{200 / steps:.2f}%{{visibility:hidden}}"
        in drawn
    )
