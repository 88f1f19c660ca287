"""`workbench frontier`: past runs in, a chart, a table and files out."""

from __future__ import annotations

import gzip
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from tests.ledger.streams import STARTED_AT, record, short
from workbench.cli.main import main
from workbench.ledger import open_ledger

DOC = (Path(__file__).parents[2] / "docs" / "frontier.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`(workbench frontier[^`]*)`|^\$ (workbench frontier[^\n]*)", DOC, re.M)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home" / "data" / "ledger.db"


@pytest.fixture
def study(home: Path) -> Path:
    """Three graded systems on 25 tasks, real, one of them beaten; another that is not graded; a simulated one."""
    home.parent.mkdir(parents=True)
    with open_ledger(home) as ledger:
        for name, cost, right in (("cheap", 10**9, 10), ("good", 5 * 10**9, 20), ("beaten", 9 * 10**9, 5)):
            for task in range(25):
                run = f"{name}-{task}"
                record(ledger, short(run, system=name, prompt=f"task {task}", cost=cost, started_at=STARTED_AT))
                ledger.grade(run, "right" if task < right else "wrong")
                ledger.tag(run, "study")
        record(ledger, short("new", system="new", prompt="task 1"))
        record(ledger, short("sim", system="cheap", kind="simulated"))
        record(ledger, short("cut", system="cheap", status="cancelled"))
    return home


def test_a_chart_a_table_and_what_is_left_out(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier"]) == 0
    out = capsys.readouterr().out
    assert "accuracy against cost per task" in out
    assert "frontier staircase · bootstrap 2,000 over 25 shared tasks · seed 7" in out
    rows = {text.split()[0]: text for text in out.splitlines() if text.split()[:1] and "$0.00" in text}
    assert re.search(r"\$0\.005 .* 0\.800 .* 1\.00 +frontier +\$0\.00625 +25 +25$", rows["good"])
    assert re.search(r"0\.00 +dominated", rows["beaten"])
    assert "not compared: new (not graded)" in out
    assert "not counted: 1 simulated run, 1 real run that did not end by themselves" in out
    assert "good beside cheap: 5 × the cost [5, 5], accuracy +0.400" in out
    assert "hypervolume 0." in out


def test_a_task_set_chooses_the_prompts(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = Path("ten.jsonl.gz")
    tasks.write_bytes(gzip.compress(b"".join(b'{"prompt": "task %d", "more": 1}\n' % i for i in range(10))))
    assert main(["frontier", "--tasks", str(tasks), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["tasks"], data["runs"]) == (10, 31)
    assert {each["name"]: each["accuracy"]["value"] for each in data["systems"]} == {
        "cheap": 1.0,
        "good": 1.0,
        "beaten": 0.5,
    }
    assert main(["runs", "list", "--tasks", str(tasks), "--system", "good", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 10
    Path("lines.jsonl").write_text('{"prompt": "task 1\\n"}\n{"prompt": "task 2\\r\\n"}\n', encoding="utf-8")
    assert main(["runs", "list", "--tasks", "lines.jsonl", "--system", "good", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_a_task_set_comes_through_a_pipe_and_from_no_device(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"prompt": "task 1"}\n{"prompt": "task 2"}\n')))
    assert main(["frontier", "--tasks", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tasks"] == 2
    assert main(["frontier", "--tasks", "/dev/zero"]) == 2
    assert "/dev/zero: is neither a file nor a pipe" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file of tasks"),
        ('{"prompt": "a"}\n{"prompt"', "t.jsonl:2: is no task"),
        ('{"prompt": 7}', "t.jsonl:1: is no task"),
        ('{"text": "a"}', "no line has a prompt"),
        ("[" * 100_000, "t.jsonl:1: is no task"),
    ],
)
def test_a_file_that_is_no_task_set(
    home: Path, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    if text is not None:
        Path("t.jsonl").write_text(text, encoding="utf-8")
    assert main(["frontier", "--tasks", "t.jsonl"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_json_has_every_figure(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--z", "latency", "--tag", "study", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["kind"], data["axes"], data["tasks"], data["runs"]) == (
        "real",
        ["cost", "accuracy", "latency"],
        25,
        75,
    )
    good = next(each for each in data["systems"] if each["name"] == "good")
    assert good["cost_usd"] == {"value": 0.005, "low": 0.005, "high": 0.005}
    assert good["accuracy"]["low"] < 0.8 < good["accuracy"]["high"]
    assert good["cost_per_solved_usd"]["value"] == pytest.approx(0.00625)
    assert (good["p_frontier"], good["label"]) == (1.0, "frontier")
    assert good["beside"]["name"] == "cheap"
    assert data["not_counted"] == {"unfinished": 0}


def test_json_names_are_documented(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    row = next(each for each in text.splitlines() if each.startswith("| `frontier`"))
    names = {
        *data,
        *data["systems"][0],
        *data["left_out"][0],
        *next(s["beside"] for s in data["systems"] if s["beside"]),
    }
    assert names <= set(re.findall(r"`(\w+)`", row))


@pytest.mark.parametrize("name", ["f.svg", "f.vl.json", "f.csv", "f.json", "f.md"])
def test_files_carry_the_chart_and_its_provenance(study: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--export", name, "--data", "--since", "2020-01-01"]) == 0
    assert f"wrote {name}" in capsys.readouterr().err
    assert Path(name).stat().st_size
    assert "good" in Path("f.csv").read_text(encoding="utf-8")
    told = json.loads(Path("f.provenance.json").read_text(encoding="utf-8"))
    assert (told["kind"], told["query"]) == ("real", "kind real · since 2020-01-01T00:00Z")
    assert "good-24" in told["runs"]
    assert told["created_at"]


def test_the_hull_is_named(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--hull", "--linear"]) == 0
    out = capsys.readouterr().out
    assert "convex hull" in out
    assert ", log" not in out


def test_a_difference_within_epsilon_is_none(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--eps", "0,0.5", "--reference", "0.02,0", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["line"] == ["cheap"]
    assert data["reference"] == [0.02, 0.0]
    assert "ε" in data["method"]


@pytest.mark.parametrize("reference", ["0.02,1", "0.0001,0", "0,0", "0.02,0.95"])
def test_a_reference_that_no_system_is_better_than_is_told(
    study: Path, reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["frontier", "--reference", reference]) == 0
    assert "hypervolume 0: on every axis at once, no system is better than $0" in capsys.readouterr().out
    assert main(["frontier", "--reference", "0.02,0.5"]) == 0
    assert "hypervolume 0.4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "said", "do"),
    [
        (["--tag", "nope"], "no finished real run fits tag nope\n", "`workbench runs list`"),
        (
            ["--tag", "nope", "--system", "good", "--since", "2020-01-01"],
            "no finished real run fits tag nope · system good · since 20",
            "`workbench runs list`",
        ),
        (["--kind", "recorded"], "no finished recorded run fits", "1 simulated run: --kind simulated"),
        (["--kind", "simulated"], "none of 1 run is graded", "workbench runs grade last right"),
        (["--kind", "simulated"], "none of 1 run is graded", "--x cost --y latency"),
        (["--y", "disagreement"], "no system is known", "no disagreement measured"),
        (["--x", "accuracy"], "two or three different axes", "cost, latency"),
        (["--eps", "1"], "not one number for each of cost, accuracy", "0.0001,0.01"),
        (["--reference", "0.02,2"], "--reference: accuracy is between 0 and 1, not 2", ""),
        (["--reference", "0.02,-5"], "--reference: accuracy is between 0 and 1, not -5", ""),
        (["--reference=-1,0"], "--reference: cost is at least 0, not -1", ""),
        (["--x", "latency", "--reference=-1,0"], "--reference: latency is at least 0, not -1", ""),
        (["--y", "disagreement", "--reference", "1,1.5"], "--reference: disagreement is between 0 and 1", ""),
        (["--eps=-1,0"], "eps: must be at least 0", ""),
        (["--with-data"], "needs --export", "NAME.svg"),
        (["--export", "x.doc"], "ending says no format", ".svg"),
        (["--z", "latency", "--hull"], "over two axes", "--z"),
        (["--since", "soon"], "is no time", "7d"),
        (["--x", "beauty"], "beauty", "--help"),
        (["--seed", "-1"], "--seed: must be at least 0, not -1", ""),
    ],
)
def test_mistakes_are_one_message(
    study: Path, args: list[str], said: str, do: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["frontier", *args]) != 0
    error = capsys.readouterr().err
    assert said in error
    assert do in error
    assert "Traceback" not in error


def test_an_empty_ledger_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier"]) == 2
    assert "`workbench run`" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["".join(pair) for pair in COMMANDS])
def test_every_command_of_the_page_works(study: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_ledger(study) as ledger:
        for name in ("cheap", "good"):
            ledger.grade(f"{name}-0", "right")
    assert main(shlex.split(command)[1:]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out


def test_systems_against_one_of_them(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", "--against", "good"]) == 0
    out = capsys.readouterr().out
    row = next(text for text in out.splitlines() if text.startswith("cheap") and "-0.400" in text)
    assert re.search(r"cheap +-0\.400 +-0\.\d+ to -0\.\d+ .*0 +10 +\.002 +\.002 +25$", row)
    assert "You need about" in out
    assert main(["frontier", "--against", "good", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["against"]
    cheap = next(each for each in found["systems"] if each["name"] == "cheap")
    assert cheap["difference"] == pytest.approx(-0.4)
    assert (cheap["higher"], cheap["lower"], cheap["tasks"]) == (0, 10, 25)
    assert cheap["p"] == pytest.approx(2 / 1024)
    assert cheap["p"] <= cheap["p_holm"]
    assert cheap["low"] < -0.4 < cheap["high"]
    assert main(["frontier", "--against", "nobody"]) == 2
    assert "there is no system 'nobody'" in capsys.readouterr().err
