"""`workbench --install-completion`: completion for bash, zsh and fish, generated from the commands themselves."""

from __future__ import annotations

from typing import Literal

from workbench.cli.output import line
from workbench.errors import InputError


def install(*, shell: Literal["bash", "zsh", "fish"] | None = None) -> int:
    """Install shell completion and say where it went.

    Parameters
    ----------
    shell
        The shell; by default the one this command runs in.
    """
    from cyclopts.completion.detect import ShellDetectionError

    from workbench.cli.line import build

    try:
        path = build().install_completion(shell=shell)
    except ShellDetectionError as error:
        raise InputError(
            "can't tell which shell this is", where="--install-completion", hint="Add --shell bash, zsh or fish."
        ) from error
    line(f"{path}")
    return 0
