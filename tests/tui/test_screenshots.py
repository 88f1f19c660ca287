"""The pictures in the README and the docs are what the app draws now, from a real run."""

from __future__ import annotations

import pytest

from screenshots import make
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
