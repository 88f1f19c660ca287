"""What the app's start may load: a fresh process tells."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("litellm", "plotext", "vl_convert", "numpy", "scipy", "gguf", "lark", "sqlite_utils")


def test_importing_the_app_loads_nothing_heavy() -> None:
    code = f"import sys, workbench.tui.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
