"""The tables, written to be read by a stranger in sqlite3 or Datasette; docs/ledger.md explains them.

Units stand in the names: `_pico_usd` is 1e-12 US dollars, `_unix_ns` nanoseconds since 1970-01-01 UTC, `_ns` alone
nanoseconds since the run's start. NULL is unknown, never 0.
"""

from __future__ import annotations

APPLICATION_ID = 0x57424C47
"""'WBLG' in the file's header: tells a ledger from any other SQLite file."""

VERSION = 2
"""Number of the last migration; in the file's `user_version`."""

_PRICES = """
    price_input_pico_usd INTEGER,
    price_cached_input_pico_usd INTEGER,
    price_cache_write_pico_usd INTEGER,
    price_output_pico_usd INTEGER,
    price_reasoning_pico_usd INTEGER,
    price_source TEXT NOT NULL DEFAULT ''"""

TABLES = (
    """CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    searchable INTEGER NOT NULL DEFAULT 0
)""",
    """CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('real', 'simulated', 'recorded')),
    system TEXT NOT NULL,
    notation TEXT NOT NULL,
    system_text_id INTEGER REFERENCES texts(id),
    prompt_text_id INTEGER REFERENCES texts(id),
    status TEXT,
    reason TEXT NOT NULL DEFAULT '',
    answer_candidate_id TEXT,
    answer_text_id INTEGER REFERENCES texts(id),
    answer_key TEXT,
    target TEXT,
    seed INTEGER,
    started_unix_ns INTEGER NOT NULL,
    wall_ns INTEGER,
    first_token_ns INTEGER,
    call_count INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    tokens_estimated INTEGER NOT NULL DEFAULT 0,
    cost_pico_usd INTEGER,
    known_cost_pico_usd INTEGER NOT NULL DEFAULT 0,
    real_cost_pico_usd INTEGER NOT NULL DEFAULT 0,
    waste_pico_usd INTEGER,
    score_name TEXT,
    score REAL,
    writer TEXT NOT NULL DEFAULT '',
    deleted_unix_ns INTEGER
)""",
    f"""CREATE TABLE calls (
    run_id TEXT NOT NULL REFERENCES runs(id),
    id TEXT NOT NULL,
    node TEXT NOT NULL,
    replica INTEGER NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT,
    finish_reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    system_text_id INTEGER REFERENCES texts(id),
    prompt_text_id INTEGER REFERENCES texts(id),
    answer_text_id INTEGER REFERENCES texts(id),
    thinking_text_id INTEGER REFERENCES texts(id),
    prompt_name TEXT NOT NULL DEFAULT '',
    prompt_sha256 TEXT NOT NULL DEFAULT '',
    temperature REAL,
    max_tokens INTEGER,
    seed INTEGER,
    queued_ns INTEGER,
    started_ns INTEGER,
    first_token_ns INTEGER,
    thinking_finished_ns INTEGER,
    finished_ns INTEGER,
    prompt_tokens INTEGER,
    cached_tokens INTEGER,
    cache_write_tokens INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    tokens_source TEXT NOT NULL DEFAULT 'unknown',
    tokens_estimated_by TEXT NOT NULL DEFAULT '',
    cost_pico_usd INTEGER,
    cost_low_pico_usd INTEGER,
    cost_high_pico_usd INTEGER,
    retried_cost_pico_usd INTEGER,{_PRICES},
    used INTEGER,
    mean_logprob REAL,
    error_kind TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, id)
) WITHOUT ROWID""",
    """CREATE TABLE candidates (
    run_id TEXT NOT NULL REFERENCES runs(id),
    id TEXT NOT NULL,
    node TEXT NOT NULL,
    status TEXT NOT NULL,
    text_id INTEGER REFERENCES texts(id),
    thinking_text_id INTEGER REFERENCES texts(id),
    answer_key TEXT,
    key_rule TEXT NOT NULL DEFAULT '',
    made_ns INTEGER NOT NULL,
    completion_tokens INTEGER,
    score REAL,
    verified INTEGER,
    degraded INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    calls_json TEXT NOT NULL DEFAULT '[]',
    parents_json TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (run_id, id)
) WITHOUT ROWID""",
    """CREATE TABLE verdicts (
    run_id TEXT NOT NULL REFERENCES runs(id),
    seq INTEGER NOT NULL,
    node TEXT NOT NULL,
    candidate_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    given_by TEXT NOT NULL,
    score REAL,
    reason TEXT NOT NULL DEFAULT '',
    given_ns INTEGER NOT NULL,
    calls_json TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID""",
    """CREATE TABLE selections (
    run_id TEXT NOT NULL REFERENCES runs(id),
    seq INTEGER NOT NULL,
    node TEXT NOT NULL,
    winners_json TEXT NOT NULL,
    considered_json TEXT NOT NULL DEFAULT '[]',
    because TEXT NOT NULL,
    selected_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID""",
    """CREATE TABLE scores (
    run_id TEXT NOT NULL REFERENCES runs(id),
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    score REAL NOT NULL,
    is_headline INTEGER NOT NULL,
    candidates INTEGER NOT NULL,
    PRIMARY KEY (run_id, node, name)
) WITHOUT ROWID""",
    """CREATE TABLE grades (
    run_id TEXT NOT NULL REFERENCES runs(id),
    graded_by TEXT NOT NULL,
    grade TEXT NOT NULL CHECK (grade IN ('right', 'wrong', 'skip')),
    note TEXT NOT NULL DEFAULT '',
    graded_unix_ns INTEGER NOT NULL,
    PRIMARY KEY (run_id, graded_by)
) WITHOUT ROWID""",
    """CREATE TABLE tags (
    run_id TEXT NOT NULL REFERENCES runs(id),
    tag TEXT NOT NULL,
    PRIMARY KEY (run_id, tag)
) WITHOUT ROWID""",
    """CREATE TABLE run_texts (
    text_id INTEGER NOT NULL REFERENCES texts(id),
    run_id TEXT NOT NULL REFERENCES runs(id),
    role TEXT NOT NULL,
    PRIMARY KEY (text_id, run_id, role)
) WITHOUT ROWID""",
    """CREATE TABLE event_blobs (
    run_id TEXT NOT NULL REFERENCES runs(id),
    call_id TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, call_id, first_seq)
)""",
    "CREATE INDEX runs_newest ON runs(started_unix_ns, id) WHERE deleted_unix_ns IS NULL",
    "CREATE INDEX runs_started ON runs(started_unix_ns)",
    "CREATE INDEX runs_unfinished ON runs(writer) WHERE status IS NULL",
    "CREATE INDEX runs_by_system ON runs(system, started_unix_ns)",
    "CREATE INDEX run_texts_by_run ON run_texts(run_id)",
    "CREATE INDEX tags_by_tag ON tags(tag)",
)

SEARCH = (
    "CREATE VIRTUAL TABLE text_search USING fts5(content, content='texts', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO text_search(rowid, content) SELECT id, content FROM texts WHERE searchable",
    "CREATE TRIGGER texts_added AFTER INSERT ON texts WHEN new.searchable BEGIN "
    "INSERT INTO text_search(rowid, content) VALUES (new.id, new.content); END",
    "CREATE TRIGGER texts_made_searchable AFTER UPDATE OF searchable ON texts "
    "WHEN new.searchable AND NOT old.searchable BEGIN "
    "INSERT INTO text_search(rowid, content) VALUES (new.id, new.content); END",
    "CREATE TRIGGER texts_removed AFTER DELETE ON texts WHEN old.searchable BEGIN "
    "INSERT INTO text_search(text_search, rowid, content) VALUES ('delete', old.id, old.content); END",
)

_NEWEST = "(SELECT grade FROM grades WHERE run_id = {row}.run_id ORDER BY graded_unix_ns DESC LIMIT 1)"
_KEPT = "UPDATE runs SET grade = " + _NEWEST + " WHERE id = {row}.run_id; END"
MEASURES = (
    "ALTER TABLE runs ADD COLUMN meets_target INTEGER",
    "ALTER TABLE runs ADD COLUMN grade TEXT",
    "UPDATE runs SET grade = (SELECT g.grade FROM grades g WHERE g.run_id = runs.id "
    "ORDER BY graded_unix_ns DESC LIMIT 1) "
    "WHERE id IN (SELECT run_id FROM grades)",
    "CREATE TRIGGER grades_added AFTER INSERT ON grades BEGIN " + _KEPT.format(row="new"),
    "CREATE TRIGGER grades_changed AFTER UPDATE ON grades BEGIN " + _KEPT.format(row="new"),
    "CREATE TRIGGER grades_removed AFTER DELETE ON grades BEGIN " + _KEPT.format(row="old"),
    "CREATE INDEX runs_measured ON runs(kind, deleted_unix_ns, system_text_id, prompt_text_id, score_name, status, "
    "cost_pico_usd, wall_ns, prompt_tokens, completion_tokens, tokens_estimated, score, grade, meets_target, "
    "started_unix_ns, id)",
)
"""What systems came to on tasks, from one index: with it no run is read, and no grade is looked up."""

_STARTED = "strftime('%Y-%m-%dT%H:%M:%SZ', r.started_unix_ns / 1000000000, 'unixepoch')"
_DAY = "date(r.started_unix_ns / 1000000000, 'unixepoch', 'localtime')"

VIEWS = {
    "run_costs": f"""CREATE VIEW run_costs AS
SELECT r.id AS run_id, {_STARTED} AS started_at, r.kind, r.system, r.notation, r.status,
    r.wall_ns / 1e9 AS wall_s, r.call_count AS calls, r.prompt_tokens, r.completion_tokens,
    r.cost_pico_usd / 1e12 AS cost_usd, r.known_cost_pico_usd / 1e12 AS known_cost_usd,
    r.waste_pico_usd / 1e12 AS waste_usd, r.tokens_estimated AS estimated,
    p.content AS prompt, a.content AS answer
FROM runs r LEFT JOIN texts p ON p.id = r.prompt_text_id LEFT JOIN texts a ON a.id = r.answer_text_id
WHERE r.deleted_unix_ns IS NULL""",
    "call_costs": f"""CREATE VIEW call_costs AS
SELECT c.run_id, c.id AS call_id, {_STARTED} AS run_started_at, c.kind, c.node, c.replica, c.role, c.model, c.status,
    c.prompt_tokens, c.cached_tokens, c.completion_tokens, c.reasoning_tokens, c.tokens_source,
    c.cost_pico_usd / 1e12 AS cost_usd, c.cost_low_pico_usd / 1e12 AS cost_low_usd,
    c.cost_high_pico_usd / 1e12 AS cost_high_usd, c.used,
    (c.started_ns - c.queued_ns) / 1e9 AS queued_s, (c.first_token_ns - c.started_ns) / 1e9 AS first_token_s,
    (c.finished_ns - c.started_ns) / 1e9 AS duration_s,
    p.content AS prompt, a.content AS answer, t.content AS thinking
FROM calls c JOIN runs r ON r.id = c.run_id
LEFT JOIN texts p ON p.id = c.prompt_text_id LEFT JOIN texts a ON a.id = c.answer_text_id
LEFT JOIN texts t ON t.id = c.thinking_text_id
WHERE r.deleted_unix_ns IS NULL""",
    "daily_costs": f"""CREATE VIEW daily_costs AS
SELECT {_DAY} AS day, c.kind, count(DISTINCT c.run_id) AS runs, count(*) AS calls,
    sum(c.prompt_tokens) AS prompt_tokens, sum(c.completion_tokens) AS completion_tokens,
    coalesce(sum(c.cost_pico_usd), 0) / 1e12 AS known_cost_usd,
    coalesce(sum(c.cost_pico_usd) FILTER (WHERE c.used = 0), 0) / 1e12 AS known_waste_usd,
    count(*) - count(c.cost_pico_usd) AS calls_of_unknown_cost
FROM calls c JOIN runs r ON r.id = c.run_id
GROUP BY day, c.kind""",
}
