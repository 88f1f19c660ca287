"""The Models screen under a pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.catalogues import VLLM, FakeCatalogue, local, published
from tests.tui.scripted import FakeEmbedded, services
from workbench.engine.limits import EndpointLimit, Limits
from workbench.errors import ErrorKind, ModelError
from workbench.models.catalogue import TestResult
from workbench.models.listing import listed
from workbench.models.probe import Probed
from workbench.systems import edits
from workbench.systems.nodes import Model
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.add_model import AddModel
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.screens.help import Help
from workbench.tui.screens.models import Models
from workbench.tui.widgets.models_bar import ScopeLine
from workbench.tui.widgets.models_table import ModelsTable
from workbench.tui.widgets.system_tree import SystemTree
from workbench.tui.widgets.words_pane import WordsPane

Shown = Pilot[int]


def only_models(app: WorkbenchApp) -> WorkbenchApp:
    """The app begins at the Models screen; the Bench is not laid out, which is most of a test's time."""
    setattr(app, "get_default_screen", lambda: Models(app.session))  # noqa: B010
    return app


@asynccontextmanager
async def models(
    catalogue: FakeCatalogue | None = None, *, size: tuple[int, int] = (120, 40), whole: bool = False, **changes: Any
) -> AsyncIterator[Shown]:
    given = services(catalogue=catalogue or FakeCatalogue(), **changes)
    app = WorkbenchApp(given, system="laconic-then-judge", lazily=True)
    async with (app if whole else only_models(app)).run_test(size=size) as pilot:
        await pilot.pause()
        if whole:
            app.action_go("models")
        await settle(pilot)
        yield pilot


def screen(pilot: Shown) -> Models:
    return next(each for each in pilot.app.screen_stack if isinstance(each, Models))


async def settle(pilot: Shown) -> None:
    """Until the workers are done and what they changed is drawn."""
    for _ in range(3):
        await pilot.pause()
        if isinstance(pilot.app.screen, Models):
            await pilot.app.workers.wait_for_complete(list(pilot.app.workers))
    await pilot.pause()


async def press(pilot: Shown, *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def told(pilot: Shown) -> str:
    """The panes below, as text."""
    panes = screen(pilot).query(WordsPane)
    return "\n".join(pane.at(pane.content_size.width).plain for pane in panes)


def table(pilot: Shown) -> list[str]:
    found = screen(pilot).query_one(ModelsTable)
    lines = ["".join(part.text for part in found.render_line(y)).rstrip() for y in range(found.size.height)]
    return [line for line in lines[1:] if line]


def chosen(pilot: Shown) -> str:
    row = screen(pilot).chosen
    return row.info.name if row is not None else ""


async def choose(pilot: Shown, name: str) -> None:
    screen(pilot)._model = name
    screen(pilot).draw()
    assert chosen(pilot) == name
    await pilot.pause()


def said(pilot: Shown) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)


# The list


async def test_the_number_key_leads_there_and_all_models_are_listed() -> None:
    async with models(FakeCatalogue(known=[VLLM]), whole=True) as pilot:
        await press(pilot, "1", "f3", "7")
        await settle(pilot)
        assert len(table(pilot)) == 9
        assert table(pilot)[0].startswith(" local/smollm2-135m")
        first = table(pilot)[0].split()
        assert first[1:5] == ["0.00", "0.00", "2", "048"]
        assert "✓ on disk, 93 MB" in table(pilot)[0]
        assert "✗ set DEEPSEEK_API_K…" in table(pilot)[-1]
        assert "missing" in table(pilot)[-1]
        assert any("3.0" in line and "15.00" in line and "found" in line for line in table(pilot))


async def test_names_can_not_colour_the_screen() -> None:
    async with models() as pilot:
        line = next(line for line in table(pilot) if "newcomer/[red]model" in line)
        assert "\x1b" not in line
        await choose(pilot, "newcomer/\x1b[31m[red]model")
        assert "newcomer/[red]model" in told(pilot)


async def test_unknown_prices_are_question_marks() -> None:
    async with models() as pilot:
        line = next(line for line in table(pilot) if "unpriced" in line)
        assert line.split()[1:4] == ["?", "?", "?"]
        await choose(pilot, "newcomer/unpriced")
        assert "no catalogue" in told(pilot)


async def test_typing_filters_and_enter_goes_to_the_table() -> None:
    async with models() as pilot:
        await press(pilot, "slash", *"claude", "space", *"anth")
        assert [line.split()[0] for line in table(pilot)] == ["anthropic/claude-sonnet-4-5"]
        assert "Enter done   Esc clear   1 of 7" in str(pilot.app.screen.query_one(".found").render())
        assert chosen(pilot) == "anthropic/claude-sonnet-4-5"
        await press(pilot, "enter")
        assert isinstance(pilot.app.focused, ModelsTable)
        assert "Enter" not in str(pilot.app.screen.query_one(".found").render())
        await press(pilot, "escape")
        assert len(table(pilot)) == 7


async def test_the_search_knows_abilities_and_the_arrows_move_while_typing() -> None:
    async with models() as pilot:
        await press(pilot, "slash", *"reasoning", "down")
        assert len(table(pilot)) == 2
        assert chosen(pilot) == "deepseek/deepseek-reasoner"
        assert isinstance(pilot.app.focused, Input)


async def test_escape_leaves_the_search_step_by_step() -> None:
    async with models() as pilot:
        await press(pilot, "slash", *"zzz")
        assert "Nothing fits" in table(pilot)[0]
        assert chosen(pilot) == ""
        await press(pilot, "escape")
        assert pilot.app.screen.query_one(Input).value == ""
        await press(pilot, "escape")
        assert isinstance(pilot.app.focused, ModelsTable)


async def test_with_nothing_chosen_keys_do_nothing() -> None:
    catalogue = FakeCatalogue(rows=[])
    async with models(catalogue) as pilot:
        await press(pilot, "enter", "t", "c", "p", "e")
        assert isinstance(pilot.app.screen, Models)
        assert catalogue.called == []


async def test_filters() -> None:
    known = [
        ["local/smollm2-135m", "sim/small", "vllm/qwen3", "vllm/tiny", "anthropic/claude-sonnet-4-5"],
        ["local/smollm2-135m", "local/big", "vllm/qwen3", "vllm/tiny"],
        ["sim/small"],
        ["vllm/qwen3", "vllm/tiny"],
    ]
    async with models(FakeCatalogue(known=[VLLM])) as pilot:
        for names in known:
            await press(pilot, "f")
            assert [line.split()[0] for line in table(pilot)] == names
        await press(pilot, "F")
        assert [line.split()[0] for line in table(pilot)] == ["sim/small"]
        await press(pilot, "f", "f")
        assert len(table(pilot)) == 9


async def test_a_click_on_a_filter_and_on_a_model() -> None:
    async with models(whole=True) as pilot:
        bar = pilot.app.screen.query_one(ScopeLine)
        assert await pilot.click(ScopeLine, offset=(bar.render().plain.index("simulated") + 1, 0))
        await settle(pilot)
        assert len(table(pilot)) == 1
        await press(pilot, "escape")
        await pilot.click(ModelsTable, offset=(5, 3))
        await settle(pilot)
        assert chosen(pilot) == "sim/small"
        await pilot.click(ModelsTable, offset=(5, 3), times=2)
        await settle(pilot)
        assert pilot.app.screen is app_of(pilot).bench


async def test_one_endpoint_only() -> None:
    async with models() as pilot:
        await press(pilot, "G", "k", "e")
        assert {line.split("/")[0] for line in table(pilot)} == {" newcomer"}
        await press(pilot, "e")
        assert len(table(pilot)) == 7


async def test_orders() -> None:
    async with models() as pilot:
        firsts = []
        for _ in range(5):
            await press(pilot, "s")
            firsts.append(table(pilot)[0].split()[0])
            assert chosen(pilot) == firsts[-1]
        prices = "local/smollm2-135m"
        assert firsts == ["anthropic/claude-sonnet-4-5", prices, prices, "anthropic/claude-sonnet-4-5", prices]


async def test_the_cursor_moves_and_stays_in_sight() -> None:
    many = [listed(published(f"p/model-{n:04}")) for n in range(3000)]
    async with models(FakeCatalogue(rows=many)) as pilot:
        await press(pilot, "pagedown", "down", "j", "k", "up", "down")
        assert chosen(pilot) == f"p/model-{screen(pilot).query_one(ModelsTable).page + 1:04}"
        await press(pilot, "G")
        assert chosen(pilot) == "p/model-2999"
        assert "p/model-2999" in table(pilot)[-1]
        await press(pilot, "ctrl+u")
        await press(pilot, "g")
        assert "p/model-0000" in table(pilot)[0]


async def test_the_list_is_read_again_and_the_cursor_stays() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        await choose(pilot, "sim/small")
        catalogue.rows.insert(0, local("new"))
        await press(pilot, "r")
        assert catalogue.read == 2
        assert "local/new" in table(pilot)[0]
        assert chosen(pilot) == "sim/small"


async def test_help_tells_of_this_screen() -> None:
    async with models() as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        assert pilot.app.screen._where == "models"


# The detail


async def test_prices_limits_and_billing_are_told() -> None:
    limits = Limits()
    async with models(limits=limits) as pilot:
        await choose(pilot, "anthropic/claude-sonnet-4-5")
        assert "anthropic, through LiteLLM" in told(pilot)
        assert "litellm 1.110.2, here since 25 Nov 2026" in " ".join(told(pilot).split())
        for word, price in (("input", " 3.00"), ("cached", " 0.30"), ("cache write", " 3.75"), ("output", "15.00")):
            line = next(line for line in told(pilot).splitlines() if line.strip().startswith(word))
            assert line.endswith(price)
        assert "reasoning   as output" in told(pilot)
        assert "up to 50 requests" in told(pilot)
        assert "✓ stops" in told(pilot)
        assert "a table" in told(pilot)
        limit = limits.of(published("anthropic/x", max_concurrency=8))
        assert isinstance(limit, EndpointLimit)
        limit.pushed_back(lambda *_: None, "429")
        screen(pilot).draw()
        assert "1 of 8 now, 0 under way" in told(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_every_size_shows_name_state_price_and_billing(size: tuple[int, int]) -> None:
    async with models(size=size) as pilot:
        await choose(pilot, "anthropic/claude-sonnet-4-5")
        for words in ("anthropic/claude-sonnet-4-5", "✓ ready", "15.00", "✓ stops", "200\N{NO-BREAK SPACE}000 tokens"):
            assert words in told(pilot)


# To the Bench


async def test_enter_puts_the_model_into_the_selected_node() -> None:
    async with models(whole=True) as pilot:
        bench = app_of(pilot).bench
        path = "of.0/of.0"
        bench.query_one(SystemTree).select(path)
        assert isinstance(edits.get(bench.session.system, path), Model)
        await choose(pilot, "sim/small")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, type(bench))
        node = edits.get(bench.session.system, path)
        assert isinstance(node, Model)
        assert (node.model, node.replicas) == ("sim/small", 10)
        assert bench.session.history.can_undo


async def test_enter_opens_a_single_call_where_no_model_is_selected() -> None:
    async with models(whole=True) as pilot:
        await choose(pilot, "sim/small")
        await press(pilot, "enter")
        assert app_of(pilot).session.system.root == Model(model="sim/small")
        app_of(pilot).session.history.undo()
        assert app_of(pilot).session.system.name == "laconic-then-judge"


def app_of(pilot: Shown) -> WorkbenchApp:
    assert isinstance(pilot.app, WorkbenchApp)
    return pilot.app


# Calls


async def test_nothing_is_called_before_it_is_asked_for() -> None:
    catalogue = FakeCatalogue(known=[VLLM], found=[VLLM])
    async with models(catalogue) as pilot:
        await press(pilot, "f", "f", "down", "slash", "a", "escape", "escape", "s", "r")
        assert catalogue.called == []


async def test_a_test_call_shows_times_speed_and_cost() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        await press(pilot, "t")
        assert catalogue.called == ["test local/smollm2-135m"]
        assert "first token 0.34 s, total 1.1 s, 40 tok/s" in " ".join(told(pilot).split())
        assert "12 + 31 tokens, $0.000498" in told(pilot)
        assert "[b]three" in told(pilot)


async def test_a_paid_call_asks_first_and_names_the_price() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        await choose(pilot, "anthropic/claude-sonnet-4-5")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Confirm)
        assert "~$0.000552" in pilot.app.screen._question
        await press(pilot, "n")
        assert catalogue.called == []
        await press(pilot, "t")
        await press(pilot, "y")
        await settle(pilot)
        assert catalogue.called == ["test anthropic/claude-sonnet-4-5"]


async def test_an_unknown_price_asks_too() -> None:
    async with models() as pilot:
        await choose(pilot, "newcomer/unpriced")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Confirm)
        assert "a price nobody knows" in pilot.app.screen._question


async def test_a_key_that_is_missing_is_named_and_one_in_the_keyring_is_found() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        await choose(pilot, "deepseek/deepseek-reasoner")
        await press(pilot, "t")
        assert "set DEEPSEEK_API_KEY" in said(pilot)
        catalogue.in_keyring.add("deepseek/deepseek-reasoner")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Confirm)


async def test_a_call_that_fails_is_told() -> None:
    result = TestResult(model="local/smollm2-135m", ok=False, error="the server\nhad an error")
    async with models(FakeCatalogue(result=result)) as pilot:
        await press(pilot, "t")
        assert "✗ the server had an error" in told(pilot)


async def test_escape_cancels_a_call_and_a_second_one_waits() -> None:
    catalogue = FakeCatalogue(holds=True)
    async with models(catalogue) as pilot:
        await pilot.press("t")
        await settle(pilot)
        screen(pilot).tick()
        assert "◌ 0.00 s" in told(pilot)
        await press(pilot, "t")
        assert "A call is under way" in said(pilot)
        await press(pilot, "escape")
        assert catalogue.cancelled == 1
        assert screen(pilot).doing is None
        screen(pilot).tick()
        assert "◌" not in told(pilot)
        await press(pilot, "escape")


async def test_leaving_the_app_cancels_the_call() -> None:
    catalogue = FakeCatalogue(holds=True)
    async with models(catalogue) as pilot:
        await press(pilot, "t")
    assert catalogue.cancelled == 1


async def test_the_probe_tells_whether_the_server_stops() -> None:
    catalogue = FakeCatalogue(known=[VLLM])
    async with models(catalogue) as pilot:
        await choose(pilot, "vllm/qwen3")
        await press(pilot, "c")
        assert catalogue.called == ["probe vllm/qwen3"]
        words = " ".join(told(pilot).split())
        assert "✗ it does not stop: it went on 3.0 s after the cancel" in words
        assert "told by /slots" in words
        assert "on cancel ✗ goes on the probe just now" in words


async def test_a_probe_that_can_not_tell_says_so() -> None:
    verdict = Probed(model="local/smollm2-135m", verdict="unknown", because="time can't show it")
    async with models(FakeCatalogue(verdict=verdict)) as pilot:
        await press(pilot, "c")
        assert "? it can't be told: time can't show it" in " ".join(told(pilot).split())
        assert "✓ stops" in told(pilot)


async def test_a_probe_that_fails_is_told() -> None:
    verdict = ModelError(ErrorKind.CONNECTION, "no connection")
    async with models(FakeCatalogue(verdict=verdict)) as pilot:
        await press(pilot, "c")
        assert "✗ no connection" in told(pilot)


async def test_far_servers_are_not_probed() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        await choose(pilot, "anthropic/claude-sonnet-4-5")
        await press(pilot, "c")
        assert "Only servers on this machine" in said(pilot)
        assert catalogue.called == []


# Models of this machine


async def test_a_model_that_is_not_on_disk_is_fetched_first() -> None:
    catalogue, embedded = FakeCatalogue(), FakeEmbedded(absent={"local/big"})
    async with models(catalogue, embedded=embedded) as pilot:
        await choose(pilot, "local/big")
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, FetchModel)
        embedded.done.set()
        await settle(pilot)
        await settle(pilot)
        assert catalogue.called == ["test local/big"]


async def test_a_simulated_model_may_do_instead() -> None:
    async with models(embedded=FakeEmbedded(absent={"local/big"})) as pilot:
        await press(pilot, "j", "t", "s")
        await settle(pilot)
        assert chosen(pilot) == "sim/small"


async def test_pull() -> None:
    catalogue, embedded = FakeCatalogue(), FakeEmbedded(absent={"local/big"})
    async with models(catalogue, embedded=embedded) as pilot:
        await press(pilot, "p")
        assert "on disk already" in said(pilot)
        await press(pilot, "j", "p")
        assert isinstance(pilot.app.screen, FetchModel)
        await press(pilot, "escape")
        assert embedded.cancelled
        await press(pilot, "p")
        embedded.done.set()
        await settle(pilot)
        await settle(pilot)
        assert catalogue.read == 2
        await choose(pilot, "sim/small")
        await press(pilot, "p")
        assert "Only models of this machine" in said(pilot)


async def test_add_a_gguf() -> None:
    async with models() as pilot:
        await press(pilot, "f", "f", "f", "a")
        assert isinstance(pilot.app.screen, AddModel)
        await press(pilot, "enter", *"nonsense", "enter")
        assert isinstance(pilot.app.screen, AddModel)
        wrong = pilot.app.screen.query_one("#wrong").render()
        assert "neither a known local model nor a file" in str(wrong)
        await press(pilot, *".gguf", "enter")
        await settle(pilot)
        assert chosen(pilot) == "local/added"
        assert len(table(pilot)) == 8


async def test_adding_can_be_left() -> None:
    async with models() as pilot:
        await press(pilot, "a")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, Models)


async def test_servers_are_looked_for_when_asked() -> None:
    catalogue = FakeCatalogue(found=[VLLM])
    async with models(catalogue) as pilot:
        assert "not looked for yet" in told(pilot)
        await press(pilot, "d")
        await settle(pilot)
        assert "● vllm  2 models  127.0.0.1:8000" in told(pilot)
        assert any("vllm/qwen3" in line for line in table(pilot))
        catalogue.found = []
        await press(pilot, "d")
        await settle(pilot)
        assert "none at the usual ports" in told(pilot)


async def test_without_a_catalogue_the_screen_is_empty() -> None:
    app = only_models(WorkbenchApp(services(), system="laconic-then-judge", lazily=True))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", "t", "f", "slash", "a", "escape", "escape", "enter", "d", "a", "r", "c", "p")
        await pilot.pause()
        assert isinstance(app.screen, Models)
