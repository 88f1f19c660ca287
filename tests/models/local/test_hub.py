"""A GGUF from a model hub, against one on loopback: resumed, verified, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub
from workbench.errors import ErrorKind, ModelError
from workbench.models.local import Progress, Store

SPEC = "hub:owner/repo/some-model.Q4_0.gguf"
CONTENT = b"GGUF" + bytes(range(256)) * 8000


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub(CONTENT) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".gguf", ".part", ".etag")]


async def test_pull_adds_and_fetches_it(hub: FakeHub, tmp_path: Path) -> None:
    seen: list[Progress] = []
    store = Store(folder=tmp_path)
    path = await store.pull(SPEC, seen.append)
    assert path.read_bytes() == CONTENT
    assert list(dict.fromkeys(each.phase for each in seen)) == ["fetch", "verify", "ready"]
    assert max(each.done for each in seen if each.phase == "fetch") == len(CONTENT)
    assert store.get("some-model.q4_0").ready
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no leftovers"
    hub.status = 500
    assert await store.ensure("local/some-model.q4_0") == path, "offline afterwards"


async def test_an_interrupted_fetch_goes_on_where_it_was_cut(hub: FakeHub, tmp_path: Path) -> None:
    hub.cut_after = [1_500_000, 200_000]
    store = Store(folder=tmp_path)
    for _ in range(2):
        with pytest.raises(ModelError, match="could not be fetched") as caught:
            await store.pull(SPEC)
        assert caught.value.kind is ErrorKind.UNAVAILABLE
        assert not store.get("some-model.q4_0").ready
    assert (await store.pull(SPEC)).read_bytes() == CONTENT
    assert hub.ranges == ["", "bytes=1500000-", "bytes=1700000-"]


async def test_a_file_that_changed_meanwhile_is_fetched_anew(hub: FakeHub, tmp_path: Path) -> None:
    hub.cut_after = [1_000_000]
    store = Store(folder=tmp_path)
    with pytest.raises(ModelError):
        await store.pull(SPEC)
    changed = FakeHub(CONTENT[::-1])
    hub.content, hub.sha256 = b"GGUF" + changed.content, ""
    assert (await store.pull(SPEC)).read_bytes() == hub.content


async def test_what_does_not_match_its_hash_is_deleted(hub: FakeHub, tmp_path: Path) -> None:
    hub.sha256 = "0" * 64
    with pytest.raises(ModelError, match="does not match the hub's SHA-256"):
        await Store(folder=tmp_path).pull(SPEC)
    assert not left_in(tmp_path)


async def test_what_is_no_gguf_is_deleted(hub: FakeHub, tmp_path: Path) -> None:
    hub.content = b"<html>sign in</html>"
    with pytest.raises(ModelError, match="is no GGUF file"):
        await Store(folder=tmp_path).pull(SPEC)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, ErrorKind.NOT_FOUND), (403, ErrorKind.AUTH), (500, ErrorKind.UNAVAILABLE)]
)
async def test_refusals_are_told_apart(hub: FakeHub, tmp_path: Path, status: int, kind: ErrorKind) -> None:
    hub.status = status
    with pytest.raises(ModelError) as caught:
        await Store(folder=tmp_path).pull(SPEC)
    assert caught.value.kind is kind


async def test_a_hub_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="could not be fetched"):
        await Store(folder=tmp_path).pull(SPEC)
