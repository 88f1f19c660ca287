"""How a run's events are packed: columns of integers and one text, byte-shuffled and deflated.

A blob of few rows is MessagePack: each column as it is, then the text. Any other is
`zlib(version, columns, rows, column bytes…, UTF-8 text)`. Each column of 64-bit integers is stored as
differences from row to row and by significance (all lowest bytes, then all second bytes, …), so that the many zero
bytes lie together and cost nothing. Everything runs at C speed: a writer thread that looped over tokens in Python would
take the event loop's time.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import sub
from typing import NamedTuple

import msgspec

from workbench.engine.events import TextDelta

VERSION = 1
FEW_ROWS, FEW_CHARACTERS = 64, 1024
"""Up to here packing costs more than it saves."""
FAST, SMALL = 1, 6
"""zlib levels: for chunks that will be merged soon, and for what stays."""
_HEAD = struct.Struct("<BBI")
_WIDTH = 8
_ZLIB = b"\x78"
"""First byte of every zlib stream; a MessagePack array never begins so."""


class Deltas(NamedTuple):
    """The text deltas of one call, one row each: sequence number in the run, ns since the run's start, code points × 2
    (+ 1 for thinking), and all texts joined."""

    seqs: array[int]
    times: array[int]
    sizes: array[int]
    text: str

    def pieces(self) -> Iterator[tuple[int, int, bool, str]]:
        """(seq, t, thinking, text) of each delta, in order."""
        start = 0
        for seq, t, size in zip(self.seqs, self.times, self.sizes, strict=True):
            end = start + (size >> 1)
            yield seq, t, bool(size & 1), self.text[start:end]
            start = end


class Lines(NamedTuple):
    """Events as JSON, one line each, with their sequence numbers in the run."""

    seqs: array[int]
    text: str


def deltas_of(seqs: array[int], events: Sequence[TextDelta]) -> Deltas:
    """Columns of text events; `seqs` are their sequence numbers."""
    sizes = array("q", [len(e.text) * 2 if e.channel == "answer" else len(e.text) * 2 + 1 for e in events])
    return Deltas(seqs, array("q", [e.t for e in events]), sizes, "".join([e.text for e in events]))


def join_deltas(parts: Iterable[Deltas]) -> Deltas:
    """Several stretches of one call as one."""
    seqs, times, sizes, texts = array("q"), array("q"), array("q"), []
    for part in parts:
        seqs += part.seqs
        times += part.times
        sizes += part.sizes
        texts.append(part.text)
    return Deltas(seqs, times, sizes, "".join(texts))


def join_lines(parts: Iterable[Lines]) -> Lines:
    """Several stretches of one run's lines as one."""
    seqs, texts = array("q"), []
    for part in parts:
        seqs += part.seqs
        texts.append(part.text)
    return Lines(seqs, "\n".join(texts))


def pack(part: Deltas | Lines, level: int = SMALL) -> bytes:
    """Columns and text → blob."""
    columns, text = part[:-1], part[-1]
    rows = len(part.seqs)
    if rows <= FEW_ROWS and len(text) <= FEW_CHARACTERS and text.isascii():
        return msgspec.msgpack.encode([*map(list, columns), text])
    shuffled = [_shuffle(column) for column in columns]
    # Lone surrogates can come out of a provider's JSON; they are kept, since replay is exact.
    raw = b"".join([_HEAD.pack(VERSION, len(columns), rows), *shuffled, text.encode("utf-8", "surrogatepass")])
    return zlib.compress(raw, level)


def unpack_deltas(blob: bytes) -> Deltas:
    """Blob → text deltas. Raises `ValueError` where the blob is not one of ours."""
    (seqs, times, sizes), text = _unpack(blob, 3)
    return Deltas(seqs, times, sizes, text)


def unpack_lines(blob: bytes) -> Lines:
    """Blob → JSON lines. Raises `ValueError` where the blob is not one of ours."""
    (seqs,), text = _unpack(blob, 1)
    return Lines(seqs, text)


def _unpack(blob: bytes, expected: int) -> tuple[list[array[int]], str]:
    if blob[:1] != _ZLIB:
        try:
            *few, text = msgspec.msgpack.decode(blob)
            columns = [array("q", column) for column in few]
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"damaged event blob: {error}") from error
        if len(columns) != expected or not isinstance(text, str):
            raise ValueError("damaged event blob: not the columns expected")
        return columns, text
    try:
        raw = zlib.decompress(blob)
        version, count, rows = _HEAD.unpack_from(raw)
    except (zlib.error, struct.error) as error:
        raise ValueError(f"damaged event blob: {error}") from error
    end = _HEAD.size + count * rows * _WIDTH
    if version != VERSION or count != expected or len(raw) < end:
        raise ValueError(f"event blob of version {version} with {count} columns, expected {VERSION} with {expected}")
    size = rows * _WIDTH
    columns = [_unshuffle(raw[at : at + size]) for at in range(_HEAD.size, end, size)] if rows else [array("q")] * count
    return columns, raw[end:].decode("utf-8", "surrogatepass")


def _shuffle(column: array[int]) -> bytes:
    """Differences of neighbours, transposed to planes of equal significance."""
    differences = array("q", map(sub, column, array("q", [0]) + column[:-1])) if column else column
    if sys.byteorder == "big":
        differences.byteswap()
    raw = differences.tobytes()
    return b"".join([raw[plane::_WIDTH] for plane in range(_WIDTH)])


def _unshuffle(planes: bytes) -> array[int]:
    raw = bytearray(len(planes))
    rows = len(planes) // _WIDTH
    for plane in range(_WIDTH):
        raw[plane::_WIDTH] = planes[plane * rows : (plane + 1) * rows]
    differences = array("q")
    differences.frombytes(bytes(raw))
    if sys.byteorder == "big":
        differences.byteswap()
    return array("q", accumulate(differences))
