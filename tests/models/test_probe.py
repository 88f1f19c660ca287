"""The probe against servers that stop when a call is cancelled, that do not, and that can't be told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.openai_server import FakeServer
from tests.fakes.scripts import Script
from tests.models.embedded import embedded_home, embedded_models
from workbench.config import Config, EndpointConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models import watching
from workbench.models.catalogue import Catalogue
from workbench.models.endpoints import Endpoint
from workbench.models.http import HttpProvider
from workbench.models.local import LocalProvider, Store
from workbench.models.probe import Patience, Probed, Server, probe

__all__ = ["embedded_home", "embedded_models"]

BRISK = Patience(begin=2.0, settle=0.3, poll=0.01, clear=0.04, slow=1.0, tokens=400)
LONG = Script(chunks=(" on",), repeat=4000, interval_s=0.005, obeys=True)


async def probed(server: FakeServer, script: Script = LONG, patience: Patience = BRISK) -> Probed:
    server.scripts["m"] = script
    provider = HttpProvider(Endpoint(name="lab", base_url=server.base_url))
    try:
        return await probe(provider, "lab/m", Server(root=server.base_url.removesuffix("/v1")), patience=patience)
    finally:
        await provider.aclose()


@pytest.mark.parametrize("goes_on", [False, True], ids=["stops", "continues"])
@pytest.mark.parametrize("tells", ["/slots", "/metrics", "/metrics-stale", "/metrics-gauge"])
async def test_a_server_that_tells_of_its_work(tells: str, goes_on: bool) -> None:
    async with FakeServer(tells=(tells,)) as server:
        found = await probed(server, Script(chunks=(" on",), repeat=400, interval_s=0.005, obeys=True, goes_on=goes_on))
    assert found.verdict == ("continues" if goes_on else "stops"), found
    assert found.how == ("/slots" if tells == "/slots" else "/metrics")
    assert "after the cancel" in found.because


@pytest.mark.parametrize("goes_on", [False, True], ids=["stops", "continues"])
async def test_one_answer_at_a_time_shows_in_the_time_of_the_next_call(goes_on: bool) -> None:
    async with FakeServer(serial=True) as server:
        found = await probed(server, Script(chunks=(" on",), repeat=400, interval_s=0.005, obeys=True, goes_on=goes_on))
    assert (found.verdict, found.how) == ("continues" if goes_on else "stops", "timing"), found
    assert "alone" in found.because


async def test_a_parallel_server_that_tells_nothing_can_not_be_told() -> None:
    async with FakeServer() as server:
        found = await probed(server)
    assert (found.verdict, found.how) == ("unknown", "")
    assert "time can't show it" in found.because


async def test_an_answer_that_ends_by_itself_tells_nothing() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        found = await probed(server, Script(text="one two three four five"))
    assert found.verdict == "unknown"
    assert "ended its answer" in found.because


async def test_others_at_the_server_make_its_figures_useless() -> None:
    async with FakeServer(tells=("/metrics-gauge",)) as server:
        server.generating.add(-1)
        found = await probed(server)
    assert (found.verdict, found.because) == ("unknown", "others use this server at the moment")


async def test_a_gauge_that_stayed_up_does_not_mislead_the_next_probe() -> None:
    async with FakeServer(tells=("/metrics-stale",)) as server:
        assert (await probed(server)).verdict == "stops"
        assert server.gauge == 1
        assert (await probed(server)).verdict == "stops"
        assert (
            await probed(server, Script(chunks=(" on",), repeat=400, interval_s=0.005, goes_on=True))
        ).verdict == "continues"


async def test_a_call_that_the_server_does_not_show_is_timed() -> None:
    async with FakeServer(tells=("/slots",), serial=True) as server:
        server.hides = True
        assert (await probed(server)).how == "timing"


async def test_others_do_not_matter_where_slots_are_named() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        server.generating.add(-1)
        found = await probed(server)
    assert found.verdict == "stops"


async def test_a_call_that_fails_is_said() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        with pytest.raises(ModelError, match="The server had an error"):
            await probed(server, Script(status=500, error="The server had an error"))


async def test_a_silent_server_is_not_waited_for_without_end() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        with pytest.raises(ModelError) as caught:
            await probed(server, Script(first_token_s=30.0), Patience(begin=0.05))
    assert caught.value.kind is ErrorKind.TIMEOUT


@pytest.mark.parametrize("body", [b"nonsense", b"{}", b"[1]", b'[{"id": 0}]'])
def test_slots_of_another_kind(body: bytes) -> None:
    assert watching.slots(body) is None


def test_metrics() -> None:
    text = '# HELP x\nvllm:num_requests_running{engine="0"} 1.0\nvllm:num_requests_running{engine="1"} 2.0\n'
    work = watching.metrics(text + "vllm:generation_tokens_total 7e3\n")
    assert work is not None
    assert (len(work.tasks), work.generated) == (3, 7000.0)
    assert watching.metrics("up 1\n") is None
    assert watching.metrics("") is None


async def test_the_catalogue_probes_servers_on_this_machine() -> None:
    async with FakeServer(tells=("/slots",)) as server:
        server.scripts["m"] = LONG
        models = Catalogue(Config(endpoints={"lab": EndpointConfig(base_url=server.base_url)}))
        assert (await models.probe("lab/m", patience=BRISK)).verdict == "stops"
        await models.aclose()


@pytest.mark.parametrize("model", ["openai/gpt-4o", "sim/small", "far/m"])
async def test_others_are_refused(model: str) -> None:
    models = Catalogue(Config(endpoints={"far": EndpointConfig(base_url="https://far.example/v1")}))
    with pytest.raises(ModelError, match="only a server on this machine"):
        await models.probe(model)
    await models.aclose()


async def test_the_embedded_server_stops(embedded_models: Path) -> None:
    provider = LocalProvider(store=Store(folder=embedded_models))
    try:
        server = await provider.server("local/smollm2-135m")
        found = await probe(provider, "local/smollm2-135m", server)
    finally:
        await provider.aclose()
    assert (found.verdict, found.how) == ("stops", "/slots"), found
