"""What the user does with a model: test it, probe its server, fetch it, add one, look for servers, put it to use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from msgspec import structs

from workbench import money
from workbench.engine.pricing import price
from workbench.errors import WorkbenchError
from workbench.models.base import ModelInfo, Usage
from workbench.models.listing import Listed
from workbench.systems import edits
from workbench.systems.nodes import Model, System
from workbench.tui.catalogue_words import Doing
from workbench.tui.screens.add_model import AddModel
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel, Outcome
from workbench.tui.screens.room import Room
from workbench.tui.services import Catalogue, Tested
from workbench.tui.session import Session
from workbench.tui.text import one_line

if TYPE_CHECKING:
    from workbench.models.probe import Probed

SIMULATED = "sim/small"
"""Where the cursor goes when a simulated model shall do."""
TEST_USAGE = Usage(prompt_tokens=24, completion_tokens=32, source="estimated")
"""What a test call takes at most, about."""


class Calling(Room):
    """The Models screen's half that does something. One call at a time; Esc cancels it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.tested: dict[str, Tested] = {}
        self.probed: dict[str, Probed | str] = {}
        self.doing: Doing | None = None
        self.looked = False
        """Whether servers were looked for."""
        self._calling: asyncio.Task[None] | None = None

    @property
    def catalogue(self) -> Catalogue:
        """Where models come from."""
        found = self.session.services.catalogue
        assert found is not None
        return found

    @property
    def chosen(self) -> Listed | None:
        """The model under the cursor."""
        raise NotImplementedError

    def draw(self) -> None:
        """Every pane."""
        raise NotImplementedError

    def wake(self) -> None:
        """A call goes on from now: draw it as time passes."""
        raise NotImplementedError

    def read(self, choose: str = "") -> None:
        """Read the catalogue again, in a thread; then the cursor goes to `choose`."""
        raise NotImplementedError

    def complain(self, words: str, severity: Any = "warning") -> None:
        """One toast."""
        self.notify(one_line(words), severity=severity, markup=False, timeout=6)

    # To the Bench

    def action_use(self) -> None:
        """Into the selected model node, else as a single call."""
        from workbench.tui.screens.bench import Bench

        bench = getattr(self.app, "bench", None)
        if self.chosen is None or not isinstance(bench, Bench):
            return
        name = self.chosen.info.name
        system, path = self.session.system, bench.selected
        if isinstance(edits.get(system, path), Model):
            system = edits.set_field(system, path, "model", name)
            words = f"{name} in the selected node"
        else:
            system = System(name="single", root=Model(model=name))
            words = f"{name} as a single call"
        bench.change(system)
        self.app.switch_mode("bench")
        self.app.notify(f"{one_line(words)}; undo brings back what was there", markup=False, timeout=4)

    # Calls

    def action_test(self) -> None:
        """One small call; what costs money asks first, what is not on disk is fetched first."""
        if self.chosen is not None and not self._busy():
            self._after_look_up(self.chosen, self._test)

    def action_probe(self) -> None:
        """Whether the server really stops."""
        row = self.chosen
        if row is None or self._busy():
            return
        if not self._here(row.info):
            self.complain("Only servers on this machine are probed; elsewhere only the bill can tell.")
        elif not self._needs_fetch(row.info, lambda: self._begin(row.info.name, "probe", self._probe(row.info.name))):
            self._begin(row.info.name, "probe", self._probe(row.info.name))

    def _here(self, info: ModelInfo) -> bool:
        here = {endpoint.name for endpoint in self.catalogue.endpoints() if endpoint.loopback}
        return info.provider == "local" or info.endpoint in here

    def _busy(self) -> bool:
        if self.doing is not None:
            self.complain("A call is under way; Esc cancels it.")
        return self.doing is not None

    def _after_look_up(self, row: Listed, then: Callable[[ModelInfo], None]) -> None:
        """The keyring may hold the key that the list could not see: it is asked now, in a thread."""

        async def look_up() -> None:
            info = row.info
            if not info.available:
                info = await asyncio.to_thread(self.catalogue.look_up, info.name)
            if info.available:
                then(info)
            else:
                self.complain(f"{info.name}: {info.problem}", "error")

        self._hold(look_up())

    def _test(self, info: ModelInfo) -> None:
        def call() -> None:
            self._begin(info.name, "test", self._call(info.name))

        if self._needs_fetch(info, call):
            return
        cost = price(TEST_USAGE, info.prices)
        if info.kind != "real" or cost == 0 or (cost is None and self._here(info)):
            call()
            return
        said = f"{money.show(cost, estimated=True)} at most" if cost is not None else "a price nobody knows"
        question = f"One real call to {one_line(info.name)}, for {said}."
        self.app.push_screen(Confirm(question, "call it", "don't"), lambda sure: call() if sure else None)

    def _needs_fetch(self, info: ModelInfo, then: Callable[[], None]) -> bool:
        embedded = self.session.services.embedded
        words = embedded.missing(info.name) if embedded is not None else None
        if embedded is None or words is None:
            return False

        def fetched(outcome: Outcome | None) -> None:
            if outcome == "ready":
                self.read()
                then()
            elif outcome == "simulate":
                self.read(SIMULATED)

        self.app.push_screen(FetchModel(embedded, info.name, words), fetched)
        return True

    async def _call(self, name: str) -> None:
        try:
            self.tested[name] = await self.catalogue.test(name)
        except WorkbenchError as error:
            self.complain(str(error), "error")

    async def _probe(self, name: str) -> None:
        def say(words: str) -> None:
            if self.doing is not None:
                self.doing = Doing(name, "probe", self.doing.since, words)

        try:
            self.probed[name] = await self.catalogue.probe(name, say)
        except WorkbenchError as error:
            self.probed[name] = str(error)

    def _begin(self, name: str, what: str, work: Coroutine[Any, Any, None]) -> None:
        if self._busy():
            work.close()
            return
        (self.probed if what == "probe" else self.tested).pop(name, None)
        self.doing = Doing(name, what, self.session.services.now())
        self._calling = asyncio.create_task(self._until_done(work))
        self.wake()

    async def _until_done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.doing = None
            if self.is_mounted:
                self.draw()

    def cancel(self) -> bool:
        """Cancel the call under way; False where there is none."""
        if self.doing is None or self._calling is None:
            return False
        self._calling.cancel()
        self.complain(f"Cancelled the {self.doing.what} of {self.doing.model}", "information")
        return True

    async def on_unmount(self) -> None:
        """Nothing outlives the screen."""
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.wait({self._calling})

    def _hold(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, exit_on_error=True)

    # What there is

    def action_pull(self) -> None:
        """Fetch the selected model."""
        row = self.chosen
        if row is None:
            return
        if row.info.provider != "local":
            self.complain("Only models of this machine are fetched: those called local/….")
        elif row.local is not None and row.local.ready:
            self.complain(f"{row.info.name} is on disk already", "information")
        elif not self._needs_fetch(row.info, lambda: self.complain(f"{row.info.name} is on disk", "information")):
            self.complain(f"{row.info.name} can't be fetched: {row.words}", "error")

    def action_add(self) -> None:
        """Add a GGUF."""
        if self.session.services.catalogue is None:
            return

        def added(name: str | None) -> None:
            if name is not None:
                self.complain(f"Added {name}", "information")
                self.read(name)

        self.app.push_screen(AddModel(self.catalogue), added)

    def action_discover(self) -> None:
        """Ask the usual ports."""
        if self.session.services.catalogue is None:
            return

        async def look() -> None:
            found = await self.catalogue.discover()
            self.looked = True
            names = ", ".join(f"{one_line(each.name)} with {len(each.models)} models" for each in found)
            self.complain(f"Found {names}" if found else "No server answers at the usual ports", "information")
            self.read()

        self._hold(look())

    def billing_found(self, info: ModelInfo) -> ModelInfo:
        """What the probe told is truer than any table."""
        probed = self.probed.get(info.name)
        if probed is None or isinstance(probed, str) or probed.verdict == "unknown":
            return info
        return structs.replace(info, billing_on_cancel=probed.verdict)
