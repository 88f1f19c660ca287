"""The Models screen's seam over the real catalogue and a server on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.openai_server import FakeServer
from tests.fakes.scripts import Script
from workbench.config import Config, EndpointConfig, PriceConfig
from workbench.errors import InputError
from workbench.models import discovery
from workbench.models.catalogue import Catalogue
from workbench.models.discovery import Place
from workbench.tui.live_catalogue import LiveCatalogue, port_of
from workbench.tui.services import Catalogue as Seam


def live(config: Config | None = None) -> LiveCatalogue:
    return LiveCatalogue(Catalogue(config or Config(), environ={}), config or Config())


def lab(server: FakeServer) -> Config:
    prices = {"*": PriceConfig(input=1.0, output=2.0)}
    return Config(endpoints={"lab": EndpointConfig(base_url=server.base_url, prices=prices)})


def test_it_is_what_the_screen_asks_for() -> None:
    seam: Seam = live()
    assert any(row.info.name == "sim/small" for row in seam.listing())
    assert seam.look_up("openai/gpt-4o").problem == "set OPENAI_API_KEY"
    assert "OpenRouter" in seam.billing_source(seam.look_up("openai/gpt-4o"))
    assert seam.price_date("litellm 1")
    assert seam.price_date("nothing") == ""


async def test_a_test_call_is_priced() -> None:
    async with FakeServer() as server:
        seam = live(lab(server))
        tested = await seam.test("lab/ok")
        await seam.models.aclose()
    assert tested.result.ok
    assert tested.result.text == "The answer is 42."
    assert (tested.cost, tested.estimated) == (11 * 1_000_000 + 4 * 2_000_000, False)
    assert server.records[0].body["max_tokens"] == 32


async def test_an_estimate_and_a_failure_are_told_apart() -> None:
    async with FakeServer() as server:
        seam = live(lab(server))
        assert (await seam.test("lab/silent-usage")).estimated
        failed = await seam.test("lab/broken")
        await seam.models.aclose()
    assert not failed.result.ok
    assert "The server had an error" in failed.result.error


async def test_discovery_asks_config_tomls_own_ports_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeServer(models=("tiny",)) as one, FakeServer(models=("a", "b"), owner="vllm") as other:
        monkeypatch.setattr(discovery, "PLACES", (Place(other.port, "vllm"),))
        seam = live(lab(one))
        found = await seam.discover()
    assert {endpoint.name: endpoint.models for endpoint in found} == {"lab": ("tiny",), "vllm": ("a", "b")}
    names = {row.info.name for row in seam.listing()}
    assert {"lab/tiny", "vllm/a", "vllm/b"} <= names
    assert "probe" in seam.billing_source(seam.look_up("vllm/a"))


async def test_probe() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        server.scripts["m"] = Script(chunks=(" on",), repeat=4000, interval_s=0.005, obeys=True)
        seam, said = live(lab(server)), list[str]()
        assert (await seam.probe("lab/m", said.append)).verdict == "stops"
        await seam.models.aclose()
    assert said[0] == "a long answer begins; /slots is asked"


def test_adding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a known local model nor a file"):
        live().add("nowhere.gguf")
    assert live().add("hub:owner/repo/Tiny-Q4.gguf") == "local/tiny-q4"


@pytest.mark.parametrize(
    ("url", "port"),
    [("http://127.0.0.1:9000/v1", 9000), ("https://127.0.0.1:9000/v1", None), ("http://127.0.0.1:9000/api", None)],
)
def test_ports(url: str, port: int | None) -> None:
    assert port_of(url) == port
