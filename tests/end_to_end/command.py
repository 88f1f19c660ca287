"""The command with a home of its own: in a process of its own, or, where only its JSON is asked for, in this one."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from workbench.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120


class Home:
    """A folder as WORKBENCH_HOME. No key, proxy or config of the developer's own reaches the command."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        kept = {
            name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_proxy", "_PROXY"))
        }
        kept.pop("WORKBENCH_DEBUG", None)
        self.environ = {**kept, "WORKBENCH_HOME": str(folder), "PYTHONPATH": str(ROOT), **environ}

    def configure(self, text: str) -> None:
        """Write config.toml."""
        file = self.folder / "config" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def start(self, *args: str) -> subprocess.Popen[str]:
        """The command under way, its output in pipes."""
        assert args[0] in COMMANDS
        return subprocess.Popen(
            [sys.executable, "-m", "workbench", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
            cwd=self.folder,
        )

    def run(self, *args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """The command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "workbench", *args],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            env=self.environ,
            cwd=self.folder,
            timeout=TIMEOUT_S,
            check=False,
        )

    def json(self, *args: str, code: int = 0) -> Any:
        """What the command prints as JSON; its exit code must be `code`. Runs in this process: no start to wait for."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, self.environ, clear=True), redirect_stdout(out), redirect_stderr(err):
            returned = main([*args, "--json"])
        assert returned == code, err.getvalue()
        return json.loads(out.getvalue())
