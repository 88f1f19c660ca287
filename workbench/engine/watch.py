"""Time limits of one attempt: its first token, silence in mid-stream, the whole of it."""

from __future__ import annotations

import asyncio

from workbench.systems.nodes import Model


def end(timeout: asyncio.Timeout) -> None:
    """What runs under the timeout ends now. A limit, a stop and a budget may all be reached in the same moment: only
    the first still has something to end."""
    if not timeout.expired():
        timeout.reschedule(asyncio.get_running_loop().time())


class Watch:
    """First-token, idle and total time limits on one timer: a stream that flows costs no timer per piece."""

    def __init__(self, node: Model, timeout: asyncio.Timeout, loop: asyncio.AbstractEventLoop) -> None:
        self.touched = self.first = False
        self.why = ""
        self._node, self._timeout, self._loop = node, timeout, loop
        self._start = self._last = loop.time()
        self._handle: asyncio.TimerHandle | None = None
        self._arm()

    def begun(self) -> None:
        """The first token is there: from now on silence counts."""
        self.first, self._last = True, self._loop.time()
        if self._node.first_token_timeout is not None or self._node.idle_timeout is not None:
            self.stop()
            self._arm()

    def stop(self) -> None:
        """No more limits."""
        if self._handle is not None:
            self._handle.cancel()

    def _arm(self) -> None:
        node = self._node
        quiet = node.idle_timeout if self.first else node.first_token_timeout
        limits = [
            (self._last + quiet, "silent for" if self.first else "no first token within", quiet)
            if quiet is not None
            else None,
            (self._start + node.timeout, "not finished within", node.timeout) if node.timeout is not None else None,
        ]
        due = [limit for limit in limits if limit is not None]
        if due:
            when, what, seconds = min(due)
            self.why = f"{what} {seconds:g} s"
            self._handle = self._loop.call_at(when, self._check, when)

    def _check(self, when: float) -> None:
        if self.touched:
            # Seen since the last look: the clock of silence starts here, at most one limit late.
            self.touched = False
            self._last = self._loop.time()
            if self._node.timeout is None or self._last < self._start + self._node.timeout:
                self._arm()
                return
        end(self._timeout)
