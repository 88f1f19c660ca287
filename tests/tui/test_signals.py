"""A signal ends the app as the user's own leaving does."""

from __future__ import annotations

import os
import signal

import pytest

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
