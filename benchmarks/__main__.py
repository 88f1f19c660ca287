"""Run every benchmark, each in a process of its own, and write docs/benchmarks.md.

`python -m benchmarks [NAME …]`: only those named are run, and nothing is written. Exit code 0: all bounds hold;
2: one does not; 1: a benchmark broke.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.common import BROKE, MISSED

ROOT = Path(__file__).parents[1]
HEAD = """# Benchmarks

Measured by `make benchmarks` (`python -m benchmarks`; `python -m benchmarks.<name>` runs one). What counts are the
ratios: each is against a peer or a physical limit of the same run. Absolute figures vary from machine to machine. Other
work on the machine blurs all of them, the embedded model's most: measure on a quiet one.

The app's own figures (screen, soak) are taken on a real pseudo-terminal of 120 × 40. Keys are written to it and a
thread notes when each piece of output comes; only afterwards a terminal emulator tells after which piece another lane
was highlighted, so redraws that come anyway do not count as a repaint, and the emulator's work is no part of the
time. Tokens come from simulated models in the app's own process, a token a piece: the screen's CPU is what the app
uses less what the same run uses without a screen, over as long a time. The first frame is that of the screens' names,
the system, the prompt and the keys; every pane comes with the next. The window lies inside the streaming, not over
the moment at which all calls end. `BENCHMARK_SECONDS` and `BENCHMARK_TOKENS` shorten both.

"""


def modules() -> list[str]:
    """Every benchmark in this folder."""
    skip = {"__init__", "__main__", "common", "headless", "terminal"}
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in skip)
    return sorted(found, key=lambda name: name == "soak")  # it takes longest


def run(module: str) -> list[dict[str, Any]] | None:
    """The benchmark's figures; None, and its last words on standard error, where it broke."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, MISSED):
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def section(module: str, figures: list[dict[str, Any]]) -> str:
    """A table, ratios first."""
    source = (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    doc = source.split('"""')[1].splitlines()[0]
    rows = "".join(row(figure) for figure in sorted(figures, key=lambda figure: figure["unit"] != "×"))
    return f"\n## {module}\n\n{doc}\n\n| figure | measured | bound | holds | detail |\n|---|---|---|---|---|\n{rows}"


def row(figure: dict[str, Any]) -> str:
    """One figure as a table row."""
    sign = "≥" if figure["better"] == "higher" else "≤"
    value = f"{figure['value']:,.0f}" if abs(figure["value"]) >= 1000 else f"{figure['value']:.3g}"
    met = "yes" if figure["met"] else "**no**"
    name = figure["name"].replace("|", "\\|")
    return f"| {name} | {value} {figure['unit']} | {sign} {figure['bound']:,g} | {met} | {figure['detail']} |\n"


def machine() -> str:
    """What it was measured on."""
    words = [f"{os.cpu_count()} cores", platform.machine()]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        words.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB of memory")
    return ", ".join([*words, platform.system(), f"Python {platform.python_version()}"])


def main() -> int:
    """Run those named on the command line, else all."""
    named = [name for name in sys.argv[1:] if not name.startswith("-")]
    found: dict[str, list[dict[str, Any]]] = {}
    broke = False
    for module in named or modules():
        print(f"{module} …", file=sys.stderr, flush=True)
        figures = run(module)
        broke = broke or figures is None
        found[module] = figures or []
    text = f"{HEAD}Machine: {machine()}.\n" + "".join(section(module, figures) for module, figures in found.items())
    print(text)
    if not named and not broke:
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    missed = any(not figure["met"] for figures in found.values() for figure in figures)
    return BROKE if broke else MISSED if missed else 0


if __name__ == "__main__":
    sys.exit(main())
