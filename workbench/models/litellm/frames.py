"""What app and worker say to each other: msgpack structs, each frame led by its length (4 bytes, big-endian)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from workbench.errors import ErrorKind
from workbench.models.base import Channel, FinishReason, Usage

_LENGTH = struct.Struct(">I")


class Open(Struct, frozen=True, tag="open"):
    """App → worker: start a call. `parameters` go to `litellm.acompletion` as they are, the key among them."""

    call: int
    parameters: dict[str, Any]


class Cancel(Struct, frozen=True, tag="cancel"):
    """App → worker: close the call's connection now. Nothing more is said of the call."""

    call: int


class Ready(Struct, frozen=True, tag="ready"):
    """Worker → app: LiteLLM is imported."""

    version: str


class Text(Struct, frozen=True, tag="text"):
    """Worker → app: what arrived since the last batch, piece by piece: from their number the engine estimates the
    tokens of a cancelled call."""

    call: int
    channel: Channel
    pieces: list[str]


class Finished(Struct, frozen=True, tag="finished", kw_only=True):
    """Worker → app: a clean end."""

    call: int
    finish_reason: FinishReason
    usage: Usage
    reported_cost: int | None = None
    mean_logprob: float | None = None


class Failed(Struct, frozen=True, tag="failed", kw_only=True):
    """Worker → app: the call failed. Plain fields only: LiteLLM's exceptions hold the prompt and stay in the worker."""

    call: int
    kind: ErrorKind
    message: str
    status: int | None = None
    retry_after: float | None = None


ToWorker: TypeAlias = Open | Cancel
FromWorker: TypeAlias = Ready | Text | Finished | Failed

encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode
to_worker = msgspec.msgpack.Decoder(ToWorker)
from_worker = msgspec.msgpack.Decoder(list[FromWorker])


def framed(message: Any) -> bytes:
    """The message as it goes over the pipe."""
    data = encode(message)
    return _LENGTH.pack(len(data)) + data


def length_of(head: bytes) -> int:
    """Bytes of the frame that follows these four."""
    length: int = _LENGTH.unpack(head)[0]
    return length


HEAD = _LENGTH.size
