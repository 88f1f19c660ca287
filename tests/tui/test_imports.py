"""What the app's start may load: a fresh process tells."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("litellm", "xllamacpp", "plotext", "vl_convert", "numpy", "scipy", "gguf", "lark")

FIRST_FRAME = f"""
import asyncio, sys
from workbench.tui.app import WorkbenchApp
from workbench.tui.wiring import services

async def first_frame():
    app = WorkbenchApp(services())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        drawn = app.export_screenshot()
        assert "smollm2" in drawn, drawn
        assert not app.services.store_problem, app.services.store_problem
        print([name for name in {HEAVY!r} if name in sys.modules])

asyncio.run(first_frame())
"""


def fresh(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_importing_the_app_loads_nothing_heavy() -> None:
    assert fresh(f"import sys, workbench.tui.app; print([n for n in {HEAVY!r} if n in sys.modules])") == "[]"


def test_the_first_frame_is_drawn_before_litellm_and_the_embedded_runtime_are_loaded() -> None:
    loaded = fresh(FIRST_FRAME)
    assert "litellm" not in loaded
    assert "xllamacpp" not in loaded
