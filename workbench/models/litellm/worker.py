"""The worker: `python -m workbench.models.litellm.worker`. Reads frames on standard input, answers on standard output.

It ends when its standard input does, so it never outlives the app, however that ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from importlib.metadata import version
from typing import Any, BinaryIO

from workbench.errors import ErrorKind
from workbench.models.litellm.calls import Call
from workbench.models.litellm.frames import HEAD, Cancel, Failed, Open, Ready, length_of, to_worker
from workbench.models.litellm.outbox import Outbox

ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else importing it downloads the price map, and blocks
    "LITELLM_MODE": "PRODUCTION",  # else importing it loads `.env` from the working directory
    "LITELLM_LOG": "ERROR",
    "LITELLM_TELEMETRY": "False",
    "REPEATED_STREAMING_CHUNK_LIMIT": "1000000000",  # else 100 equal chunks in a row count as a failed call
}


def import_litellm() -> Any:
    """LiteLLM, set up to keep quiet and to leave the network alone until a call is made."""
    os.environ.update(ENVIRONMENT)
    import litellm

    litellm.suppress_debug_info = True  # else it prints "Give Feedback" to standard output
    litellm.drop_params = True  # a seed must not fail a provider that has none
    litellm.telemetry = False
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = False
        logger.addHandler(logging.NullHandler())
    return litellm


class Worker:
    """Starts and cancels calls as the frames say; refuses them all where LiteLLM can't be imported."""

    def __init__(self, litellm: Any, outbox: Outbox) -> None:
        self._litellm = litellm
        self._outbox = outbox
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def handle(self, frame: Open | Cancel) -> None:
        """Act on one frame."""
        if isinstance(frame, Cancel):
            task = self._tasks.get(frame.call)
            if task is not None:
                task.cancel()
            return
        if isinstance(self._litellm, str):
            self._outbox.frame(Failed(call=frame.call, kind=ErrorKind.UNAVAILABLE, message=self._litellm))
            return
        task = asyncio.get_running_loop().create_task(Call(self._litellm, frame, self._outbox).run())
        self._tasks[frame.call] = task
        task.add_done_callback(lambda _: self._tasks.pop(frame.call, None))


class Inbox(threading.Thread):
    """Reads frames in a thread, because a pipe can't be awaited everywhere, and its end must end us at once."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(name="inbox", daemon=True)
        self._source = source
        self._early: list[Open | Cancel] = []
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Until standard input ends; then the process ends, whatever it was doing."""
        with contextlib.suppress(OSError, ValueError):
            while len(head := self._source.read(HEAD)) == HEAD:
                self._pass_on(to_worker.decode(self._source.read(length_of(head))))
        os._exit(0)

    def attach(self, worker: Worker, loop: asyncio.AbstractEventLoop) -> None:
        """From now on frames go to `worker`; those that came during the import go first."""
        with self._lock:
            self._worker, self._loop = worker, loop
            for frame in self._early:
                worker.handle(frame)
            self._early.clear()

    def _pass_on(self, frame: Open | Cancel) -> None:
        with self._lock:
            if self._worker is None or self._loop is None:
                self._early.append(frame)
            else:
                self._loop.call_soon_threadsafe(self._worker.handle, frame)


def take_over_pipes() -> tuple[BinaryIO, int]:
    """Our input and our output; whatever else writes to standard output or error from now on writes to nowhere."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return os.fdopen(source, "rb"), sink


def write_all(sink: int, data: bytes) -> None:
    """Write it whole; a reader that is gone ends the worker."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(sink, view) :]
    except OSError:
        os._exit(0)


async def work(inbox: Inbox, sink: int, litellm: Any) -> None:
    """Serve until the input ends. `litellm`: the module, or why it can't be imported."""
    loop = asyncio.get_running_loop()
    outbox = Outbox(lambda data: write_all(sink, data), loop)
    if not isinstance(litellm, str):
        outbox.frame(Ready(version("litellm")))
    inbox.attach(Worker(litellm, outbox), loop)
    await asyncio.Event().wait()


def imported() -> Any:
    """LiteLLM; where its installation is broken, what is wrong with it as text."""
    try:
        return import_litellm()
    except Exception as error:  # whatever an import of that size may raise
        return f"LiteLLM can't be imported: {type(error).__name__}: {error}"


def main() -> None:
    """Entry of the process. Ctrl-C reaches the whole terminal; only the app decides what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = take_over_pipes()
    inbox = Inbox(source)
    inbox.start()
    asyncio.run(work(inbox, sink, imported()))


if __name__ == "__main__":
    main()
