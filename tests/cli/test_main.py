"""The command itself: what it loads, how it fails, and what it returns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import workbench
from workbench.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*(name.partition('.')[0] for name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stderr.split())


HEAVY = {"textual", "litellm", "xllamacpp", "numpy", "plotext", "sqlite_utils", "sqlite3", "httpx", "lark"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not modules_after("import workbench") & (HEAVY | {"cyclopts", "rich", "msgspec"})


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after("from workbench.cli.main import main\nassert main(['--help']) == 0")
    assert not loaded & (HEAVY | {"asyncio"})


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("command", [[name] for name in COMMANDS])
def test_every_command_loads_and_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "Usage: workbench" in capsys.readouterr().out


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == workbench.__version__


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["rnu"], "Did you mean 'run'?"),
        (["compare", "single", "nosuchsys", "-p", "hi"], "there is no system called 'nosuchsys', and nobody"),
        (["locate", "nowhere"], "There are: config"),
        (["locate", "--bogus"], "--bogus"),
        (["locate", "config", "more"], "does not expect 'more'"),
        (["run", "sim/fast", "hi", "--json", "--events"], "both want stdout"),
        (["run", "sim/small", "--sed"], "there is no option --sed"),
        (["run", "sim/small", " "], "--prompt-file FILE"),
        (["run", "laconic", "hi"], "Did you mean laconic-10?"),
        (["run", "sim/small", "--prompt-file", "/nowhere"], "/nowhere: can't be read"),
        (["lab", "~nobody-here/x.jsonl"], "there is no such file"),
        (["run", "~nobody-here/x.yaml", "hi"], "there is no such file"),
        (["runs", "lsit"], "lsit"),
        (["systems", "save", "sim/small", "a/b"], "can't be a name"),
        (["models", "add", "/nowhere.gguf"], "neither a known local model nor a file"),
        (["ledger", "sql", " "], "the query is empty"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("workbench: ")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[bugdet]\nmax_usd = 1\n", "unknown field `bugdet`"),
        ("[budget]\nmax_usd = -1\n", "budget.max_usd: expected `float` > 0.0"),
        ("[endpoints.lab]\nbase_url = 3\n", "endpoints.lab.base_url: expected `str`, got `int`"),
        (
            '[endpoints.lab]\nbase_url = "127.0.0.1:8000/v1"\n',
            "endpoints.lab.base_url: '127.0.0.1:8000/v1' is no address",
        ),
        (
            '[billing_on_cancel]\na = "stops"\nb = "no"\n',
            "billing_on_cancel.b: invalid enum value 'no', expected one of",
        ),
        ("[prices.dear]\ninput = -100\n", "prices.dear.input: expected `float` >= 0.0"),
        ("[prices.dear]\ninput = nan\n", "prices.dear.input: expected `float` >= 0.0"),
        ("[prices.dear]\ninput = inf\n", "prices.dear.input: expected `float` <= 1000000000.0"),
        (
            '[endpoints.a]\nbase_url = "http://a/v1"\nprices.m = { input = 1 }\nprices.n = { input = "x" }\n',
            "endpoints.a.prices.n.input: expected `float | null`, got `str`",
        ),
        ("[keys]\nrun = 1\n", "keys.run: expected `str`"),
        ("allow_code = 3\n", "allow_code: expected `bool`"),
        ("[budget\n", "is not valid TOML"),
        ('[endpoints.sim]\nbase_url = "http://127.0.0.1/v1"\n', "an endpoint can't be called 'sim'"),
    ],
)
def test_a_broken_config_is_told_with_its_file_and_key(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    assert main(["models", "list"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"workbench: {file}: ")
    assert words in err


def test_locate_prints_bare_paths_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "ledger"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/data/ledger.db\n"


def test_keys_are_told_present_and_never_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-value")
    main(["doctor", "--json"])
    out = capsys.readouterr().out
    assert "in the environment for: openai" in out
    assert "sk-secret-value" not in out


@pytest.mark.skipif(os.name == "nt", reason="no SIGPIPE")
def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m workbench models list --all | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode in (0, 141)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="the folder's path")
def test_a_folder_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where a folder should be", encoding="utf-8")
    assert main(["systems", "save", "sim/small", "mine"]) == 2
    err = capsys.readouterr().err
    assert f"{tmp_path}/config" in err
    assert "defect" not in err


def test_help_of_a_group_loads_nothing_heavy() -> None:
    loaded = modules_after("from workbench.cli.main import main\nassert main(['runs', '--help']) == 0")
    assert not loaded & (HEAVY - {"lark"})


def test_a_prompt_may_begin_with_a_hyphen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "sim/instant", "- one\n- two", "--no-ledger", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prompt"] == "- one\n- two"


def test_the_doctor_tells_that_nothing_can_be_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")
    assert main(["doctor", "--json"]) == 1
    findings = {each["what"]: each for each in json.loads(capsys.readouterr().out)}
    assert findings["ledger"]["state"] == "fail"
    assert "can't be written" in findings["ledger"]["message"]
