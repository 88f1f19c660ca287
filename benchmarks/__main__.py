"""Run every benchmark, each in a process of its own, and write docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = """# Benchmarks

Ratios against a peer or a physical limit, measured within one run by `make benchmarks` (`python -m benchmarks`). Absolute
figures vary from machine to machine and run to run; the ratios are what counts.

"""


def modules() -> list[str]:
    """Every benchmark in this folder."""
    skip = {"__init__", "__main__", "common"}
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in skip)


def run(module: str) -> list[str]:
    """The benchmark's printed lines. Raises `CalledProcessError` when it fails."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def row(line: str) -> str:
    """A JSON line as a table row."""
    figure = json.loads(line)
    sign = "≥" if figure["better"] == "higher" else "≤"
    met = "yes" if figure["met"] else "**no**"
    value = f"{figure['value']:,.0f}" if abs(figure["value"]) >= 1000 else f"{figure['value']:.3g}"
    return f"| {figure['name']} | {value} {figure['unit']} | {sign} {figure['bound']:,g} | {met} | {figure['detail']} |"


def main() -> None:
    """Run those named on the command line, else all."""
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or modules()
    text = HEAD + f"Machine: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.\n"
    for module in wanted:
        print(f"{module} …", file=sys.stderr, flush=True)
        lines = run(module)
        doc = sys.modules[__name__].__doc__ if module == "__main__" else _first_line(module)
        text += f"\n## {module}\n\n{doc}\n\n| figure | measured | bound | met | detail |\n|---|---|---|---|---|\n"
        text += "".join(row(line) + "\n" for line in lines if line.startswith("{"))
    print(text)
    if len(wanted) == len(modules()):
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


def _first_line(module: str) -> str:
    source = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    return source.split('"""')[1].splitlines()[0]


if __name__ == "__main__":
    main()
