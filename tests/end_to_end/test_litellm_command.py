"""A LiteLLM model through the command: streamed, accounted, failing in its provider's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.command import Home
from tests.fakes.process import ServerProcess

pytestmark = pytest.mark.slow
SECRET = "sk-litellm-secret-0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess() as process:
        yield process


@pytest.fixture
def home(tmp_path: Path, server: ServerProcess) -> Home:
    return Home(tmp_path, OPENAI_API_KEY=SECRET, OPENAI_BASE_URL=server.base_url, OPENAI_API_BASE=server.base_url)


def test_a_race_of_litellm_models(home: Home) -> None:
    run = home.json("run", "race(3*openai/ok)", "What is 6 × 7?")
    assert run["answer"] == "The answer is 42."
    assert run["kind"] == "real"
    assert home.json("runs", "show", "last") == {**run, "tags": [], "grade": None}


def test_a_429_is_retried_by_us(home: Home) -> None:
    run = home.json("run", "openai/rate-limited-once", "hi")
    assert (run["status"], run["calls"][0]["attempts"]) == ("done", 2)


@pytest.mark.parametrize(("model", "code"), [("unauthorized", 3), ("drop", 3), ("no-finish", 1)])
def test_failures_are_told_and_no_answer_is_made_up(home: Home, model: str, code: int) -> None:
    done = home.run("run", f"race(openai/{model})", "hi")
    assert (done.returncode, done.stdout) == (code, "")
    assert SECRET not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Give Feedback" not in done.stderr
