"""The tree's keys under a pilot: every change is one step that undo takes back."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from tests.tui.piloting import Bench, app_of, bench, said, seen, settle
from workbench.systems import files, notation
from workbench.tui.screens.pick import Pick
from workbench.tui.widgets.notation_line import NotationLine
from workbench.tui.widgets.system_tree import SystemTree

START = "judge[anthropic/claude-sonnet-4-5](race[take=3, rule=thinking](10*deepseek/deepseek-reasoner@0.8))"
REASONER = "deepseek/deepseek-reasoner"


def system_of(pilot: Bench) -> str:
    return notation.print_node(app_of(pilot).session.system.root)


def tree_of(pilot: Bench) -> SystemTree:
    return app_of(pilot).bench.query_one(SystemTree)


async def press(pilot: Bench, *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
    await pilot.pause()


async def at(pilot: Bench, path: str) -> None:
    tree_of(pilot).focus()
    tree_of(pilot).select(path)
    await pilot.pause()


async def pick(pilot: Bench, name: str) -> None:
    assert isinstance(pilot.app.screen, Pick)
    pilot.app.screen.query_one(Input).value = name
    await pilot.pause()
    await press(pilot, "enter")


CHANGES = (
    ("of.0/of.0", "D", f"race[take=3, rule=thinking](10*{REASONER}@0.8, 10*{REASONER}@0.8)"),
    ("of.0/of.0", "D minus K", f"(9*{REASONER}@0.8, 10*{REASONER}@0.8)"),
    ("of.0/of.0", "D minus alt+up", f"(9*{REASONER}@0.8, 10*{REASONER}@0.8)"),
    ("of.0/of.0", "D minus K J", f"(10*{REASONER}@0.8, 9*{REASONER}@0.8)"),
    ("of.0/of.0", "D d", START),
    ("of.0", "W", f"judge[anthropic/claude-sonnet-4-5](10*{REASONER}@0.8)"),
    ("of.0/of.0", "c v", f"(10*{REASONER}@0.8, 10*{REASONER}@0.8)"),
    ("of.0", "c p", f"rule=thinking](10*{REASONER}@0.8, race[take=3"),
    ("of.0/of.0", "D x v", f"(10*{REASONER}@0.8, 10*{REASONER}@0.8)"),
    ("of.0/of.0", "plus plus minus", f"11*{REASONER}"),
)


async def test_keys_that_change_the_system() -> None:
    async with bench() as pilot:
        for path, keys, after in CHANGES:
            await at(pilot, path)
            await press(pilot, *keys.split())
            assert after in system_of(pilot)
            assert notation.parse(app_of(pilot).bench.query_one(NotationLine).text) == app_of(pilot).session.system.root
            await undo_all(pilot)


async def undo_all(pilot: Bench) -> None:
    while app_of(pilot).session.history.can_undo:
        app_of(pilot).bench.action_undo()
    await pilot.pause()
    assert system_of(pilot) == START


async def test_what_makes_no_sense_is_explained_and_changes_nothing() -> None:
    async with bench() as pilot:
        for path, key, words in (
            ("", "d", "the root can't be deleted"),
            ("judge", "d", "judge needs its judge"),
            ("of.0", "d", "last child"),
            ("judge", "D", "no siblings"),
            ("of.0", "J", "already the last"),
            ("judge", "W", "no children"),
        ):
            await at(pilot, path)
            await press(pilot, key)
            assert words in said(pilot)
            assert system_of(pilot) == START
            pilot.app.clear_notifications()


async def test_undo_and_redo_at_their_ends_say_so() -> None:
    async with bench() as pilot:
        await at(pilot, "")
        await press(pilot, "u", "ctrl+y")
        assert "Nothing to undo" in said(pilot)
        assert "Nothing to redo" in said(pilot)


KINDS = (
    (
        "of.0",
        "a",
        "model",
        "rule=thinking](10*deepseek/deepseek-reasoner@0.8, deepseek/deepseek-reasoner)",
        "of.0/of.1",
    ),
    ("of.0/of.0", "a", "vote", "@0.8, vote(deepseek/deepseek-reasoner))", "of.0/of.1"),
    ("of.0", "A", "$single", "@0.8), $single)", "of.1"),
    ("", "A", "model", "ensemble(judge[", "of.1"),
    ("of.0", "w", "vote", "vote(race[", "of.0"),
    ("of.0", "t", "ensemble", "](ensemble(10*", "of.0"),
    ("of.0/of.0", "t", "debate", "(debate(10*", "of.0/of.0"),
    ("of.0", "t", "model", f"](10*{REASONER}@0.8)", "of.0"),
)


async def test_kinds_are_chosen_from_a_list() -> None:
    async with bench() as pilot:
        for path, key, name, after, cursor in KINDS:
            await at(pilot, path)
            await press(pilot, key)
            await pick(pilot, name)
            assert after in system_of(pilot)
            assert tree_of(pilot).selected == cursor
            await undo_all(pilot)


async def test_a_verifier_can_become_a_check_and_a_judge_can_not() -> None:
    async with bench() as pilot:
        await at(pilot, "judge")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Pick)
        assert "regex" not in pilot.app.screen.entries
        await press(pilot, "escape")
        await at(pilot, "")
        await press(pilot, "t")
        await pick(pilot, "verify")
        await at(pilot, "verifier")
        await press(pilot, "t")
        await pick(pilot, "regex")
        assert system_of(pilot).startswith("verify[regex{")


async def test_a_copied_node_is_yaml_and_a_pasted_one_may_be_notation() -> None:
    async with bench() as pilot:
        await at(pilot, "of.0/of.0")
        await press(pilot, "c")
        copied = files.loads(pilot.app.clipboard).root
        assert notation.print_node(copied) == f"10*{REASONER}@0.8"
        tree_of(pilot).post_message(Paste("vote(3*openai/gpt-4o)"))
        await settle(pilot)
        assert "vote(3*openai/gpt-4o)" in system_of(pilot)
        await at(pilot, "judge")
        tree_of(pilot).post_message(Paste("openai/gpt-4o"))
        await settle(pilot)
        assert system_of(pilot).startswith("judge[openai/gpt-4o](")


async def test_a_bad_paste_gives_one_message_and_changes_nothing() -> None:
    async with bench() as pilot:
        for text in ("race(", "a: b", "root: {node: nothing}", "", "\x1b[31m[red]", "- 1\n- 2"):
            await at(pilot, "of.0")
            tree_of(pilot).post_message(Paste(text))
            await settle(pilot)
            assert len(pilot.app._notifications) == 1
            assert system_of(pilot) == START
            pilot.app.clear_notifications()


async def test_folding_by_key_and_mouse() -> None:
    async with bench() as pilot:
        await at(pilot, "of.0")
        await press(pilot, "space")
        assert "race +1" in seen(pilot, SystemTree)
        assert "×10" not in seen(pilot, SystemTree)
        await press(pilot, "right", "right")
        assert tree_of(pilot).selected == "of.0/of.0"
        await press(pilot, "left", "left")
        assert "race +1" in seen(pilot, SystemTree)
        await press(pilot, "z", "left", "h")
        assert tree_of(pilot).selected == ""
        await pilot.click(SystemTree, offset=(2, 0))
        await settle(pilot)
        assert "judge +3" in seen(pilot, SystemTree)
        await press(pilot, "l", "z", "G")
        assert tree_of(pilot).selected == "of.0/of.0"
        await press(pilot, "home")
        assert tree_of(pilot).selected == ""


async def test_a_change_inside_a_folded_node_unfolds_it() -> None:
    async with bench() as pilot:
        await at(pilot, "of.0")
        await press(pilot, "space", "a")
        await pick(pilot, "model")
        assert tree_of(pilot).selected == "of.0/of.1"


async def test_what_is_typed_in_the_notation_without_leaving_it_is_one_step() -> None:
    async with bench() as pilot:
        await press(pilot, "f5", "ctrl+a", *"a/b", "escape")
        assert system_of(pilot) == "a/b"
        await press(pilot, *"cd")
        await at(pilot, "")
        await press(pilot, "plus")
        assert system_of(pilot) == "2*a/bcd"
        await press(pilot, "u", "u")
        assert system_of(pilot) == START
        assert not app_of(pilot).session.history.can_undo
        await press(pilot, "U", "f5", "ctrl+end", "e")
        await at(pilot, "")
        await press(pilot, "u")
        assert system_of(pilot) == "a/bcd"
