"""Long texts are stored once, by their SHA-256; events in blobs name them instead of repeating them.

A run of ten replicas sends the same prompt ten times, and its candidates repeat what their calls said. In a blob such
a text is `\\x02text:<sha256>`, which no other text can be: one that begins with the mark is stored aside as well.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.engine import events as e
from workbench.models.base import Message

MARK = "\x02text:"
_encode_lines = msgspec.json.Encoder().encode_lines
ASIDE = 512
"""Code points from which on a text is stored aside."""


def digest(text: str) -> str | None:
    """SHA-256 of its UTF-8; None for a text with lone surrogates, which SQLite can't hold."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError:
        return None


class Aside:
    """Takes long texts out of events; `texts` collects them: content → SHA-256."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def thin(self, event: e.AnyEvent) -> e.AnyEvent:
        """The event, its long texts named."""
        return THIN[type(event)](self, event) if type(event) in THIN else event

    def text(self, text: str) -> str:
        """The text itself, or its name."""
        if len(text) < ASIDE and not text.startswith(MARK):
            return text
        known = self.texts.get(text) or digest(text)
        if known is None:
            return text
        self.texts[text] = known
        return MARK + known

    def messages(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """Messages, their long contents named."""
        for message in messages:
            if len(message.content) >= ASIDE or message.content.startswith(MARK):
                return tuple(Message(m.role, self.text(m.content)) for m in messages)
        return messages


def _run_started(aside: Aside, event: e.RunStarted) -> e.RunStarted:
    return replace(event, messages=aside.messages(event.messages), system_json=aside.text(event.system_json))


def _call_queued(aside: Aside, event: e.CallQueued) -> e.CallQueued:
    messages = aside.messages(event.request.messages)
    if messages is event.request.messages:
        return event
    return replace(event, request=replace(event.request, messages=messages))


def _candidate(aside: Aside, event: e.CandidateMade) -> e.CandidateMade:
    made = event.candidate
    text, thinking = aside.text(made.text), aside.text(made.thinking)
    if text is made.text and thinking is made.thinking:
        return event
    return replace(event, candidate=replace(made, text=text, thinking=thinking))


THIN: dict[type[e.Event], Callable[[Aside, Any], e.AnyEvent]] = {
    e.RunStarted: _run_started,
    e.CallQueued: _call_queued,
    e.CandidateMade: _candidate,
}


def encode_lines(events: list[e.AnyEvent]) -> str:
    """A line of JSON each."""
    try:
        return _encode_lines(events)[:-1].decode()
    except UnicodeEncodeError:
        # Lone surrogates, which JSON can only hold as escapes.
        return "\n".join(json.dumps(msgspec.to_builtins(event), separators=(",", ":")) for event in events)


def decode_line(line: str) -> e.AnyEvent:
    """The event of a line. Raises `ValueError`."""
    try:
        return e.decode(line.encode())
    except (UnicodeEncodeError, msgspec.DecodeError):
        event: e.AnyEvent = msgspec.convert(json.loads(line), e.AnyEvent)
        return event


def names_in(line: str) -> list[str]:
    """SHA-256s that a line names."""
    mark = MARK.replace("\x02", "\\u0002")
    return [part[:64] for part in line.split(mark)[1:]] if mark in line else []


def whole(event: e.AnyEvent, texts: Mapping[str, str]) -> e.AnyEvent:
    """The event with every named text in place. Raises `KeyError` where a text is gone."""

    def get(text: str) -> str:
        # Only a text with lone surrogates can begin with the mark and still not be a name: it was not stored aside.
        return texts[text.removeprefix(MARK)] if text.startswith(MARK) and text.isascii() else text

    def messages(given: tuple[Message, ...]) -> tuple[Message, ...]:
        return tuple(Message(m.role, get(m.content)) for m in given)

    if isinstance(event, e.RunStarted):
        return replace(event, messages=messages(event.messages), system_json=get(event.system_json))
    if isinstance(event, e.CallQueued):
        return replace(event, request=replace(event.request, messages=messages(event.request.messages)))
    if isinstance(event, e.CandidateMade):
        made = event.candidate
        return replace(event, candidate=replace(made, text=get(made.text), thinking=get(made.thinking)))
    return event


def storable(text: str) -> str:
    """The text as SQLite can hold it: lone surrogates become U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def store(connection: sqlite3.Connection, wanted: Iterable[str], searchable: set[str]) -> dict[str, int]:
    """Ids of texts, stored where they are not yet. Needs an open write transaction: ids are counted up."""
    texts = {text: digest(storable(text)) or "" for text in (*wanted, *searchable)}
    hashes = json.dumps(list(set(texts.values())))
    found = "SELECT t.sha256, t.id FROM json_each(?) j CROSS JOIN texts t ON t.sha256 = j.value"
    ids: dict[str, int] = dict(connection.execute(found, (hashes,)))
    new: dict[str, tuple[int, str, str, int]] = {}
    last = connection.execute("SELECT coalesce(max(id), 0) FROM texts").fetchone()[0]
    old_searchable = [(ids[texts[text]],) for text in searchable if texts[text] in ids]
    for text, sha in texts.items():
        if sha not in ids:
            last += 1
            ids[sha] = last
            new[sha] = (last, sha, storable(text), int(text in searchable))
    connection.executemany("INSERT INTO texts(id, sha256, content, searchable) VALUES (?, ?, ?, ?)", new.values())
    connection.executemany("UPDATE texts SET searchable = 1 WHERE id = ? AND NOT searchable", old_searchable)
    return {text: ids[sha] for text, sha in texts.items()}


def load(connection: sqlite3.Connection, hashes: Iterable[str]) -> dict[str, str]:
    """SHA-256 → text."""
    found = "SELECT t.sha256, t.content FROM json_each(?) j CROSS JOIN texts t ON t.sha256 = j.value"
    return dict(connection.execute(found, (json.dumps(sorted(set(hashes))),)))
