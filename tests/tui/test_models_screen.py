"""The Models screen under a pilot: the list, the selected model, the way to the Bench."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.tui.catalogues import VLLM, FakeCatalogue, local, published
from tests.tui.models_pilot import app_of, choose, chosen, models, press, screen, settle, table, told
from workbench.engine.limits import EndpointLimit, Limits
from workbench.models.listing import listed
from workbench.systems import edits
from workbench.systems.nodes import Model
from workbench.tui.screens.help import Help
from workbench.tui.screens.models import Models
from workbench.tui.widgets.models_bar import ScopeLine
from workbench.tui.widgets.models_table import ModelsTable
from workbench.tui.widgets.system_tree import SystemTree

# The list


async def test_the_number_key_leads_there_and_all_models_are_listed() -> None:
    async with models(FakeCatalogue(known=[VLLM]), whole=True) as pilot:
        await press(pilot, "1", "alt+l", "7")
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


async def test_what_another_screen_fetched_is_seen_on_the_way_back() -> None:
    catalogue = FakeCatalogue()
    async with models(catalogue) as pilot:
        before = catalogue.read
        await press(pilot, "3")
        await press(pilot, "7")
        assert catalogue.read == before + 1
