"""The app is built in steps, so that its first frame comes soon; what stands in the end is the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from textual import events

from tests.tui.piloting import settle
from tests.tui.scripted import PROMPT, FakeStore, Puppet, long_run, services
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.help import Help
from workbench.tui.widgets.prompt_notes import PromptNotes

NAMED = "Tell {name} why the sky is blue."
"""With a line of notes below it."""


def app_in_steps(execute: Any = None, *, prompt: str = PROMPT, lazily: bool = True, **changes: Any) -> WorkbenchApp:
    return WorkbenchApp(services(execute, **changes), system="laconic-then-judge", prompt=prompt, lazily=lazily)


class Closed(FakeStore):
    """A ledger that is not open yet."""

    ready = False


async def picture(*, lazily: bool, size: tuple[int, int], help_too: bool, prompt: str) -> str:
    app = app_in_steps(prompt=prompt, lazily=lazily, store=Closed() if lazily else FakeStore())
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        if help_too:
            await pilot.press("f1")
            await settle(pilot)
            assert isinstance(app.screen, Help)
        assert app.bench.query_one(PromptNotes).display is ("{" in prompt)
        return re.sub(r"terminal-\d+", "", app.export_screenshot())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize(("help_too", "prompt"), [(False, PROMPT), (True, PROMPT), (False, NAMED)])
async def test_built_in_steps_or_at_once_it_looks_the_same(size: tuple[int, int], help_too: bool, prompt: str) -> None:
    in_steps = await picture(lazily=True, size=size, help_too=help_too, prompt=prompt)
    assert in_steps == await picture(lazily=False, size=size, help_too=help_too, prompt=prompt)


async def test_keys_typed_before_the_panes_stand_do_what_they_always_do() -> None:
    puppet = Puppet(long_run())
    app = app_in_steps(puppet)
    original = app.get_default_screen

    def typed_at_once() -> Any:
        for key in ("ctrl+u", "H", "i", "ctrl+r", "alt+l", "j"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        return original()

    setattr(app, "get_default_screen", typed_at_once)  # noqa: B010
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await settle(pilot)
        assert app.session.view.id
        assert app.bench.focused is not None
        assert type(app.bench.focused).__name__ == "Lanes"
        app.session.stop_all()
        await app.session.wait()


async def test_the_first_frame_has_system_prompt_and_keys() -> None:
    frames: list[str] = []
    app = app_in_steps()
    display = app._display

    def watched(screen: Any, renderable: Any) -> None:
        display(screen, renderable)
        if screen is app.bench and not frames:
            frames.append(app.export_screenshot())

    setattr(app, "_display", watched)  # noqa: B010
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        first = re.sub(r"<[^>]*>|&#160;", " ", frames[0])
        for word in ("Bench", "palette", "laconic", PROMPT.split()[-1]):
            assert word in first, first
        assert app.bench.whole
