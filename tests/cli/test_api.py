"""The public Python API."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench
from workbench.engine.events import AnyEvent
from workbench.errors import InputError, NotationError
from workbench.systems.nodes import Race


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))


def test_parse_and_load() -> None:
    assert isinstance(workbench.parse("race(3*sim/small)").root, Race)
    assert workbench.load("laconic-10").name == "laconic-10"
    with pytest.raises(NotationError):
        workbench.parse("race(3*sim/small")


def test_run_record_replay() -> None:
    events = list[AnyEvent]()
    view = workbench.run("race(3*sim/small@0.8)", "What is 6 × 7?", seed=1, tags=["api"], on_event=events.append)
    assert (view.status, view.kind) == ("done", "simulated")
    assert view.version == len(events)
    assert workbench.replay("last").to_json() == view.to_json()
    with workbench.open_ledger(read_only=True) as ledger:
        assert ledger.view(view.id).to_json() == view.to_json()


async def test_run_inside_a_running_loop() -> None:
    view = workbench.run(workbench.parse("sim/small"), "hi", record=False)
    assert view.finished


def test_a_run_without_a_ledger_warns_and_returns(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder", encoding="utf-8")
    with pytest.warns(RuntimeWarning, match="ledger"):
        assert workbench.run("sim/small", "hi").status == "done"


def test_what_can_not_start_raises() -> None:
    with pytest.raises(InputError):
        workbench.run("sim/small", "hi", max_usd=0, record=False)
    with pytest.raises(workbench.WorkbenchError, match="nobody is known to serve"):
        workbench.run("nonsense", "hi")


def test_unknown_names_are_attribute_errors() -> None:
    missing = "nonsense"
    with pytest.raises(AttributeError):
        getattr(workbench, missing)
    assert all(getattr(workbench, name) for name in workbench.__all__)
