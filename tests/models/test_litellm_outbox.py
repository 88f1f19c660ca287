"""The worker's outbox: batches by time, first tokens and ends at once, nothing lost or reordered."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ErrorKind
from workbench.models.base import Channel
from workbench.models.litellm.frames import HEAD, Failed, FromWorker, Text, from_worker, length_of
from workbench.models.litellm.outbox import BATCH_S, Outbox


def decoded(written: list[bytes]) -> list[list[FromWorker]]:
    batches = []
    for data in written:
        assert length_of(data[:HEAD]) == len(data) - HEAD
        batches.append(from_worker.decode(data[HEAD:]))
    return batches


async def test_texts_wait_for_the_batch_and_ends_do_not() -> None:
    written: list[bytes] = []
    outbox = Outbox(written.append, asyncio.get_running_loop())
    outbox.text(1, "answer", "a", urgent=True)
    await asyncio.sleep(0)
    assert decoded(written) == [[Text(1, "answer", ["a"])]]
    outbox.text(1, "answer", "b")
    outbox.text(2, "answer", "x")
    outbox.text(1, "answer", "c")
    await asyncio.sleep(0)
    assert len(written) == 1
    await asyncio.sleep(2 * BATCH_S)
    assert decoded(written)[1] == [Text(1, "answer", ["b", "c"]), Text(2, "answer", ["x"])]
    failure = Failed(call=2, kind=ErrorKind.INTERNAL, message="m")
    outbox.text(2, "answer", "y")
    outbox.frame(failure)
    await asyncio.sleep(0)
    assert decoded(written)[2] == [Text(2, "answer", ["y"]), failure]


CHANNELS = st.sampled_from(("answer", "thinking"))


@given(st.lists(st.tuples(st.integers(1, 3), CHANNELS, st.text(min_size=1, max_size=3), st.booleans())))
def test_every_call_gets_its_pieces_in_order(pieces: list[tuple[int, Channel, str, bool]]) -> None:
    async def run() -> list[list[FromWorker]]:
        written: list[bytes] = []
        outbox = Outbox(written.append, asyncio.get_running_loop())
        for call, channel, text, flush in pieces:
            outbox.text(call, channel, text)
            if flush:
                outbox.flush()
        outbox.flush()
        return decoded(written)

    frames = [frame for batch in asyncio.run(run()) for frame in batch]
    for call in (1, 2, 3):
        sent = [(channel, text) for number, channel, text, _ in pieces if number == call]
        got = [(f.channel, piece) for f in frames if isinstance(f, Text) and f.call == call for piece in f.pieces]
        assert got == sent
