"""The Lab's what-ifs: a system is asked for, and what it would have come to on the draws that are there."""

from __future__ import annotations

from functools import partial
from threading import Event

import msgspec

from workbench.tui import lab_what_if
from workbench.tui.lab_knobs import Drawn
from workbench.tui.lab_what_if import WhatIf
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.exporting import Exporting
from workbench.tui.session import Session

KEPT = 6


class Asking(Exporting):
    """They are worked out in a thread, which ends when another is asked for, other draws come, or the app is left."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.drawn: Drawn | None = None
        self.what_ifs: dict[bytes, WhatIf] = {}
        """By the whole system: two may have one notation."""
        self._asked = ""
        self._unwanted: Event | None = None
        """Ends the one that is under way."""

    def draw(self) -> None:
        """Everything as it stands."""

    @property
    def asking(self) -> bool:
        """Whether one is under way."""
        return self._unwanted is not None

    def forget_what_ifs(self) -> None:
        """The draws are others."""
        self._stop()
        self.what_ifs = {}

    def on_unmount(self) -> None:
        """The app waits for its threads."""
        self._stop()

    def _stop(self) -> None:
        if self._unwanted is not None:
            self._unwanted.set()
            self._unwanted = None

    def action_what_if(self) -> None:
        """Ask for a system, and what it would have come to on these draws."""
        if (drawn := self.drawn) is None:
            self.notify("There are no draws yet.", markup=False, timeout=3)
            return

        def named(text: str | None) -> None:
            if text is not None and self.drawn is drawn:
                self._asked = text
                self._stop()
                self.spawn("what-if", partial(self._what_if, drawn, text), exclusive=True)

        given = self._asked or lab_what_if.example(drawn.pool)
        said = partial(lab_what_if.meaning, pool=drawn.pool, systems=self.session.services.systems)
        self.app.push_screen(Ask("What would this system have come to?", given, said), named)

    async def _what_if(self, drawn: Drawn, text: str) -> None:
        unwanted = self._unwanted = Event()
        self.draw()
        systems = self.session.services.systems

        def work() -> tuple[bytes, WhatIf | None]:
            system = lab_what_if.meant(text, drawn.pool, systems)
            return msgspec.json.encode(system), lab_what_if.work(drawn.pool, system, unwanted.is_set)

        told = await self.ask(work)
        if self._unwanted is not unwanted:
            return
        self._unwanted = None
        system, found = told or (b"", None)
        if found is not None:
            self.what_ifs = {**{key: each for key, each in self.what_ifs.items() if key != system}, system: found}
            while len(self.what_ifs) > KEPT:
                del self.what_ifs[next(iter(self.what_ifs))]
        self.draw()
        if found is not None:
            self.query_one("#lab-left").scroll_end(animate=False)
