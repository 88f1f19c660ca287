"""Text in an open dialog outlives the app, however that ends, and Esc in the dialog of the system prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest
from msgspec import structs
from textual.widgets import Input, Static, TextArea

from tests.tui.piloting import Bench, app_of, said
from tests.tui.test_editing import at, press, system_of
from tests.tui.test_form import help_of, line, type_in
from tests.tui.test_keeping import name_line, on_files, until
from workbench.systems import files
from workbench.tui.drafts import Draft
from workbench.tui.screens import drafting
from workbench.tui.screens.bench import Bench as BenchScreen
from workbench.tui.screens.form import Form
from workbench.tui.screens.open import Open
from workbench.tui.screens.save import SaveAs
from workbench.tui.screens.wording import Fill, Instruction

AGAIN = "The dialog that you were typing in is open again."


async def shown(pilot: Bench, kind: type) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await press(pilot)


def boxes(pilot: Bench) -> list[str]:
    screen = pilot.app.screen
    return [box.value for box in screen.query(Input)] + [box.text for box in screen.query(TextArea)]


def drafts(folder: Path) -> list[Path]:
    return list((folder / "drafts").glob("*.json"))


async def open_dialog(pilot: Bench, kind: type) -> None:
    if kind is Instruction:
        await press(pilot, "f7")
    elif kind is SaveAs:
        app_of(pilot).bench.action_save_as()
    elif kind is Open:
        await press(pilot, "ctrl+o")
    else:
        app_of(pilot).bench.set_prompt("Where is {city}?")
        app_of(pilot).bench.action_values()
    await shown(pilot, kind)


@pytest.mark.parametrize("ending", ["crash", "signal"])
@pytest.mark.parametrize("kind", [Instruction, SaveAs, Open, Fill])
async def test_a_dialog_is_open_again_with_what_was_typed_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, ending: Literal["crash", "signal"]
) -> None:
    monkeypatch.setattr(drafting, "DRAFT_AFTER", 0.01)
    async with on_files(tmp_path, pid=1) as pilot:
        await open_dialog(pilot, kind)
        await press(pilot, *"a(b")
        before = boxes(pilot)
        if ending == "signal":
            app_of(pilot).exit(return_code=143)
        else:
            await until(pilot, lambda: b"a(b" in b"".join(file.read_bytes() for file in drafts(tmp_path)))
        left = drafts(tmp_path)[0].read_bytes()
    drafts(tmp_path)[0].write_bytes(left)
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        if kind is Fill:  # the prompt is the session's to bring back, which has none here
            assert "no {name}" in said(pilot)
            await open_dialog(pilot, kind)
        await shown(pilot, kind)
        assert boxes(pilot) == before
        assert AGAIN in said(pilot)
        assert system_of(pilot) == "race(3*a/b)"
        await press(pilot, *(("enter",) if kind in (Instruction, Fill) else ("escape",)))
        assert isinstance(pilot.app.screen, BenchScreen)
        if kind is Instruction:
            assert app_of(pilot).session.wording.instruction == "a(b"
        if kind is Fill:
            assert app_of(pilot).session.wording.values == {"city": "a(b"}
        app_of(pilot).exit(return_code=143)
    assert not drafts(tmp_path), "what is applied or dropped is no draft any more"


async def test_every_box_of_a_form_is_as_it_was_left(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "plus", "enter")
        await type_in(pilot, "temperature", "hot")
        await type_in(pilot, "system", "Be brief.\nBe kind.")
        await type_in(pilot, "model", "no/such")
        app_of(pilot).exit(return_code=143)
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        await shown(pilot, Form)
        found = [line(pilot, key).text for key in ("model", "temperature", "system", "replicas")]
        assert found == ["no/such", "hot", "Be brief.\nBe kind.", "4"]
        assert line(pilot, "temperature").error
        assert system_of(pilot) == "race(4*a/b)"
        await type_in(pilot, "temperature", "0.5")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, BenchScreen)
        assert "no/such@0.5" in system_of(pilot)
        await press(pilot, "escape")
        await at(pilot, "")
        await press(pilot, "enter")
        await type_in(pilot, "take", "2")
        await press(pilot, "escape", "escape")
        await press(pilot, "ctrl+q")
    draft = msgspec.json.decode(drafts(tmp_path)[0].read_bytes(), type=Draft)
    assert draft.typed == ()


async def test_a_form_comes_back_over_the_system_it_was_opened_on(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await at(pilot, "of.0")
        await press(pilot, "enter")
        await type_in(pilot, "temperature", "0.3")
        app_of(pilot).exit(return_code=143)
    draft = msgspec.json.decode(drafts(tmp_path)[0].read_bytes(), type=Draft)
    system = files.loads("name: quick\nroot: vote(2*a/b, x/y)\n", "test")
    drafts(tmp_path)[0].write_bytes(msgspec.json.encode(structs.replace(draft, system=system, kept=system)))
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        await shown(pilot, Form)
        assert system_of(pilot) == "vote(2*a/b, x/y)"
        assert line(pilot, "temperature").text == "0.3"
        await press(pilot, "escape", "escape")
        assert "unsaved" in name_line(pilot)
        await at(pilot, "")
        await press(pilot, "u")
        assert system_of(pilot) == "race(3*a/b)", "as its file says now"
        draft = structs.replace(draft, system=system, typed=(structs.replace(draft.typed[0], at="of.7"),))
        app_of(pilot).exit(return_code=143)
    (tmp_path / "drafts" / "2.json").write_bytes(msgspec.json.encode(draft))
    async with on_files(tmp_path, system=None, pid=3) as pilot:
        await press(pilot)
        assert isinstance(pilot.app.screen, BenchScreen)
        assert pilot.app._exception is None
        assert app_of(pilot).bench.typed == {}


async def test_leaving_without_it_leaves_it(tmp_path: Path) -> None:
    async with on_files(tmp_path) as pilot:
        await press(pilot, "f7", *"ab", "ctrl+q", "ctrl+q")
        assert pilot.app._exit
    assert not drafts(tmp_path)


async def test_esc_keeps_a_system_prompt_for_the_next_f7(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        await press(pilot, "f7", *"kept", "enter", "f7", *" more", "escape")
        assert app_of(pilot).session.wording.instruction == "kept"
        assert "F7 goes on with what you typed" in said(pilot)
        await press(pilot, "f7")
        assert boxes(pilot) == ["kept more"]
        assert "not kept yet; ^Z takes it back" in str(pilot.app.screen.query_one(".title", Static).render())
        await press(pilot, "escape")
        app_of(pilot).exit(return_code=143)
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        assert isinstance(pilot.app.screen, BenchScreen)
        assert "F7 goes on with it." in said(pilot)
        await press(pilot, "f7")
        assert boxes(pilot) == ["kept more"]
        await press(pilot, "ctrl+z")
        assert boxes(pilot) == [""]  # what is kept is the session's to bring back, which has none here
        await press(pilot, "escape", "f7")
        assert boxes(pilot) == [""]
        assert "not kept yet" not in str(pilot.app.screen.query_one(".title", Static).render())
        await press(pilot, "escape", "ctrl+q")
    assert not drafts(tmp_path)


async def test_a_form_says_what_is_wrong_with_what_came_back(tmp_path: Path) -> None:
    async with on_files(tmp_path, pid=1) as pilot:
        app_of(pilot).bench.action_edit_system()
        await shown(pilot, Form)
        await type_in(pilot, "budget/max_usd", "much")
        app_of(pilot).exit(return_code=143)
    async with on_files(tmp_path, system=None, pid=2) as pilot:
        await shown(pilot, Form)
        assert line(pilot, "budget/max_usd").text == "much"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Form)
        assert "✗" in help_of(pilot)
