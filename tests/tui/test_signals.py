"""A signal ends the app as the user's own leaving does."""

from __future__ import annotations

import os
import signal

import pytest
from textual.widgets import TextArea

from tests.tui.piloting import app_of, bench, fire, settle
from tests.tui.scripted import Puppet, long_run, until


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
async def test_a_signal_ends_the_run_and_the_app(name: str, code: int) -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    async with bench(puppet) as pilot:
        app = app_of(pilot)
        await fire(pilot)
        assert app.session.live
        signal.raise_signal(signal.Signals[name])
        await settle(pilot)
    assert app.return_code == code
    assert puppet.cancelled == 1


@pytest.mark.skipif(os.name == "nt", reason="signals")
async def test_a_signal_in_the_yaml_view_loses_no_text() -> None:
    async with bench(Puppet(long_run())) as pilot:
        app = app_of(pilot)
        await pilot.press("f8")
        await settle(pilot)
        area = app.screen.query_one(TextArea)
        area.text = area.text.replace("replicas: 10", "replicas: 4")
        signal.raise_signal(signal.SIGHUP)
        await settle(pilot)
    assert "replicas=4" in repr(app.session.system)
