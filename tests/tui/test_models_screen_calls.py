"""The Models screen under a pilot: test calls, probes, fetching, adding, servers of this machine."""

from __future__ import annotations

from tests.tui.catalogues import VLLM, FakeCatalogue
from tests.tui.models_pilot import choose, chosen, models, only_models, press, said, screen, settle, table, told
from tests.tui.scripted import FakeEmbedded, services
from workbench.errors import ErrorKind, ModelError
from workbench.models.catalogue import TestResult
from workbench.models.probe import Probed
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.add_model import AddModel
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.screens.models import Models

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
