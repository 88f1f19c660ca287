"""Questions about runs, answered by SQL: the list with its filters, paged by key so that a long ledger stays quick."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from workbench.ledger.texts import digest, storable
from workbench.money import to_usd

Grade: TypeAlias = Literal["right", "wrong", "skip"]


class RunQuery(Struct, frozen=True, kw_only=True):
    """Which runs; everything given must hold."""

    text: str = ""
    """Words that all stand in the prompt or the answer; no search syntax."""
    unfinished: bool = False
    """The last word is still being typed: it may go on."""
    tags: tuple[str, ...] = ()
    kind: str | None = None
    system: str = ""
    """The system's name or its notation, whole."""
    status: str | None = None
    grade: Literal["right", "wrong", "skip", "none"] | None = None
    since_unix_ns: int | None = None
    until_unix_ns: int | None = None
    tasks: str = ""
    """What the prompts are called: the file of a task set."""
    prompts: tuple[str, ...] | None = None
    """Only runs of these prompts."""
    unknown_cost: bool = False
    """Only runs that have a call of unknown cost."""
    deleted: bool = False
    """The deleted ones instead of the others, as long as they can be restored."""

    def said(self) -> str:
        """For a person and a chart's provenance: `kind real · tag study · since 2026-11-24T09:30Z`."""
        parts = [f"kind {self.kind}" if self.kind else "", *(f"tag {tag}" for tag in self.tags)]
        parts += [f"tasks {self.tasks}" if self.tasks else ""]
        parts += [f"system {self.system}" if self.system else "", f"words {self.text}" if self.text else ""]
        parts += [f"status {self.status}" if self.status else "", f"grade {self.grade}" if self.grade else ""]
        for word, at in (("since", self.since_unix_ns), ("before", self.until_unix_ns)):
            if at is not None:
                moment = datetime.fromtimestamp(at // 10**9, UTC).isoformat(timespec="minutes")
                parts.append(f"{word} {moment.replace('+00:00', 'Z')}")
        return " · ".join(filter(None, parts)) or "all runs"


class RunRow(NamedTuple):
    """One run in a list. Money in pico-dollars, times in ns; None is unknown."""

    id: str
    kind: str
    system: str
    notation: str
    prompt: str
    answer: str | None
    status: str | None
    started_at: int
    """ns since 1970-01-01 UTC"""
    wall_ns: int | None
    first_token_ns: int | None
    calls: int
    prompt_tokens: int | None
    completion_tokens: int | None
    estimated: bool
    cost: int | None
    known_cost: int
    waste: int | None
    score_name: str | None
    score: float | None
    grade: str | None
    tags: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The names of docs/json.md: dollars, seconds, unknown is null."""
        started = datetime.fromtimestamp(self.started_at / 1e9, UTC).isoformat().replace("+00:00", "Z")
        return {
            "id": self.id,
            "kind": self.kind,
            "system": self.system,
            "notation": self.notation,
            "prompt": self.prompt,
            "answer": self.answer,
            "status": self.status,
            "started_at": started,
            "wall_s": None if self.wall_ns is None else self.wall_ns / 1e9,
            "first_token_s": None if self.first_token_ns is None else self.first_token_ns / 1e9,
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "tokens_estimated": self.estimated,
            "cost_usd": to_usd(self.cost),
            "known_cost_usd": to_usd(self.known_cost),
            "waste_usd": to_usd(self.waste),
            "score_name": self.score_name,
            "score": self.score,
            "grade": self.grade,
            "tags": list(self.tags),
        }


class CallRow(NamedTuple):
    """One call in a list. Units as in `RunRow`."""

    id: str
    node: str
    replica: int
    role: str
    model: str
    status: str | None
    wall_ns: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    estimated: bool
    cost: int | None
    used: bool | None


_SEPARATOR = "\x1f"
_SELECT = """SELECT r.id, r.kind, r.system, r.notation, coalesce(p.content, ''), a.content, r.status, r.started_unix_ns,
    r.wall_ns, r.first_token_ns, r.call_count, r.prompt_tokens, r.completion_tokens, r.tokens_estimated,
    r.cost_pico_usd, r.known_cost_pico_usd, r.waste_pico_usd, r.score_name, r.score,
    (SELECT grade FROM grades g WHERE g.run_id = r.id ORDER BY graded_unix_ns DESC LIMIT 1),
    (SELECT group_concat(tag, char(31)) FROM tags t WHERE t.run_id = r.id)
FROM runs r LEFT JOIN texts p ON p.id = r.prompt_text_id LEFT JOIN texts a ON a.id = r.answer_text_id"""


def select(
    connection: sqlite3.Connection,
    query: RunQuery,
    *,
    limit: int,
    after: tuple[int, str] | None = None,
    skip: int = 0,
) -> list[RunRow]:
    """The newest `limit` runs, or those after the key `(started_unix_ns, id)` of the last one seen; `skip` leaves out
    so many, found by the index alone."""
    where, values = conditions(query)
    if after is not None:
        where += " AND (r.started_unix_ns, r.id) < (?, ?)"
        values += after
    # A search names few runs; looking them up beats walking all runs by date.
    order = "+r.started_unix_ns DESC, r.id DESC" if query.text.strip() else "r.started_unix_ns DESC, r.id DESC"
    if skip:
        first = f"SELECT r.started_unix_ns, r.id FROM runs r WHERE {where} ORDER BY {order} LIMIT 1 OFFSET ?"
        where, values = f"{where} AND (r.started_unix_ns, r.id) <= ({first})", (*values, *values, skip)
    statement = f"{_SELECT} WHERE {where} ORDER BY {order} LIMIT ?"
    return [_row(found) for found in connection.execute(statement, (*values, limit))]


def one(connection: sqlite3.Connection, run: str) -> RunRow | None:
    """One run by id, deleted or not."""
    found = connection.execute(f"{_SELECT} WHERE r.id = ?", (run,)).fetchone()
    return None if found is None else _row(found)


def count(connection: sqlite3.Connection, query: RunQuery) -> int:
    """How many runs."""
    where, values = conditions(query)
    return int(connection.execute(f"SELECT count(*) FROM runs r WHERE {where}", values).fetchone()[0])


def calls(connection: sqlite3.Connection, run: str, limit: int) -> list[CallRow]:
    """A run's first `limit` calls, in the order in which they were asked for."""
    statement = """SELECT id, node, replica, role, model, status, finished_ns - started_ns, prompt_tokens,
        completion_tokens, tokens_source <> 'reported', cost_pico_usd, used
    FROM calls WHERE run_id = ? ORDER BY queued_ns, id LIMIT ?"""
    return [CallRow._make(found) for found in connection.execute(statement, (run, limit))]


def resolve(connection: sqlite3.Connection, ref: str) -> list[str]:
    """Ids that a reference may mean: an id, the beginning of one, `last`, `last~2`. At most two are looked for."""
    newest = re.fullmatch(r"last(?:~(\d{1,9}))?", ref)
    if newest:
        statement = (
            "SELECT id FROM runs WHERE deleted_unix_ns IS NULL ORDER BY started_unix_ns DESC, id DESC LIMIT 1 OFFSET ?"
        )
        return [run for (run,) in connection.execute(statement, (int(newest[1] or 0),))]
    exact = connection.execute("SELECT id FROM runs WHERE id = ? AND deleted_unix_ns IS NULL", (ref,)).fetchall()
    if exact or not ref:
        return [run for (run,) in exact]
    end = ref + "\U0010ffff"
    statement = "SELECT id FROM runs WHERE id >= ? AND id < ? AND deleted_unix_ns IS NULL LIMIT 2"
    return [run for (run,) in connection.execute(statement, (ref, end))]


def conditions(query: RunQuery) -> tuple[str, tuple[Any, ...]]:
    """Conditions and their values. What the user wrote is only ever a value."""
    kept = "r.deleted_unix_ns IS NOT NULL AND EXISTS (SELECT 1 FROM event_blobs b WHERE b.run_id = r.id)"
    clauses = [kept if query.deleted else "r.deleted_unix_ns IS NULL"]
    values: list[Any] = []

    def need(clause: str, *given: Any) -> None:
        clauses.append(clause)
        # What was typed may hold bytes that are no UTF-8, as lone surrogates; SQLite takes none.
        values.extend(storable(value) if isinstance(value, str) else value for value in given)

    if query.text.strip():
        found = "SELECT rowid FROM text_search WHERE text_search MATCH ?"
        for words in _phrases(query.text, query.unfinished):
            need(f"r.id IN (SELECT run_id FROM run_texts WHERE role <> 'event' AND text_id IN ({found}))", words)
    for tag in query.tags:
        need("EXISTS (SELECT 1 FROM tags t WHERE t.run_id = r.id AND t.tag = ?)", tag)
    if query.kind is not None:
        need("r.kind = ?", query.kind)
    if query.system:
        need("(r.system = ? OR r.notation = ?)", query.system, query.system)
    if query.prompts is not None:
        need(_OF_PROMPTS, _digests(query.prompts))
    if query.status is not None:
        need("r.status IS ?", query.status)
    if query.grade == "none":
        need("NOT EXISTS (SELECT 1 FROM grades g WHERE g.run_id = r.id)")
    elif query.grade is not None:
        latest = "SELECT grade FROM grades g WHERE g.run_id = r.id ORDER BY graded_unix_ns DESC LIMIT 1"
        need(f"({latest}) = ?", query.grade)
    if query.since_unix_ns is not None:
        need("r.started_unix_ns >= ?", query.since_unix_ns)
    if query.unknown_cost:
        need("r.cost_pico_usd IS NULL")
    if query.until_unix_ns is not None:
        need("r.started_unix_ns < ?", query.until_unix_ns)
    return " AND ".join(clauses), tuple(values)


_OF_PROMPTS = """r.prompt_text_id IN (
    SELECT id FROM texts WHERE sha256 IN (SELECT value FROM json_each(?)))"""


@lru_cache(maxsize=4)
def _digests(prompts: tuple[str, ...]) -> str:
    """As JSON. A prompt that ends in a newline was fired without it: files and shells drop the last one."""
    texts = dict.fromkeys(each for prompt in prompts for each in (prompt, prompt.rstrip("\r\n")))
    return json.dumps([known for text in texts if (known := digest(text)) is not None])


def _phrases(text: str, unfinished: bool = False) -> list[str]:
    """Each word as a full-text phrase of its own; quotes make everything in it plain. A word of signs alone has no
    token to look for and would match nothing."""
    words = [word.replace('"', '""').replace("\x00", "") for word in text.split()]
    kept = [word for word in words if any(c.isalnum() for c in word)]
    phrases = [f'"{word}"' for word in kept] or ['"\x7f"']
    open_end = unfinished and bool(kept) and not text[-1].isspace()
    return [*phrases[:-1], phrases[-1] + "*"] if open_end else phrases


def _row(found: tuple[Any, ...]) -> RunRow:
    *front, tags = found
    front[13] = bool(front[13])
    return RunRow._make((*front, tuple(sorted(tags.split(_SEPARATOR))) if tags else ()))
