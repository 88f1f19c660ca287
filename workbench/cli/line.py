"""The command line as its parser sees it.

Commands are named by import string and loaded when they run, so `workbench --help` costs little more than the
command line library itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.exceptions import CycloptsError, UnusedCliTokensError

from workbench import __version__
from workbench.cli.main import COMMANDS, open_app
from workbench.errors import InputError


def build() -> App:
    """The command line. Nothing but the names and one line of help is loaded."""
    app = App(
        name="workbench",
        help="Assemble networks of model calls, race them, and account for every token. "
        "With no command: opens the app (or, without a terminal, runs the default system once).",
        version=__version__,
        help_format="plaintext",
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
    )
    for position, (name, (target, summary)) in enumerate(COMMANDS.items()):
        app.command(target, name=name, help=summary, sort_key=position)
    app.command("workbench.cli.completion:install", name="--install-completion", help="Install shell completion.")
    app.default(_open)
    return app


def obey(words: Sequence[str]) -> int:
    """Run one command; returns its exit code. Raises `InputError` where the words make no sense."""
    try:
        result = build()(list(words))
    except CycloptsError as error:
        raise _input_error(error) from error
    return result if isinstance(result, int) else 0


def _open(*, fresh: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Open the app as it was left; with no terminal, run the default system once and print its answer.

    Args:
        fresh: Open the app anew, not as it was left.
    """
    return open_app(fresh=fresh)


def _input_error(error: CycloptsError) -> InputError:
    """A mistake on the command line in our own words."""
    command = " ".join(("workbench", *(error.command_chain or ())))
    hint = f"`{command} --help` shows what there is."
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        word = error.unused_tokens[0]
        if not error.command_chain:
            close = difflib.get_close_matches(word, COMMANDS, 1)
            hint = f"Did you mean {close[0]!r}? {hint}" if close else hint
            return InputError(f"there is no command {word!r}", hint=hint)
        return InputError(f"does not expect {word!r}", where=command, hint=hint)
    return InputError(str(error).strip(), where=command, hint=hint)
