"""`workbench lab`: files and runs in, a chart, a table and advice out."""

from __future__ import annotations

import io
import json
import os
import random
import re
import threading
from pathlib import Path

import pytest

from workbench.cli.main import main

PCS = ["--p", ".6", "--c", ".9", "--s", ".7"]


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    dice, path = random.Random(2), tmp_path / "s.jsonl"
    lines = [
        {
            "task_id": task,
            "model": "m",
            "key": "r" if (right := dice.random() < (0.8 if task % 2 else 0.3)) else "w",
            "correct": right,
            "accepted": dice.random() < (0.9 if right else 0.3),
            "latency_s": dice.uniform(1, 5),
            "completion_tokens": dice.randint(10, 90),
            "cost_usd": dice.randint(1, 9) / 1e4,
        }
        for task in range(30)
        for _ in range(5)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.mark.parametrize("rule", ["race", "vote", "verify", "serial", "pass", "all", "short-m", "cascade"])
def test_every_rule_prints_a_chart_a_table_and_advice(
    samples: Path, rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", str(samples), "--rule", rule, "-k", "1..5", "--theory"]) == 0
    out = capsys.readouterr().out
    assert "95 % bootstrap 2,000 over 30 tasks · seed 7" in out
    assert "of the queries are below one half" in out
    assert "Verification gains: c + s = 1." in out
    rows = [text.split() for text in out.splitlines() if text.split()[:1] in (["1"], ["5"])]
    assert all("s" in row for row in rows[-2:])


def test_json_and_export_hold_the_figures(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    csv = tmp_path / "out.csv"
    assert main(["lab", str(samples), "--rule", "verify", "-k", "1,3", "--theory", "--json", "--export", str(csv)]) == 0
    data = json.loads(capsys.readouterr().out)
    (curve,) = data["curves"]
    assert [row["k"] for row in curve["rows"]] == [1, 3]
    for row in curve["rows"]:
        assert row["accuracy"]["low"] <= row["accuracy"]["value"] <= row["accuracy"]["high"]
        assert row["cost_usd"]["value"] > 0
    (theory,) = data["theory"]
    assert theory["accuracy"][0] == pytest.approx(curve["rows"][0]["accuracy"]["value"])
    assert "Acc(K)" in csv.read_text(encoding="utf-8")


def test_several_files_in_a_theme_with_their_data(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "a.svg", tmp_path / "b.md"]
    words = [word for file in files for word in ("--export", str(file))]
    assert main(["lab", str(samples), *words, "--with-data", "--theme", "dark"]) == 0
    written = {line.removeprefix("wrote ") for line in capsys.readouterr().err.splitlines()}
    assert {str(file) for file in files} | {str(file.with_suffix(".csv")) for file in files} <= written
    assert all(Path(name).stat().st_size for name in written)


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_the_chart_is_in_colour_on_a_terminal_that_wants_it(
    samples: Path, no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["lab", str(samples), "-k", "1..3"]) == 0
    assert bool(re.search(r"\x1b\[3[0-7]m", capsys.readouterr().out)) is coloured


def test_the_calculator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--p", ".6", "--c", ".9", "--s", ".7", "-k", "1,3,10"]) == 0
    out = capsys.readouterr().out
    assert [text.split()[:2] for text in out.splitlines()[-4:-1]] == [["1", ".600"], ["3", ".793"], ["10", ".818"]]
    assert out.endswith("Verification gains: c + s = 1.6 > 1; ceiling .82.\n")


def test_a_system_on_the_draws(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", str(samples), "--system", "race(3*m/m)", "--model", "m", "--runs", "60"]) == 2
    assert "no draws of m/m" in capsys.readouterr().err
    path = samples.with_name("t.jsonl")
    path.write_text(samples.read_text(encoding="utf-8").replace('"m"', '"a/m"'), encoding="utf-8")
    assert main(["lab", str(path), "--system", "race(3*a/m)", "--runs", "600", "--json"]) == 0
    raced = json.loads(capsys.readouterr().out)
    assert (raced["kind"], raced["runs"], raced["path"]) == ("recorded", 600, "direct")
    assert raced["notes"] == []
    assert main(["lab", str(path), "--system", "race[rule=thinking, grace=1](3*a/m)", "--runs", "60"]) == 0
    out, err = capsys.readouterr()
    assert "through the engine" in out
    assert "not the task's own prompt" not in err


@pytest.mark.parametrize(
    ("system", "who"),
    [
        ("refine[recorded/verdict](race(m, m) >> m)", "refine and chain"),
        ("debate(judge[m](2*m), route[m](a: m, else: m), verify[vote(m)](m))", "debate, judge, route and verify"),
        ("vote(verify[recorded/verdict](2*m), debate[rounds=1](m))", None),
    ],
)
def test_a_system_that_asks_what_was_never_recorded_is_told_so(
    samples: Path, capsys: pytest.CaptureFixture[str], system: str, who: str | None
) -> None:
    text = samples.read_text(encoding="utf-8")
    samples.write_text(text.replace('"model": "m", ', ""), encoding="utf-8")
    assert main(["lab", str(samples), "--system", system.replace("m", "a/m"), "--runs", "4"]) == 0
    assert ("not the task's own prompt" in (err := capsys.readouterr().err)) == (who is not None)
    assert who is None or f"what {who} would ask" in err


def test_runs_of_the_ledger(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fire = ["run", "race[losers=finish](4*sim/small)", "What is 17 + 25?", "--seed", "1", "--tag", "study", "-q"]
    assert main([*fire, "--target", "42"]) == 0
    capsys.readouterr()
    for pool in (["last"], ["--tag", "study"]):
        assert main(["lab", *pool, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["kind"] == "simulated"
        assert [row["k"] for row in data["curves"][0]["rows"]] == [1, 2, 3, 4]
    assert main(["lab", "last", "--system", "vote(3*sim/small)", "--runs", "20"]) == 0
    assert "recorded from simulated runs" in capsys.readouterr().out


def test_a_file_that_is_called_as_a_run_is_does_not_hide_it(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for prompt in ("hello", "bye"):
        assert main(["run", "sim/small", prompt, "-q"]) == 0
    monkeypatch.chdir(tmp_path)
    samples.rename("last")
    capsys.readouterr()
    assert main(["lab", "last", "last~1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "simulated"
    assert main(["lab", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "recorded"


def test_a_race_that_cut_its_losers_off_is_a_biased_pool(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "race(4*sim/small)", "What is 17 + 25?", "--seed", "1", "-q"]) == 0
    capsys.readouterr()
    assert main(["lab", "last"]) == 0
    assert "3 of 4 calls were cancelled" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "needs runs or a file"),
        (["none.jsonl"], "there is no such file"),
        (["S", "last"], "s.jsonl and last\n  `cat a.jsonl b.jsonl | workbench lab -`"),
        (["S", "other.jsonl"], "takes one file, or runs, not "),
        (["-", "last"], "takes one file, or runs, not - and last"),
        (["--p", ".6"], "go together"),
        (["--p", "2", "--c", "1", "--s", "1"], "between 0 and 1"),
        (["--p", ".5", "--c", "1", "--s", "1", "-k", "0..3"], "names no k"),
        (["S", "-k", "9"], "no task has 9 draws"),
        (["S", "--model", "other"], "no draws of this model"),
        (["S", "--m", "0"], "must be at least 1"),
        (["S", "--export", "x.doc"], "ending"),
        (["--tag", "none"], "no run has the tag"),
        (["S", "--tag", "x"], "--tag and a file of samples do not go together"),
        (["S", "--kind", "real"], "--kind and a file of samples do not go together"),
        (["last", "--kind", "real"], "--kind needs --tag"),
        (["S", "--runs", "3"], "--runs needs --system"),
        (["S", "--m", "5"], "--m and --rule race do not go together\n  It is for --rule short-m."),
        (["S", "--tau", "0.7"], "--tau and --rule race do not go together\n  It is for --rule cascade."),
        (["S", "--system", "vote(3*m)", "--rule", "vote"], "--rule and --system do not go together"),
        (["S", "--system", "vote(3*m)", "-k", "3"], "-k and --system do not go together"),
        (["S", "--system", "vote(3*m)", "--theory"], "--theory and --system do not go together"),
        (["S", "--system", "vote(3*m)", "--quantity", "cost"], "--quantity and --system do not go together"),
        (["S", "--system", "vote(3*m)", "--export", "x.json", "--theme", "dark"], "--theme and --system do not go tog"),
        ([*PCS, "--rule", "vote"], "--rule and --p --c --s do not go together"),
        ([*PCS, "--theory"], "--theory and --p --c --s do not go together"),
        ([*PCS, "--quantity", "cost"], "--quantity and --p --c --s do not go together"),
        ([*PCS, "--model", "m"], "--model and --p --c --s do not go together"),
        ([*PCS, "--seed", "3"], "--seed and --p --c --s do not go together"),
        ([*PCS, "last"], "runs or a file and --p --c --s do not go together"),
        (["S", "--system", "vote(3*m)", "--model", "other"], "no draws of this model\n  There are draws of m."),
        (["S", "--system", "vote(3*m)", "--export", "w.svg"], "w.svg: the figures of --system are JSON"),
        (["S", "--system", "vote(3*m)", "--export", "w.vl.json"], "w.vl.json: the figures of --system are JSON"),
        (["S", "-k", "10000"], "-k: 10,000 is too large\n  k is at most 9,999."),
        (["S", "-k", "1,100000"], "-k: 100,000 is too large\n  k is at most 9,999."),
        ([*PCS, "-k", "1..100000000000"], "k is at most 9,999."),
        (["S", "-k", "3..1"], "'3..1' names no k"),
        (["S", "--seed", "-1"], "--seed: must be at least 0, not -1"),
        (["S", "--system", "vote(3*a/m)", "--seed", "-1"], "--seed: must be at least 0, not -1"),
    ],
)
def test_mistakes_are_one_message(
    samples: Path, args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--tag" in args:
        assert main(["run", "sim/small", "hello", "-q"]) == 0
    assert main(["lab", *(str(samples) if arg == "S" else arg for arg in args)]) != 0
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert "A defect" not in error


def test_samples_come_through_a_pipe_too(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", str(samples), "--rule", "vote", "--json"]) == 0
    (curve,) = json.loads(capsys.readouterr().out)["curves"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(samples.read_bytes())))
    assert main(["lab", "-", "--rule", "vote", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["source"], told["curves"]) == ("standard input", [curve])
    os.mkfifo(pipe := tmp_path / "pipe")
    writer = threading.Thread(target=pipe.write_bytes, args=(samples.read_bytes(),), daemon=True)
    writer.start()
    assert main(["lab", str(pipe), "--rule", "vote", "--json"]) == 0
    writer.join()
    assert json.loads(capsys.readouterr().out)["curves"] == [curve]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{}\nno")))
    assert main(["lab", "-"]) == 2
    assert "standard input:2: is no sample" in capsys.readouterr().err


def test_what_has_no_end_is_not_read(
    samples: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "/dev/zero"]) == 2
    assert "/dev/zero: is neither a file nor a pipe" in capsys.readouterr().err
    monkeypatch.setattr("workbench.evals.lines.LARGEST", 1000)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\0" * 2000)))
    assert main(["lab", "-"]) == 2
    assert "standard input: does not end" in capsys.readouterr().err


def test_what_is_said_in_full_is_no_contradiction(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", str(samples), "--system", "vote(3*m)", "--rule", "race", "--m", "3", "--runs", "30"]) == 0
    assert main(["lab", str(samples), "--rule", "short-m", "--m", "5"]) == 0
    assert main(["lab", *PCS, "--rule", "race", "--tau", "0.5", "--seed", "7", "--runs", "10000"]) == 0


def test_a_system_on_the_draws_of_one_model(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = samples.read_text(encoding="utf-8")
    samples.write_text(f"{text}\n" + text.replace('"m"', '"n"'), encoding="utf-8")
    assert main(["lab", str(samples), "--system", "vote(3*m, 3*n)", "--runs", "30"]) == 0
    assert main(["lab", str(samples), "--system", "vote(3*m, 3*n)", "--runs", "30", "--model", "m"]) == 2
    assert "no draws of n" in capsys.readouterr().err


def test_the_figures_of_a_system_are_written_as_json(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.json"
    assert main(["lab", str(samples), "--system", "vote(3*m)", "--runs", "30", "--json", "--export", str(file)]) == 0
    out, err = capsys.readouterr()
    assert f"wrote {file}\n" in err
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(out)


def test_a_model_of_the_draws_is_a_system(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", str(samples), "--system", "m", "--runs", "30", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["system"] == "m"
    assert main(["lab", str(samples), "--system", "n"]) == 2
    assert "there is no system called 'n'" in capsys.readouterr().err


def test_one_draw_is_said_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file := tmp_path / "one.jsonl").write_text('{"text": "42", "correct": true}', encoding="utf-8")
    assert main(["lab", str(file)]) == 0
    assert "over the 1 draw of one task" in capsys.readouterr().out
