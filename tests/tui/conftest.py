"""Snapshots that do not depend on whose terminal runs them, and a failure report that tells nothing of its host."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_textual_snapshot as plugin
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.tui import dispatched, idling

_KEPT = ("NO_COLOR", "COLORTERM", "TEXTUAL_ANIMATIONS", "TEXTUAL_THEME", "WORKBENCH_HOME")


_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parse_once(self: Stylesheet, css: str, read_from: Any, *args: Any, **fields: Any) -> list[RuleSet]:
    """What Textual keeps for one app, kept for all: the same text with the same variables has the same rules."""
    key = (css, read_from, args, tuple(fields.items()), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, read_from, *args, **fields)
    return _parsed[key]


@pytest.fixture(autouse=True)
def _parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts an app, and every app would parse the same stylesheets anew."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_once)


@pytest.fixture(autouse=True)
def _exact_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot waits as long as an app has something to do, and no longer."""
    idling.install(monkeypatch)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in _KEPT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))


@pytest.fixture(autouse=True)
def _commands_noted(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """What is done is noted; a command that no test does is missed at the end."""
    if request.path.name == dispatched.FUZZ:
        return
    dispatch = App._dispatch_action

    async def noted(self: App[Any], namespace: Any, action: str, params: Any) -> bool:
        done = await dispatch(self, namespace, action, params)
        if done:
            dispatched.note(namespace, action, params)
        return done

    monkeypatch.setattr(App, "_dispatch_action", noted)


def pytest_configure() -> None:
    """Snapshots are `.svg` whatever syrupy calls that attribute; the failure report leaves the environment out."""
    for attribute in ("_file_extension", "file_extension"):
        setattr(plugin.SVGImageExtension, attribute, "svg")
    original = plugin.SvgSnapshotDiff.__init__

    def scrubbed(self: Any, *args: Any, **fields: Any) -> None:
        original(self, *args, **{**fields, "environment": {}})

    plugin.SvgSnapshotDiff.__init__ = scrubbed
