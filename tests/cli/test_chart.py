"""`workbench chart`: a saved chart as text and as files."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from tests.charts import samples
from workbench.charts.export import export
from workbench.cli.main import main


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A chart as `--export NAME.json` writes it."""
    path = tmp_path / "chart.json"
    export(samples.frontier(), path)
    return path


def test_it_is_drawn_as_plain_text_in_a_pipe(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", str(saved), "--width", "70", "--height", "20"]) == 0
    drawn = capsys.readouterr().out
    assert "cascade → gpt-4" in drawn
    assert "recorded" in drawn
    assert "\x1b" not in drawn
    assert max(map(len, drawn.splitlines())) <= 70


def test_it_is_written_as_other_files_with_its_data(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    targets = [saved.with_name(name) for name in ("a.md", "b.vl.json")]
    asked = [word for path in targets for word in ("--export", str(path))]
    assert main(["chart", str(saved), *asked, "--with-data", "--theme", "dusk"]) == 0
    written = {path.name for path in saved.parent.iterdir()} - {saved.name}
    assert written == {"a.md", "a.csv", "a.provenance.json", "b.vl.json", "b.csv", "b.provenance.json"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words", [["--export", "x.bmp"], ["--with-data"], ["--width", "0"], ["--export", "x.md", "--theme", "none"]]
)
def test_a_mistake_is_one_message_and_exit_code_2(
    saved: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["chart", str(saved), *words]) == 2
    assert capsys.readouterr().err.count("workbench: ") == 1


def test_what_is_no_chart_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "no.json"
    file.write_text('{"a": 1}', encoding="utf-8")
    assert main(["chart", str(file)]) == 2
    assert "is no chart" in capsys.readouterr().err
    assert main(["chart", str(tmp_path / "missing.json")]) == 2


def test_a_chart_comes_through_a_pipe_and_from_no_device(
    saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["chart", str(saved)]) == 0
    drawn = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(saved.read_bytes())))
    assert main(["chart", "-"]) == 0
    assert capsys.readouterr().out == drawn
    os.mkfifo(pipe := saved.with_name("pipe"))
    writer = threading.Thread(target=pipe.write_bytes, args=(saved.read_bytes(),), daemon=True)
    writer.start()
    assert main(["chart", str(pipe)]) == 0
    writer.join()
    assert capsys.readouterr().out == drawn
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[")))
    assert main(["chart", "-"]) == 2
    assert "standard input: is no chart" in capsys.readouterr().err
    assert main(["chart", "/dev/zero"]) == 2
    assert "neither a file nor a pipe" in capsys.readouterr().err
    assert main(["chart", "--widht", "3"]) == 2
    assert "there is no option --widht" in capsys.readouterr().err
