"""The prompt under a pilot: history, files, names, the system prompt, and the ways to fire."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tui.idling import MOMENT
from tests.tui.piloting import Bench, app_of, bench, fire, said, seen, settle
from tests.tui.scripted import PROMPT, FakeStore, Puppet, long_run
from workbench.engine.task import Task
from workbench.ledger.queries import RunQuery, RunRow
from workbench.systems.nodes import Model, Race, System
from workbench.tui.firing import Firing
from workbench.tui.screens.wording import Fill, Instruction
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.prompt_notes import PromptNotes
from workbench.tui.widgets.system_tree import SystemTree


@dataclass
class Heard(Puppet):
    """Remembers what it was asked."""

    def __post_init__(self) -> None:
        self.asked: list[Task] = []

    async def __call__(self, system: System, task: Task, models: Any, **options: Any) -> Any:
        self.asked.append(task)
        return await super().__call__(system, task, models, **options)

    @property
    def last(self) -> str:
        return self.asked[-1].query


def box(pilot: Bench) -> PromptText:
    return pilot.app.screen.query_one(PromptText)


async def write(pilot: Bench, text: str) -> None:
    box(pilot).load_text(text)
    box(pilot).move_cursor(box(pilot).document.end)
    await until_quiet(pilot)


async def until_quiet(pilot: Bench) -> None:
    """Until all that works in threads has ended."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


class OldStore(FakeStore):
    def runs(self, query: RunQuery, *, limit: int, after: RunRow | None = None, skip: int = 0) -> list[RunRow]:
        empty: dict[str, Any] = dict.fromkeys(RunRow._fields)
        return [RunRow(**(empty | {"prompt": prompt})) for prompt in ("last {week}", "long ago")]


async def test_up_on_the_first_line_brings_back_what_was_asked() -> None:
    heard = Heard()
    async with bench(heard, store=OldStore()) as pilot:
        await fire(pilot)
        await write(pilot, "two\nlines")
        await pilot.press("up", "up")
        await until_quiet(pilot)
        assert box(pilot).text == PROMPT
        await pilot.press("ctrl+up")
        await until_quiet(pilot)
        assert box(pilot).text == "last {{week}}"
        await fire(pilot)
        assert heard.last == "last {week}"
        await pilot.press("ctrl+up", "ctrl+up", "ctrl+down", "down")
        await until_quiet(pilot)
        assert box(pilot).text == "last {{week}}"


async def test_a_draft_is_not_lost_on_the_way_back() -> None:
    async with bench(store=OldStore()) as pilot:
        await write(pilot, "half a thou")
        await pilot.press("up")
        await until_quiet(pilot)
        assert box(pilot).text == "last {{week}}"
        await pilot.press("down")
        await until_quiet(pilot)
        assert box(pilot).text == "half a thou"


async def test_a_file_is_attached_as_text(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("n" * 1234, encoding="utf-8")
    heard = Heard()
    async with bench(heard, size=(150, 40)) as pilot:
        await write(pilot, f"Sum up @{file}")
        assert "1.2 kB" in seen(pilot, PromptNotes)
        await pilot.press("enter")
        await until_quiet(pilot)
        assert heard.last.startswith(f"Sum up {file}\n\n{file}:\n```\nnnnn")


@pytest.mark.parametrize(("content", "problem"), [(None, "no such file"), (b"\0\1", "not text")])
async def test_a_file_that_can_t_be_read_fires_nothing(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "x"
    if content is not None:
        file.write_bytes(content)
    heard = Heard()
    async with bench(heard) as pilot:
        await write(pilot, f"@{file}")
        await pilot.press("enter")
        await until_quiet(pilot)
        assert heard.asked == []
        assert problem in said(pilot)
        assert len(pilot.app._notifications) == 1
        assert box(pilot).text == f"@{file}"


async def test_tab_completes_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("notes one.txt", "notice.md", "z.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    async with bench() as pilot:
        await write(pilot, "see @n")
        await pilot.press("tab")
        await until_quiet(pilot)
        assert box(pilot).text == "see @not"
        assert "notes one.txt  notice.md" in seen(pilot, PromptNotes)
        await pilot.press("e", "tab")
        await until_quiet(pilot)
        assert box(pilot).text == 'see @"notes one.txt" '
        await pilot.press("tab")
        assert not box(pilot).has_focus
        await write(pilot, "see @qq")
        box(pilot).focus()
        await pilot.press("tab")
        await until_quiet(pilot)
        assert "No file begins with" in said(pilot)


async def test_names_are_asked_for_once() -> None:
    heard = Heard()
    async with bench(heard) as pilot:
        await write(pilot, "{greeting}, {who}")
        await fire(pilot)
        assert isinstance(pilot.app.screen, Fill)
        await pilot.press("escape")
        assert heard.asked == []
        await fire(pilot)
        await pilot.press("H", "i", "enter", "y", "o", "u", "enter")
        await settle(pilot)
        assert heard.last == "Hi, you"
        assert "{who} you" in seen(pilot, PromptNotes)
        await fire(pilot)
        assert heard.last == "Hi, you"
        assert len(heard.asked) == 2
        await pilot.app.screen.run_action("values")
        await pilot.pause()
        await pilot.press("down", "x", "enter")
        await settle(pilot)
        await fire(pilot)
        assert heard.last == "Hi, x"


async def test_braces_can_be_left_as_written() -> None:
    heard = Heard()
    async with bench(heard) as pilot:
        await write(pilot, "f'{x}'")
        await fire(pilot)
        await pilot.press("ctrl+t")
        await settle(pilot)
        assert heard.last == "f'{x}'"


async def test_values_of_a_prompt_without_names() -> None:
    async with bench() as pilot:
        await pilot.app.screen.run_action("values")
        await pilot.pause()
        assert "no {name}" in said(pilot)


async def test_a_system_prompt_stands_before_the_prompt() -> None:
    heard = Heard()
    async with bench(heard) as pilot:
        await pilot.press("f7")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Instruction)
        await pilot.press("B", "e", "alt+enter", "b", "enter")
        await settle(pilot)
        assert "system Be b" in seen(pilot, PromptNotes)
        await fire(pilot)
        assert [(m.role, m.content) for m in heard.asked[-1].messages] == [("system", "Be\nb"), ("user", PROMPT)]
        await pilot.press("f7", "x", "escape")
        await settle(pilot)
        assert "system Be b" in seen(pilot, PromptNotes)


async def test_the_same_seed_again() -> None:
    heard = Heard(long_run())
    async with bench(heard, new_seed=lambda: 99) as pilot:
        await pilot.press("alt+r")
        await pilot.pause()
        assert heard.fired == []
        assert "no run yet" in said(pilot)
        await fire(pilot)
        assert heard.options["seed"] == 99
        await pilot.press("alt+r")
        await settle(pilot)
        assert heard.options["seed"] == 7  # what the shown run says of itself
        await pilot.app.screen.run_action("run")
        await settle(pilot)
        assert heard.options["seed"] == 99


async def test_the_selected_node_alone() -> None:
    heard = Heard()
    async with bench(heard) as pilot:
        await pilot.press("alt+t", "j", "j", "r")
        await settle(pilot)
        assert isinstance(heard.fired[-1].root, Race)
        await pilot.press("k", "r")
        await settle(pilot)
        assert isinstance(heard.fired[-1].root, Model)
        assert isinstance(pilot.app.screen.query_one(SystemTree), SystemTree)


async def test_losers_finish_where_that_is_wanted() -> None:
    heard = Heard()
    async with bench(heard) as pilot:
        await pilot.app.screen.run_action("let_finish")
        await settle(pilot)
        assert "losers finish" in seen(pilot, PromptNotes)
        await fire(pilot)
        race = heard.fired[-1].root.of[0]  # type: ignore[union-attr]
        assert isinstance(race, Race)
        assert race.losers == "finish"
        await pilot.app.screen.run_action("let_finish")
        await fire(pilot)
        assert heard.fired[-1].root.of[0].losers == "cancel"  # type: ignore[union-attr]


async def test_a_replay_brings_its_prompt_such_that_it_is_sent_again_as_it_was() -> None:
    events = long_run()
    heard = Heard()
    async with bench(heard, store=FakeStore(kept={"last": events}), replay="last") as pilot:
        await write(pilot, "something else")
        await until_quiet(pilot)
        await settle(pilot)
        await fire(pilot)
        assert heard.asked


async def test_a_part_that_is_gone_once_its_prompt_is_read_is_told(tmp_path: Path) -> None:
    puppet = Puppet()
    (tmp_path / "notes.txt").write_text("some notes")
    async with bench(puppet) as pilot:
        app = app_of(pilot)
        app.bench.set_prompt(f"Read @{tmp_path}/notes.txt")
        app.bench._prepare(Firing(at="of.0"))
        app.bench.change(System(root=Model(model="a/b")))
        for _ in range(50):
            await pilot.pause(MOMENT)
            if app.session.problem:
                break
        await pilot.pause()
        assert "of.0" in said(pilot)
        assert not puppet.fired
