"""`workbench serve`: the app in a browser on this machine."""

from __future__ import annotations

import asyncio
import logging
import webbrowser
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from workbench.cli.options import HYPHEN, JSON
from workbench.cli.output import line, note, one_line, print_json
from workbench.cli.services import Services
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.tui.web.server import Server

LOOPBACK = "127.0.0.1"
MOST = 65535


def serve(
    system: Annotated[str | None, HYPHEN] = None,
    /,
    *,
    prompt: Annotated[str | None, HYPHEN] = None,
    replay: Annotated[str | None, HYPHEN] = None,
    host: str = LOOPBACK,
    port: int = 0,
    open_: Annotated[bool, Parameter(name="--open", negative="", show_default=False)] = False,
    json: Annotated[bool, JSON] = False,
) -> int:
    """Serve the app to a browser on this machine, until Ctrl-C.

    Prints the address, which holds a token: whoever has it, has the app, and without it nothing answers.

    Parameters
    ----------
    system
        Name, file or line of notation that the app opens with.
    prompt
        What stands in its prompt box.
    replay
        A past run that it shows: an id, the beginning of one, or `last`.
    host
        127.0.0.1 and nothing else: the app spends money and edits files, so that only this machine may open it.
    port
        0: one that is free.
    open_
        Open the address in the browser.
    json
        As JSON.
    """
    _check(system, replay, host, port)
    from workbench.tui.web.child import Opening
    from workbench.tui.web.server import Server

    logging.basicConfig(level=logging.ERROR, format="workbench: %(message)s", handlers=[_Notes()])
    server = Server(Opening(system, prompt, replay), port=port, tell=_tell)
    try:
        asyncio.run(server.run(lambda url: _announce(url, server, open_=open_, json=json)))
    except KeyboardInterrupt:
        server.kill()
    return 0


def _announce(url: str, server: Server, *, open_: bool, json: bool) -> None:
    if json:
        print_json({"url": url, "host": server.host, "port": server.port})
    else:
        line(url)
    note("workbench: the app is at this address, for this machine alone. Ctrl-C ends it.")
    if open_ and not webbrowser.open(url):
        note("workbench: no browser was found; open the address yourself.")


def _check(system: str | None, replay: str | None, host: str, port: int) -> None:
    """What would only be seen on the page. Raises `InputError` and what reading the system or the ledger raises."""
    if host not in (LOOPBACK, "localhost"):
        hint = f"From elsewhere: ssh -L 8000:{LOOPBACK}:<port> <this machine>, then open the address with port 8000."
        raise InputError(f"the app is served on {LOOPBACK} alone, not on {one_line(host)}", where="--host", hint=hint)
    if not 0 <= port <= MOST:
        raise InputError(f"must be from 0 to {MOST}", where="--port")
    services = Services()
    if system is not None:
        services.unresolved(system)
    if replay is not None:
        with services.ledger(read_only=True) as ledger:
            ledger.resolve(replay)


def _tell(text: str) -> None:
    if text.strip():
        note(text.rstrip("\n"))


class _Notes(logging.Handler):
    """What libraries log, as a line of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line to stderr."""
        note(f"workbench: {one_line(record.getMessage(), 300)}")
