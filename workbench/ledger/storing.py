"""Parts of runs into the file: one transaction, `executemany` a table."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence

from workbench.ledger import rows, texts
from workbench.ledger.blobs import FAST, Deltas, Lines, join_deltas, join_lines, pack, unpack_deltas, unpack_lines
from workbench.ledger.fold import Part
from workbench.ledger.rows import Ids, Row

_BLOB = "INSERT OR REPLACE INTO event_blobs (run_id, call_id, first_seq, data) VALUES (?, ?, ?, ?)"
_MERGED = "DELETE FROM event_blobs WHERE run_id = ? AND call_id = ? AND first_seq > ?"
_STORED = "SELECT data FROM event_blobs WHERE run_id = ? AND call_id = ? AND first_seq < ? ORDER BY first_seq"


def write(connection: sqlite3.Connection, parts: Sequence[Part]) -> None:
    """All parts or none. Writing the same parts again changes nothing. Raises `sqlite3.Error`."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _Writing(connection).write(parts)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Writing:
    """One transaction: rows collected by table, texts by content."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._blobs: list[Row] = []
        self._merged: list[Row] = []
        self._said: dict[tuple[str, str], tuple[str, str]] = {}

    def write(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._pack(part)
        ids = self._texts(parts)
        for part in parts:
            self._collect(part, ids)
        execute = self._connection.executemany
        for table, values in self._rows.items():
            try:
                execute(rows.insert(table), values)
            except (OverflowError, UnicodeEncodeError):
                execute(rows.insert(table), map(rows.fitting, values))
        execute(_BLOB, self._blobs)
        execute(_MERGED, self._merged)
        for part in parts:
            self._link(part, ids)
            if part.ends:
                self._use(part)

    def _pack(self, part: Part) -> None:
        """Blobs of the part. What has ended is merged with what lay in the file before, into one."""
        run = part.run.id
        if part.lines.seqs:
            lines, first = part.lines, part.lines.seqs[0]
            if part.ends and not part.begins:
                lines = join_lines([*map(unpack_lines, self._stored(run, "", first)), lines])
                self._merged.append((run, "", lines.seqs[0]))
            self._blobs.append((run, "", lines.seqs[0], pack(lines, FAST if part.begins else _level(part.ends))))
        for call, deltas in part.deltas.items():
            if call not in part.ended_calls:
                self._blobs.append((run, call, deltas.seqs[0], pack(deltas, FAST)))
        for call, ended in part.ended_calls.items():
            if call in part.said:
                self._said[run, call] = part.said[call]
                continue
            received = part.deltas.get(call)
            if ended.stored_before:
                first = received.seqs[0] if received else 1 << 62
                before = map(unpack_deltas, self._stored(run, call, first))
                received = join_deltas([*before, *([received] if received else [])])
                self._merged.append((run, call, received.seqs[0]))
            if received is not None:
                level = _level(ended.stored_before)
                self._blobs.append((run, call, received.seqs[0], pack(received, level)))
            self._said[run, call] = said(received, ended.since_seq)

    def _stored(self, run: str, call: str, before: int) -> Iterable[bytes]:
        return [data for (data,) in self._connection.execute(_STORED, (run, call, before))]

    def _texts(self, parts: Sequence[Part]) -> Ids:
        wanted: dict[str, None] = {}
        searchable: set[str] = set()
        for part in parts:
            wanted.update(dict.fromkeys(part.texts))
            view = part.run
            wanted[view.system_json] = None
            searchable.add(rows.prompt_of(view))
            if part.ends and view.answer is not None:
                searchable.add(view.answer.text)
            for call in part.dirty_calls:
                for message in view.calls[call].request.messages:
                    wanted[message.content] = None
            for made in part.candidates:
                wanted[made.candidate.text] = wanted[made.candidate.thinking] = None
            if view.answer is not None:
                wanted[view.answer.text] = None
        for answer, thinking in self._said.values():
            wanted[answer] = wanted[thinking] = None
        return texts.store(self._connection, wanted, searchable)

    def _collect(self, part: Part, ids: Ids) -> None:
        view, run = part.run, part.run.id
        add = self._rows
        add["runs"].append(rows.run_row(view, part.writer, ids))
        used = view.used_calls() if part.ends else None
        for identity in part.dirty_calls:
            answer, thinking = self._said.get((run, identity), (None, None))
            is_used = None if used is None else identity in used
            add["calls"].append(rows.call_row(run, view.calls[identity], ids, answer, thinking, is_used))
        add["candidates"] += [rows.candidate_row(run, made, ids) for made in part.candidates]
        add["verdicts"] += [rows.verdict_row(run, seq, given) for seq, given in part.verdicts]
        add["selections"] += [rows.selection_row(run, seq, chosen) for seq, chosen in part.selections]
        for scored in part.scores:
            add["scores"] += rows.score_rows(run, scored)

    def _link(self, part: Part, ids: Ids) -> None:
        """Which run a text belongs to, for search, replay and deletion."""
        view, run = part.run, part.run.id
        links = [(ids[text], run, "event") for text in part.texts]
        if part.begins:
            links.append((ids[rows.prompt_of(view)], run, "prompt"))
            tags = [(run, texts.storable(tag)) for tag in view.tags]
            self._connection.executemany("INSERT OR IGNORE INTO tags (run_id, tag) VALUES (?, ?)", tags)
        if part.ends and view.answer is not None:
            links.append((ids[view.answer.text], run, "answer"))
        insert = "INSERT OR IGNORE INTO run_texts (text_id, run_id, role) VALUES (?, ?, ?)"
        self._connection.executemany(insert, links)

    def _use(self, part: Part) -> None:
        """Whether each call was used, which is known at the run's end, for those that ended before."""
        if len(part.dirty_calls) == len(part.run.calls):
            return
        used = json.dumps(sorted(part.run.used_calls()))
        statement = "UPDATE calls SET used = id IN (SELECT value FROM json_each(?)) WHERE run_id = ?"
        self._connection.execute(statement, (used, part.run.id))


def _level(merged: bool) -> int:
    return 6 if merged else FAST


_THINKING = 1
"""The bit in a delta's size that says which channel it came in."""


def said(deltas: Deltas | None, since_seq: int) -> tuple[str, str]:
    """(answer, thinking) of a call's last attempt, whose deltas come after `since_seq`."""
    if deltas is None:
        return "", ""
    if deltas.seqs[0] > since_seq and not any(map(_THINKING.__and__, deltas.sizes)):
        return deltas.text, ""
    answer: list[str] = []
    thinking: list[str] = []
    for seq, _, is_thinking, text in deltas.pieces():
        if seq > since_seq:
            (thinking if is_thinking else answer).append(text)
    return "".join(answer), "".join(thinking)


def read_blobs(connection: sqlite3.Connection, run: str) -> tuple[Lines, dict[str, Deltas]]:
    """A run's events as they lie in the file. Raises `ValueError` where a blob is damaged."""
    query = "SELECT call_id, data FROM event_blobs WHERE run_id = ? ORDER BY call_id, first_seq"
    lines: list[Lines] = []
    deltas: defaultdict[str, list[Deltas]] = defaultdict(list)
    for call, data in connection.execute(query, (run,)).fetchall():
        if call:
            deltas[call].append(unpack_deltas(data))
        else:
            lines.append(unpack_lines(data))
    joined = join_lines(lines) if lines else Lines(array("q"), "")
    return joined, {call: join_deltas(parts) for call, parts in deltas.items()}
