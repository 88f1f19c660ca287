"""What the provider says of itself where no server runs."""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from workbench.config import LocalConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Message, Request
from workbench.models.local import LocalProvider, Store, support
from workbench.models.local.process import ServerProcess, Settings

ASKED = Request(model="local/smollm2", messages=(Message("user", "hi"),))


CHECK = support.problem


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    CHECK.cache_clear()
    yield
    CHECK.cache_clear()


def provider(folder: Path) -> LocalProvider:
    config = LocalConfig(slots=3, context_per_slot=512)
    return LocalProvider(config, store=Store(config, folder))


def test_a_model_that_has_not_arrived_is_available_and_free(tmp_path: Path) -> None:
    info = provider(tmp_path).info("local/smollm2")
    assert (info.available, info.problem, info.kind) == (True, "", "real")
    assert (info.context, info.max_concurrency, info.billing_on_cancel) == (512, 3, "stops")
    assert info.prices is not None
    assert (info.prices.input, info.prices.output, info.prices.source) == (0, 0, "embedded")


async def test_an_unknown_model_is_unavailable_and_its_call_not_found(tmp_path: Path) -> None:
    local = provider(tmp_path)
    info = local.info("local/llama")
    assert not info.available
    assert "models pull" in info.problem
    with pytest.raises(ModelError) as caught:
        await anext(local.stream(Request(model="local/llama", messages=ASKED.messages)))
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_without_xllamacpp_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "xllamacpp" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    local = provider(tmp_path)
    assert "xllamacpp" in local.info("local/smollm2").problem
    with pytest.raises(ModelError, match="no wheel for") as caught:
        await anext(local.stream(ASKED))
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert not (tmp_path / "models").exists(), "nothing is fetched that could not run"


def test_without_libgomp_the_package_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *_: Any) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", missing)
    info = provider(tmp_path).info("local/smollm2")
    assert not info.available
    assert "apt install libgomp1" in info.problem


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ImportError: libgomp.so.1: cannot open shared object file", "apt install libgomp1"),
        ("ModuleNotFoundError: No module named 'xllamacpp'", "no wheel for"),
        ("ImportError: version `GLIBC_2.34' not found", "newer system C library"),
        ("RuntimeError: failed to load model", "failed to load model"),
    ],
)
def test_a_servers_error_is_explained(error: str, words: str) -> None:
    assert words in support.explain(error)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 7)])
async def test_compute_threads_leave_one_core_to_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    started: list[Settings] = []

    async def start(settings: Settings, where: str) -> ServerProcess:
        started.append(settings)
        raise ModelError(ErrorKind.UNAVAILABLE, "not in this test", where=where)

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(ServerProcess, "start", start)
    monkeypatch.setattr(support, "problem", lambda: "")
    (tmp_path / "some.gguf").write_bytes(b"GGUF" + bytes(60))
    local = LocalProvider(LocalConfig(gguf={"some": str(tmp_path / "some.gguf")}))
    with pytest.raises(ModelError, match="not in this test"):
        await anext(local.stream(Request(model="local/some", messages=ASKED.messages)))
    assert [settings.threads for settings in started] == [threads]
