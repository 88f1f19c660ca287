"""`workbench runs` and `workbench ledger` over a ledger with a handful of runs written by hand."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli import scripted
from workbench.cli.main import main
from workbench.engine import events as e
from workbench.errors import InputError
from workbench.ledger import open_ledger
from workbench.models.base import Message
from workbench.moments import moment

DAY_NS = 86_400 * 10**9


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs, a day between each: `aa1` of last year, `ab2`, and `ac3`, the newest."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)
    with open_ledger() as ledger:
        for day, (run, kind, prompt, tags) in enumerate(
            [
                ("aa1", "simulated", "Name the largest planet.", ("old",)),
                ("ab2", "real", "=HYPERLINK(1)\nSecond line \x1b[31m", ("old", "sum")),
                ("ac3", "simulated", "A zebra?", ()),
            ]
        ):
            recorder = ledger.recorder()
            for event in scripted.race(2, run=run, kind=kind):
                if isinstance(event, e.RunStarted):
                    event = msgspec.structs.replace(
                        event,
                        messages=(Message("user", prompt),),
                        tags=tags,
                        started_at=scripted.STARTED_AT + day * DAY_NS,
                    )
                recorder(event)
    return tmp_path


class Terminal:
    """The command in this process: exit code, stdout, stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *argv: str, code: int = 0) -> tuple[str, str]:
        self._capsys.readouterr()
        got = main(argv)
        out, err = self._capsys.readouterr()
        assert got == code, err
        assert "Traceback" not in err
        return out, err

    def json(self, *argv: str) -> Any:
        return json.loads(self(*argv, "--json")[0])


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_the_list_is_one_line_a_run_newest_first(do: Terminal) -> None:
    out, _ = do("runs", "list")
    head, *rows = out.splitlines()
    assert head.split() == [
        "id", "when", "kind", "system", "prompt", "status", "time", "cost", "calls", "score", "grade", "tags"
    ]  # fmt: skip
    assert [row.split()[0] for row in rows] == ["ac3", "ab2", "aa1"]
    assert "\x1b" not in out
    assert "=HYPERLINK(1) Second line ␛[31m" in rows[1]
    assert all(word in rows[2] for word in ("simulated", "0.5 s", "~$0.0000150", " 2 ", "entropy 0.29", "old"))


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ((), ["ac3", "ab2", "aa1"]),
        (("--limit", "1"), ["ac3"]),
        (("--kind", "real"), ["ab2"]),
        (("--tag", "old"), ["ab2", "aa1"]),
        (("--tag", "old", "--tag", "sum"), ["ab2"]),
        (("--status", "failed"), []),
        (("--grade", "none"), ["ac3", "ab2", "aa1"]),
        (("--system", "quick"), ["ac3", "ab2", "aa1"]),
        (("--system", "race( 2*sim/fast @0.8 )"), ["ac3", "ab2", "aa1"]),
        (("--system", "other"), []),
        (("--since", "2023-11-15T22:00:00+00:00"), ["ac3", "ab2"]),
        (("--since", "2023-11-15T00:00:00Z", "--until", "2023-11-16T00:00:00Z"), ["ab2"]),
        (("--since", "1h"), []),
        (("--deleted",), []),
    ],
)
def test_filters(do: Terminal, flags: tuple[str, ...], found: list[str]) -> None:
    assert ids(do.json("runs", "list", *flags)) == found


def test_what_is_left_out_is_told(do: Terminal) -> None:
    assert "2 more; --limit shows them" in do("runs", "list", "--limit", "1")[1]
    assert do("runs", "list")[1] == ""
    assert do("runs", "list", "--status", "failed") == ("", "workbench: no runs\n")


def test_search_wants_all_the_words(do: Terminal) -> None:
    assert ids(do.json("runs", "search", "zebra")) == ["ac3"]
    assert ids(do.json("runs", "search", "largest", "planet")) == ["ac3", "ab2", "aa1"]
    assert do.json("runs", "search", "zebra nowhere") == []


def test_show_tells_grade_and_tags_as_they_are_now(do: Terminal) -> None:
    do("runs", "grade", "ab", "wrong", "--note", "says so")
    do("runs", "untag", "ab2", "sum")
    do("runs", "tag", "ab2", "new")
    out, _ = do("runs", "show", "ab2")
    assert "grade      wrong\n" in out
    assert "tags       new, old\n" in out
    shown = do.json("runs", "show", "last~1")
    assert (shown["id"], shown["grade"], shown["tags"]) == ("ab2", "wrong", ["new", "old"])
    assert ids(do.json("runs", "list", "--grade", "wrong")) == ["ab2"]
    note = do.json("ledger", "sql", "select graded_by, note from grades")
    assert note == [{"graded_by": "user", "note": "says so"}]


def test_changes_speak_json(do: Terminal) -> None:
    assert do.json("runs", "grade", "last", "skip") == {"id": "ac3", "grade": "skip"}
    assert do.json("runs", "tag", "last", "b", "a") == {"id": "ac3", "tags": ["a", "b"]}
    assert do.json("runs", "untag", "last", "a") == {"id": "ac3", "tags": ["b"]}
    assert do.json("runs", "delete", "last", "ac3", "-y") == {"deleted": ["ac3"]}
    assert do.json("runs", "restore", "ac3") == {"restored": ["ac3"]}


def test_delete_hides_restore_brings_back_vacuum_ends_it(do: Terminal) -> None:
    do("runs", "delete", "aa1", "--yes")
    assert ids(do.json("runs", "list")) == ["ac3", "ab2"]
    assert ids(do.json("runs", "list", "--deleted")) == ["aa1"]
    do("runs", "restore", "aa1")
    assert ids(do.json("runs", "list")) == ["ac3", "ab2", "aa1"]
    do("runs", "delete", "aa1", "--yes")
    do("ledger", "vacuum")
    assert "is not there any more" in do("runs", "restore", "aa1", code=2)[1]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["runs", "show", "zz"], "no such run"),
        (["runs", "show", "a"], "begins more than one run's id"),
        (["runs", "show", ""], "no such run"),
        (["runs", "show", "last~99"], "no such run"),
        (["runs", "grade", "last", "fine"], "fine"),
        (["runs", "tag", "last"], "needs a tag"),
        (["runs", "tag", "last", "\x1b"], "is no tag"),
        (["runs", "delete"], "needs a run"),
        (["runs", "delete", "last"], "--yes"),
        (["runs", "delete", "ac3", "zz", "--yes"], "no such run"),
        (["runs", "restore", "zz"], "is not there"),
        (["runs", "search"], "needs a word"),
        (["runs", "list", "--limit", "0"], "must be 1 or more"),
        (["runs", "list", "--since", "yesteryear"], "'yesteryear' is no time"),
        (["runs", "list", "--kind", "fake"], "fake"),
        (["runs", "export", "zz"], "no such run"),
        (["runs", "export", "last", "--tag", "old"], "exclude each other"),
        (["runs", "export", "--format", "xls"], "xls"),
        (["runs", "export", "--output", "/nowhere/at/all.csv"], "/nowhere/at/all.csv: can't be written"),
        (["ledger", "sql", "delete from runs"], "only SELECT is allowed"),
        (["ledger", "sql", "select from where"], "SQL: "),
        (["ledger", "sql", "select 1", "--csv", "--json"], "Choose one"),
    ],
)
def test_mistakes_are_one_message_and_change_nothing(do: Terminal, argv: list[str], words: str) -> None:
    out, err = do(*argv, code=2)
    assert out == ""
    assert words in err
    assert ids(do.json("runs", "list")) == ["ac3", "ab2", "aa1"]


def test_csv_is_whole_and_holds_no_formula(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    _, err = do("runs", "export", "--output", str(file))
    assert err == f"workbench: 3 runs in {file}\n"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [row["id"] for row in rows] == ["ac3", "ab2", "aa1"]
    assert rows[1]["prompt"].startswith("'=HYPERLINK(1)\n")
    assert rows[1]["tags"] == "old sum"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "runs.csv"]


def test_jsonl_is_what_show_prints(do: Terminal) -> None:
    out, _ = do("runs", "export", "aa1", "last")
    assert [json.loads(line) for line in out.splitlines()] == [
        do.json("runs", "show", "aa1"),
        do.json("runs", "show", "ac3"),
    ]


def test_a_report_by_the_files_name(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    do("runs", "export", "--tag", "sum", "-o", str(file))
    assert file.read_text(encoding="utf-8").count("\n## Prompt\n") == 1
    assert do("runs", "export", "--tag", "sum", "--format", "md", "-o", "-")[0] == file.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_suffix_that_names_no_format_is_refused(do: Terminal, tmp_path: Path) -> None:
    assert "no format is known by .xyz" in do("runs", "export", "-o", str(tmp_path / "x.xyz"), code=2)[1]
    assert not (tmp_path / "x.xyz").exists()


def test_an_export_that_fails_leaves_the_old_file(do: Terminal, tmp_path: Path) -> None:
    real = tmp_path / "real.jsonl"
    real.write_text("old", encoding="utf-8")
    link = tmp_path / "link.jsonl"
    link.symlink_to(real)
    with sqlite3.connect(tmp_path / "data" / "ledger.db") as database:
        database.execute("update event_blobs set data = x'00' where run_id = 'aa1'")
    assert "damaged" in do("runs", "export", "-o", str(link), code=4)[1]
    assert real.read_text(encoding="utf-8") == "old"
    do("runs", "export", "ab2", "-o", str(link))
    assert link.is_symlink()
    assert json.loads(real.read_text(encoding="utf-8"))["id"] == "ab2"
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    assert "aa1" in do("ledger", "check", code=1)[0]


def test_the_ledger_can_be_asked_in_sql(do: Terminal) -> None:
    query = "select id, 1 as n, 2 as n, x'00ff' as b, 9e999 as big, null as none from runs where id = 'ab2'"
    assert do.json("ledger", "sql", query) == [{"id": "ab2", "n": 1, "n:2": 2, "b": "00ff", "big": "inf", "none": None}]
    assert do("ledger", "sql", query, "--csv")[0] == "id,n,n,b,big,none\nab2,1,2,00ff,inf,\n"
    assert do("ledger", "sql", query)[0].split() == ["id", "n", "n", "b", "big", "none", "ab2", "1", "2", "00ff", "inf"]
    assert do.json("ledger", "sql", "select 1 where 0") == []


def test_a_csv_of_sql_keeps_its_rows_and_holds_no_formula(do: Terminal) -> None:
    query = "select 'a' || char(13) || 'b' as text, ' =1+1' as formula, -1.5 as n"
    assert do("ledger", "sql", query, "--csv")[0] == "text,formula,n\na␍b,' =1+1,-1.5\n"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_a_query_that_never_ends(do: Terminal) -> None:
    timer = threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    endless = "with recursive a(x) as (select 1 union all select x + 1 from a) select max(x) from a"
    assert do("ledger", "sql", endless, code=130) == ("", "")
    timer.join()


def test_the_ledger_tells_where_how_large_and_that_it_is_sound(do: Terminal, home: Path) -> None:
    assert do.json("ledger", "path") == {"path": str(home / "data" / "ledger.db"), "exists": True}
    assert do("ledger", "check")[0].startswith("sound: 3 runs, 6 calls, ")
    checked = do.json("ledger", "check")
    assert (checked["problems"], checked["runs"], checked["calls"]) == ([], 3, 6)
    assert set(do.json("ledger", "vacuum")) == {"bytes_before", "bytes_after"}


def test_a_copy_is_a_ledger_of_its_own(do: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    assert do("ledger", "export", str(file)) == ("", f"workbench: 3 runs in {file}\n")
    with open_ledger(file, read_only=True) as copied, open_ledger(read_only=True) as first:
        assert copied.runs() == first.runs()
        assert list(copied.events("ab2")) == list(first.events("ab2"))
    assert "--force" in do("ledger", "export", str(file), code=2)[1]
    assert do.json("ledger", "export", str(file), "--force")["runs"] == 3
    own = str(tmp_path / "data" / "ledger.db")
    assert "is the ledger itself" in do("ledger", "export", own, "--force", code=2)[1]


def test_nothing_recorded_yet_is_no_error(do: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "new"))
    assert do.json("runs", "list") == []
    assert do("runs", "list") == ("", "workbench: no runs\n")
    assert "nothing is recorded yet" in do("runs", "show", code=2)[1]
    assert do("runs", "export", "--format", "csv")[0] == ""
    assert do("ledger", "check")[0].startswith("sound: 0 runs")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("argv", [["runs", "list"], ["runs", "tag", "last", "x"], ["ledger", "check"], ["replay"]])
def test_a_file_that_is_no_ledger_is_exit_code_4(do: Terminal, home: Path, argv: list[str]) -> None:
    (home / "data" / "ledger.db").write_bytes(b"this is no database at all, not a bit of it" * 99)
    out, err = do(*argv, code=4)
    assert out == ""
    assert str(home / "data" / "ledger.db") in err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 3 * 86400), ("1w", 7 * 86400)],
)
def test_spans_count_from_now(text: str, seconds: int) -> None:
    assert moment(text, "--since", 1_700_000_000.0) == (1_700_000_000 - seconds) * 10**9


def test_dates_are_local_and_today_is_midnight() -> None:
    now = datetime(2026, 11, 25, 13, 30)
    assert moment("today", "x", now.timestamp()) == int(datetime(2026, 11, 25).timestamp()) * 10**9
    assert moment("2026-11-24", "x") == int(datetime(2026, 11, 24).timestamp()) * 10**9


@pytest.mark.parametrize("text", ["", "12", "12y", "2026-13-01", "999999999w", "12 h"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(InputError, match=r"--since: .* is no time"):
        moment(text, "--since")
