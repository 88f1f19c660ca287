"""The picture of `workbench serve`: the app at a run of simulated models, in a headless Chromium."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from screenshots.browser import chromium, find_chromium

PICTURE = Path(__file__).parent / "serve.png"
SETTLED_S = 3.0
"""By then the app stands and its fonts are loaded."""


async def picture(program: str) -> bytes:
    """A PNG; the run is labelled as simulated."""
    with tempfile.TemporaryDirectory() as home:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workbench", "serve", "race(3*sim/small)", "--json"),
            *("--prompt", "Name the largest planet and say why it is so large."),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "WORKBENCH_HOME": home},
        )
        assert process.stdout is not None
        url = json.loads(await process.stdout.readuntil(b"}"))["url"]
        try:
            async with chromium(program, width=1200, height=760) as page:
                await page.call("Page.navigate", url=url)
                await asyncio.sleep(SETTLED_S)
                await page.press("Enter", 13)
                await asyncio.sleep(2 * SETTLED_S)
                return await page.png()
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def main() -> None:
    """Make it anew, where there is a Chromium."""
    program = find_chromium()
    if program is None:
        sys.stderr.write("no Chromium on PATH: serve.png stays as it is\n")
    else:
        PICTURE.write_bytes(asyncio.run(picture(program)))


if __name__ == "__main__":
    main()
