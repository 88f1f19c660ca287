"""Bytes of a chat-completions stream → our chunks. Pure: no network, so that every cut of the bytes can be tested."""

from __future__ import annotations

import msgspec

from workbench.errors import ErrorKind
from workbench.models.base import Chunk, Delta, Done, FinishReason
from workbench.models.errors_map import described, kind_of, model_error
from workbench.models.sse import EventSplitter, EventTooLongError
from workbench.models.thinking import ThinkSplitter
from workbench.models.wire import (
    ABORTED,
    Choice,
    Content,
    Timings,
    WireChunk,
    WireUsage,
    cost_of,
    decode_chunk,
    finish_reason,
    running_tokens,
    usage_of,
)


class ChatReader:
    """Feed it the response's bytes; `end` when they are over. Raises `ModelError` for what is no whole answer."""

    def __init__(self, where: str = "", secrets: tuple[str, ...] = ()) -> None:
        self.done = False
        """The `Done` has been given out."""
        self._where = where
        self._secrets = secrets
        self._events = EventSplitter()
        self._splitter: ThinkSplitter | None = ThinkSplitter()
        self._finish: FinishReason | None = None
        self._usage: WireUsage | None = None
        self._timings: Timings | None = None
        self._logprob_sum = 0.0
        self._logprob_count = 0

    @property
    def finished(self) -> bool:
        """A finish reason has come: the answer is whole, whatever happens to the connection."""
        return self._finish is not None

    def feed(self, received: bytes) -> list[Chunk]:
        """What these bytes complete."""
        try:
            events = self._events.feed(received)
        except EventTooLongError as error:
            raise model_error(ErrorKind.INTERNAL, str(error), where=self._where) from None
        chunks: list[Chunk] = []
        for data in events:
            self._event(data, chunks)
        return chunks

    def end(self, *, broken: bool = False) -> list[Chunk]:
        """The connection is over. Raises `ModelError` (interrupted) where no finish reason has come.

        `broken`: it did not end cleanly, so the last event may be cut and is left alone.
        """
        if self.done:
            return []
        chunks: list[Chunk] = []
        for data in () if broken else self._events.flush():
            self._event(data, chunks)
        if not self.done:
            self._finish_up(chunks)
        return chunks

    def whole(self, body: bytes) -> list[Chunk]:
        """A response that is no stream: one JSON object."""
        chunks: list[Chunk] = []
        self._event(body, chunks)
        self._finish_up(chunks)
        return chunks

    def _event(self, data: bytes, chunks: list[Chunk]) -> None:
        if self.done or not data:
            return
        if data == b"[DONE]":
            self._finish_up(chunks)
            return
        try:
            chunk = decode_chunk(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"sent something that is no chat completion chunk: {error}"
            raise model_error(ErrorKind.INTERNAL, message, where=self._where) from None
        if chunk.error:
            self._fail(chunk)
        if chunk.usage is not None:
            self._usage = chunk.usage
        if chunk.timings is not None:
            self._timings = chunk.timings
        if chunk.choices:
            self._choice(chunk.choices[0], chunk, chunks)

    def _choice(self, choice: Choice, chunk: WireChunk, chunks: list[Chunk]) -> None:
        content = choice.delta or choice.message
        if content is not None:
            self._content(content, running_tokens(chunk), chunks)
        if choice.logprobs is not None and choice.logprobs.content:
            self._logprob_sum += sum(token.logprob for token in choice.logprobs.content)
            self._logprob_count += len(choice.logprobs.content)
        if choice.finish_reason:
            if choice.finish_reason.lower() in ABORTED:
                message = f"the server gave up: finish_reason {choice.finish_reason!r}"
                raise model_error(ErrorKind.INTERRUPTED, message, where=self._where)
            self._finish = finish_reason(choice.finish_reason)

    def _content(self, content: Content, tokens: int | None, chunks: list[Chunk]) -> None:
        thinking = content.thinking
        if thinking:
            chunks.append(Delta(thinking, "thinking", tokens))
        answer = content.answer
        if not answer:
            return
        if self._splitter is None:
            chunks.append(Delta(answer, "answer", tokens))
            return
        chunks.extend(Delta(text, channel, tokens) for channel, text in self._splitter.feed(answer))
        if self._splitter.settled:
            self._splitter = None

    def _fail(self, chunk: WireChunk) -> None:
        message, code = described({"error": chunk.error})
        status = int(code) if code.isdigit() else None
        kind = kind_of(status, message, code)
        raise model_error(kind, message, status=status, where=self._where, secrets=self._secrets)

    def _finish_up(self, chunks: list[Chunk]) -> None:
        if self._splitter is not None:
            chunks.extend(Delta(text, channel) for channel, text in self._splitter.flush())
        if self._finish is None:
            message = "the stream ended without a finish reason, so the answer may not be whole"
            raise model_error(ErrorKind.INTERRUPTED, message, where=self._where)
        self.done = True
        mean = self._logprob_sum / self._logprob_count if self._logprob_count else None
        usage = usage_of(self._usage, self._timings)
        chunks.append(
            Done(finish_reason=self._finish, usage=usage, reported_cost=cost_of(self._usage), mean_logprob=mean)
        )
