"""Server-sent events: bytes as they arrive → the data of each event. Only the data; chat streams use nothing else."""

from __future__ import annotations

LONGEST_EVENT = 4 * 1024 * 1024
"""Bytes of one event that are accepted; a server that never ends its line must not fill memory."""


class EventTooLongError(ValueError):
    """An event exceeds `LONGEST_EVENT`."""


class EventSplitter:
    """Feed it bytes cut anywhere; it gives the data of every event that is complete by then.

    Lines end with LF or CRLF. Several `data:` lines of one event are joined with LF; comments and other fields are
    dropped, as the standard says (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    """

    __slots__ = ("_data", "_tail")

    def __init__(self) -> None:
        self._tail = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that end inside `received`. Raises `EventTooLongError`."""
        lines = (self._tail + received).split(b"\n") if self._tail else received.split(b"\n")
        self._tail = lines.pop()
        events: list[bytes] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:])
            elif line in (b"", b"\r") and data:
                events.append(_joined(data))
                data.clear()
        if len(self._tail) > LONGEST_EVENT or (len(data) > 1 and sum(map(len, data)) > LONGEST_EVENT):
            raise EventTooLongError(f"an event is longer than {LONGEST_EVENT} bytes")
        return events

    def flush(self) -> list[bytes]:
        """The last event, where the stream ended without the blank line after it."""
        return self.feed(b"\n\n")


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join(line.strip(b" \r") for line in lines) if len(lines) > 1 else lines[0].strip(b" \r")
