"""`workbench run` against an OpenAI-compatible server that behaves, fails, drops and never ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.command import Home
from tests.fakes.openai_server import Record
from tests.fakes.process import ServerProcess

SECRET = "sk-lab-secret-0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess() as process:
        yield process


@pytest.fixture
def home(tmp_path: Path, server: ServerProcess) -> Home:
    made = Home(tmp_path, LAB_KEY=SECRET)
    made.configure(
        f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "LAB_KEY"\nbilling_on_cancel = "stops"\n'
        'prices."*" = { input = 1.0, output = 2.0 }\n'
    )
    return made


def test_the_answer_alone_is_on_stdout(home: Home) -> None:
    done = home.run("run", "lab/ok", "What is 6 × 7?")
    assert (done.returncode, done.stdout) == (0, "The answer is 42.\n")
    assert "done in" in done.stderr


def test_the_prompt_may_be_piped(home: Home, server: ServerProcess) -> None:
    assert home.run("run", "lab/ok", "-", stdin="from a pipe\n").returncode == 0
    assert server.records()[-1].body["messages"][-1]["content"] == "from a pipe"


def test_money_is_exact(home: Home) -> None:
    run = home.json("run", "lab/ok", "hi")
    call = run["calls"][0]
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens_source"]) == (11, 4, "reported")
    assert run["cost_usd"] == pytest.approx((11 * 1.0 + 4 * 2.0) / 1e6)
    assert run["kind"] == "real"


def test_a_429_is_retried_and_the_run_succeeds(home: Home) -> None:
    run = home.json("run", "lab/rate-limited-once", "hi")
    assert run["status"] == "done"
    assert run["calls"][0]["attempts"] == 2


def test_a_server_that_asks_for_hours_is_not_waited_for(home: Home, server: ServerProcess) -> None:
    done = home.run("run", "lab/rate-limited-for-hours", "hi")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Daily quota reached (the provider asks for 2 hours before another try)" in done.stderr
    assert len([seen for seen in server.records() if seen.body.get("model") == "rate-limited-for-hours"]) == 1


def test_a_wrong_key_is_exit_code_3_and_shows_no_key(home: Home) -> None:
    done = home.run("run", "lab/unauthorized", "hi")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "Incorrect API key" in done.stderr
    assert SECRET not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stream_that_drops_is_no_answer(home: Home) -> None:
    done = home.run("run", "race(lab/drop)", "hi")
    assert (done.returncode, done.stdout) == (3, "")
    assert "broke" in done.stderr


def test_a_retry_does_not_print_its_text_twice(home: Home) -> None:
    assert home.run("run", "lab/drop", "hi").stdout == "The answer\n"


def test_a_dropped_replica_does_not_end_the_others(home: Home) -> None:
    run = home.json("run", "vote(lab/drop, lab/no-finish, lab/ok)", "hi")
    assert run["answer"] == "The answer is 42."
    assert sorted(call["status"] for call in run["calls"]) == ["done", "failed", "failed"]


def test_a_budget_stops_the_run(home: Home) -> None:
    done = home.run("run", "lab/endless", "hi", "--max-tokens", "40")
    assert done.returncode == 5
    assert "max_tokens" in done.stderr


def test_a_days_budget_counts_the_days_runs(home: Home) -> None:
    file = home.folder / "config" / "config.toml"
    file.write_text(file.read_text(encoding="utf-8") + "[budget]\nmax_usd_per_day = 0.00004\n", encoding="utf-8")
    assert [home.run("run", "lab/ok", "hi").returncode for _ in range(3)] == [0, 0, 5]
    statuses = [run["status"] for run in home.json("runs", "list")]
    assert statuses == ["stopped", "done", "done"]


def test_a_price_in_the_config_comes_first(home: Home) -> None:
    file = home.folder / "config" / "config.toml"
    prices = '[prices."lab/ok"]\ninput = 100.0\noutput = 1000.0\n'
    file.write_text(file.read_text(encoding="utf-8") + prices, encoding="utf-8")
    assert home.json("run", "lab/ok", "hi")["cost_usd"] == pytest.approx((11 * 100 + 4 * 1000) / 1e6)


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_ctrl_c_cancels_every_call_and_keeps_what_is_known(
    home: Home, server: ServerProcess, name: str, code: int
) -> None:
    before = len(server.records())
    process = home.start("run", "vote(3*lab/endless)", "hi", "--events")
    assert process.stdout is not None
    texts = 0
    for line in process.stdout:
        texts += '"event":"text"' in line
        if texts > 10:
            break
    process.send_signal(signal.Signals[name])
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert '"event":"run_finished","t":' in out.splitlines()[-1]
    assert '"status":"cancelled"' in out.splitlines()[-1]
    assert "Traceback" not in err
    assert [record.cancelled for record in settled(server, before)] == [True] * 3
    (row,) = home.json("runs", "list")
    assert row["status"] == "cancelled"
    assert row["cost_usd"] > 0


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_comparison_ends_at_sigterm(home: Home, server: ServerProcess) -> None:
    before = len(server.records())
    process = home.start("compare", "lab/endless", "lab/ok", "-p", "hi")
    deadline = time.monotonic() + 20
    while len(server.records()) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "Traceback" not in err
    assert [row["status"] for row in home.json("runs", "list")] == ["cancelled"]


def test_what_a_budget_cannot_stop_is_told(home: Home) -> None:
    file = home.folder / "config" / "config.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("prices.", "# prices."), encoding="utf-8")
    done = home.run("run", "lab/ok", "hi", "--max-usd", "0.01")
    assert done.stderr.count("no budget in dollars can stop it") == 1


@pytest.mark.skipif(os.name == "nt", reason="no SIGPIPE")
def test_when_nobody_reads_the_calls_end(home: Home, server: ServerProcess) -> None:
    before = len(server.records())
    command = f"{sys.executable} -m workbench run lab/endless hi | head -c 9; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=home.environ, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (141, b" on on on")
    assert b"Traceback" not in done.stderr
    assert b"the reader of the output went away" in done.stderr
    assert settled(server, before)[0].cancelled


def settled(server: ServerProcess, before: int) -> list[Record]:
    """The requests after the first `before`, once the server has seen their connections close."""
    deadline = time.monotonic() + 5
    while True:
        records = server.records()[before:]
        if all(record.closed_ns for record in records) or time.monotonic() > deadline:
            return records
        time.sleep(0.02)


def test_a_ledger_that_fails_does_not_cost_the_answer(home: Home) -> None:
    (home.folder / "data").write_text("not a folder", encoding="utf-8")
    done = home.run("run", "lab/ok", "hi")
    assert (done.returncode, done.stdout) == (4, "The answer is 42.\n")
    assert "ledger" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_sees_the_endpoint_and_keeps_the_key(home: Home) -> None:
    done = home.run("doctor", "--json")
    assert "answers with status 200, LAB_KEY is set" in done.stdout
    assert SECRET not in done.stdout + done.stderr
