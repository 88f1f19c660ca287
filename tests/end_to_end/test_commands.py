"""One run's whole life through the command: fired, shown, replayed, graded, searched, exported, deleted."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.command import Home
from tests.models.embedded import embedded_home, embedded_models

__all__ = ["embedded_home", "embedded_models"]

PROMPT = "Name the largest planet."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("home"))
    assert made.run("run", "race(5*sim/small@0.8)", PROMPT, "--seed", "7", "--tag", "first").returncode == 0
    return made


def walk_through(home: Home, notation: str, kind: str) -> None:
    """Run → show → replay → SQL: four doors to the same run agree."""
    fired = home.json("run", notation, PROMPT, "--seed", "3")
    assert (fired["kind"], fired["status"]) == (kind, "done")
    assert fired["answer"].strip()
    assert home.json("runs", "show", "last") == {**fired, "tags": [], "grade": None}
    replayed = home.run("replay", "last", "--speed", "64")
    assert replayed.returncode == 0
    assert replayed.stdout.strip() == fired["answer"].strip()
    assert home.json("replay", "last") == fired
    rows = home.json("ledger", "sql", "select id, call_count from runs order by started_unix_ns desc limit 1")
    assert rows == [{"id": fired["id"], "call_count": len(fired["calls"])}]


def test_a_simulated_run_from_end_to_end(home: Home) -> None:
    walk_through(home, "race(5*sim/small@0.8)", "simulated")


@pytest.mark.slow
def test_a_real_run_from_end_to_end(embedded_home: Path) -> None:
    walk_through(Home(embedded_home), "race(5*local/smollm2-135m@0.8{max_tokens=256})", "real")


def test_the_same_seed_gives_the_same_bytes(home: Home) -> None:
    args = ("run", "judge[sim/judge](vote(5*sim/flaky), 2*sim/thinker)", PROMPT, "--seed", "11", "--no-ledger")
    fixed = ("--run-id", "fixed", "--started-at", "1000000000", "--json")
    first, second = (home.run(*args, *fixed).stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["id"] == "fixed"
    other = home.run(*args[:4], "12", "--no-ledger", *fixed).stdout
    assert other != first


def test_runs_are_listed_newest_first_with_their_kind(home: Home) -> None:
    home.run("run", "sim/small", "another prompt", "--tag", "second")
    rows = home.json("runs", "list")
    assert rows[0]["tags"] == ["second"]
    assert {row["kind"] for row in rows} == {"simulated"}
    assert "simulated" in home.run("runs", "list").stdout


def test_show_prints_every_call_with_its_money(home: Home) -> None:
    run = home.json("runs", "list", "--tag", "first")[0]
    text = home.run("runs", "show", run["id"]).stdout
    assert text.count("sim/small") >= 5
    assert "waste" in text
    assert "simulated" in text


def test_search_finds_prompts_and_takes_no_syntax(home: Home) -> None:
    assert home.json("runs", "search", "largest planet")
    assert home.json("runs", "search", "zebra-nowhere") == []
    assert home.run("runs", "search", 'a" OR (').returncode == 0


def test_grade_tag_untag_delete(home: Home) -> None:
    identity = home.json("run", "sim/perfect", "to be graded")["id"]
    assert home.run("runs", "grade", identity, "right").returncode == 0
    assert home.run("runs", "tag", identity, "keep", "me").returncode == 0
    assert home.run("runs", "untag", identity, "me").returncode == 0
    row = next(row for row in home.json("runs", "list") if row["id"] == identity)
    assert (row["grade"], row["tags"]) == ("right", ["keep"])
    assert home.run("runs", "delete", identity, "--yes").returncode == 0
    assert home.run("runs", "show", identity).returncode == 2
    assert identity not in {row["id"] for row in home.json("runs", "list")}


def test_deleting_needs_a_yes(home: Home) -> None:
    identity = home.json("run", "sim/small", "stay")["id"]
    assert home.run("runs", "delete", identity).returncode == 2
    assert home.run("runs", "show", identity).returncode == 0


def test_exports_are_safe_and_whole(home: Home, tmp_path: Path) -> None:
    home.run("run", "sim/small", "=HYPERLINK(1)", "--tag", "formula")
    file = tmp_path / "runs.csv"
    assert home.run("runs", "export", "--format", "csv", "--output", str(file)).returncode == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert "'=HYPERLINK(1)" in {row["prompt"] for row in rows}
    assert all(row["kind"] == "simulated" for row in rows)
    lines = home.run("runs", "export", "--format", "jsonl").stdout.splitlines()
    assert len(lines) == len(rows)
    assert "calls" in json.loads(lines[0])


def test_sql_can_only_read(home: Home) -> None:
    done = home.run("ledger", "sql", "delete from runs")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert home.json("runs", "list")
    assert home.run("ledger", "sql", "select nonsense").returncode == 2


def test_the_ledger_is_plain_sqlite(home: Home) -> None:
    path = home.run("ledger", "path").stdout.strip()
    with sqlite3.connect(path) as database:
        assert database.execute("select count(*) from calls").fetchone()[0] > 5
    assert home.run("ledger", "check").returncode == 0
    assert home.run("ledger", "vacuum").returncode == 0


def test_compare_adds_nothing_up_across_kinds(home: Home) -> None:
    data = home.json("compare", "sim/small", "vote(5*sim/small)", "-p", PROMPT, "--repeat", "3", "--seed", "1")
    assert [each["done"] for each in data["systems"]] == [3, 3]
    assert all(len(each["runs"]) == 3 and each["kind"] == "simulated" for each in data["systems"])
    assert data["systems"][1]["disagreement"]["high"] <= 1
    text = home.run("compare", "sim/small", "-p", PROMPT).stdout
    assert "sim/small" in text


def test_compare_together_gives_the_same_answers(home: Home) -> None:
    args = ("compare", "sim/small", "vote(3*sim/small)", "-p", PROMPT, "--seed", "5", "--no-ledger")
    apart, together = home.json(*args), home.json(*args, "--together")
    assert [s["answers"] for s in apart["systems"]] == [s["answers"] for s in together["systems"]]


def test_presets_run_as_shipped_on_simulated_models(home: Home) -> None:
    done = home.run("run", "council-9", PROMPT, "--model", "sim/small", "--judge", "sim/judge", "--no-ledger")
    assert done.returncode == 0
    assert done.stdout.strip()


def test_more_than_a_thousand_calls_ask_first(home: Home) -> None:
    refused = home.run("run", "vote(1001*sim/instant)", PROMPT, "--no-ledger")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert home.run("run", "vote(1001*sim/instant)", PROMPT, "--no-ledger", "--yes").returncode == 0


def test_systems_are_saved_and_used_by_name(home: Home) -> None:
    assert home.run("systems", "save", "vote(3*sim/small)", "mine").returncode == 0
    assert home.run("systems", "save", "sim/small", "mine").returncode == 2
    assert "mine" in {entry["name"] for entry in home.json("systems", "list")}
    assert home.run("systems", "show", "mine", "--as", "notation").stdout == "vote(3*sim/small)\n"
    assert home.json("run", "race($mine, sim/slow)", PROMPT, "--no-ledger")["status"] == "done"


def test_systems_convert_both_ways(home: Home) -> None:
    yaml = home.run("systems", "convert", "race(2*sim/small)").stdout
    file = home.folder / "race.yaml"
    file.write_text(yaml, encoding="utf-8")
    assert home.run("systems", "convert", str(file), "--to", "notation").stdout == "race(2*sim/small)\n"
    assert home.json("systems", "schema")


def test_every_shipped_system_passes_its_check(home: Home) -> None:
    done = home.run("systems", "check", "--allow-code")
    assert done.returncode == 0, done.stdout


def test_a_notation_error_points_at_its_column(home: Home) -> None:
    done = home.run("run", "race(3*sim/small", PROMPT)
    assert done.returncode == 2
    assert "line 1, column 17" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize(
    ("redirect", "code", "words"),
    [
        (">&-", 0, "done in"),
        ("<&-", 0, "done in"),
        ("2>&-", 0, ""),
        pytest.param(
            ">/dev/full",
            1,
            "standard output: can't be written",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full"),
        ),
    ],
)
def test_streams_that_are_closed_or_full_cost_no_run(home: Home, redirect: str, code: int, words: str) -> None:
    before = len(home.json("runs", "list"))
    command = f"{sys.executable} -m workbench run sim/small 'hi there' {redirect}"
    done = subprocess.run(["bash", "-c", command], env=home.environ, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "defect" not in done.stderr
    assert len(home.json("runs", "list")) == before + 1


def test_without_a_terminal_the_plain_command_answers(home: Home) -> None:
    home.configure('[defaults]\nsystem = "sim/small"\nprompt = "What is 6 × 7?"\n')
    command = [sys.executable, "-m", "workbench"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=home.environ, check=False
    )
    (home.folder / "config" / "config.toml").unlink()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
