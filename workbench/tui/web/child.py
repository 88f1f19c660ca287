"""The process behind one page: the app as the command line opens it, drawn by `web_driver`."""

from __future__ import annotations

import sys

import msgspec

from workbench.errors import WorkbenchError


class Opening(msgspec.Struct, frozen=True):
    """What the app opens with."""

    system: str | None = None
    prompt: str | None = None
    replay: str | None = None


def main(said: str) -> int:
    """Run the app; its errors go to standard error, which the server passes on."""
    from workbench.tui.app import run

    opening = msgspec.json.decode(said, type=Opening)
    try:
        return run(system=opening.system, prompt=opening.prompt, replay=opening.replay)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
