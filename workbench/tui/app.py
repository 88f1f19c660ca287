"""The Textual app: themes, keys, leaving. What is on the bench lives in `session`, how it looks in `screens`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.command import Provider

from workbench.errors import WorkbenchError
from workbench.systems.nodes import Model, System
from workbench.tui import commands, pasting, theme
from workbench.tui.palette import Commands
from workbench.tui.screens.bench import Bench
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.help import Help
from workbench.tui.screens.places import where_of
from workbench.tui.services import Services
from workbench.tui.session import Session

FALLBACK = System(name="single", root=Model(model="local/smollm2-135m"))
"""What stands on the bench where the configured system can't be read."""


class WorkbenchApp(App[int]):
    """The app. `system`: a name, path or line of notation to open with; `prompt`: what stands in the box; `replay`: a
    past run to show."""

    TITLE = "workbench"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("app")

    def __init__(
        self,
        services: Services,
        *,
        system: str | System | None = None,
        prompt: str | None = None,
        replay: str | None = None,
    ) -> None:
        super().__init__(css_path=["app.tcss", "screens/bench.tcss"])
        self.animation_level = "none"
        self.HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (100, "-roomy"), (150, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-middle"), (38, "-tall")]
        self.services = services
        self._problems: list[str] = [services.store_problem] if services.store_problem else []
        self.session = Session(services, self._opening(system))
        if not isinstance(system, System):
            self.session.came_from(system or services.config.defaults.system)
        self.bench = Bench(self.session, services.config.defaults.prompt if prompt is None else prompt, replay)
        self._load_themes()

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, ours filled in where it lacks them."""
        variables = theme.complete(super().get_css_variables())
        self.theme_variables = variables
        return variables

    def on_mount(self) -> None:
        """The Bench, and what went wrong on the way to it."""
        self._listen()
        self.set_keymap(self.services.config.keys)
        for problem in self._problems:
            self.notify(problem, severity="warning", markup=False, timeout=10)

    async def on_unmount(self) -> None:
        """However the app ends: the run is ended, the models' connections and processes are closed."""
        self.session.stop()
        await self.session.wait()
        await self.services.models.aclose()

    def get_default_screen(self) -> Bench:
        """The Bench."""
        return self.bench

    def action_help(self) -> None:
        """Help for the focused pane."""
        if not isinstance(self.screen, Help):
            self.push_screen(Help(where_of(self.screen.focused), self.services.config.keys))

    def action_next_theme(self) -> None:
        """The next theme by name."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_leave(self) -> None:
        """Leave; in mid-run ask once."""
        if not self.session.running:
            self.exit(0)
        elif not isinstance(self.screen, Confirm):
            question = "A run is under way. Leave and cancel it? What has arrived is kept."
            self.push_screen(Confirm(question, "cancel it and leave", "stay"), self._leave)

    def _listen(self) -> None:
        """SIGTERM and SIGHUP leave without asking: the run is ended and kept as for any other way out."""
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                    asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

    async def _leave(self, sure: bool | None) -> None:
        if sure:
            self.session.stop()
            await self.session.wait()
            self.exit(0)

    def _opening(self, system: str | System | None) -> System:
        if isinstance(system, System):
            return system
        try:
            return self.services.systems.find(system or self.services.config.defaults.system)
        except WorkbenchError as error:
            self._problems.append(str(error))
            return FALLBACK

    def _load_themes(self) -> None:
        found = theme.load()
        for one in found.themes:
            self.register_theme(one)
        self._problems += found.problems
        wanted = self.services.config.defaults.theme
        if wanted not in self.available_themes:
            self._problems.append(f"There is no theme {wanted!r}; {theme.DEFAULT} is used.")
            wanted = theme.DEFAULT
        if wanted in self.available_themes:
            self.theme = wanted


def run(
    services: Services | None = None,
    *,
    system: str | System | None = None,
    prompt: str | None = None,
    replay: str | None = None,
) -> int:
    """Open the app and stay until the user leaves; returns the exit code. `services`: the real ones by
    default. Raises `LedgerError` where the last run could not be kept."""
    from workbench.tui.wiring import services as real

    services = services or real()
    app = WorkbenchApp(services, system=system, prompt=prompt, replay=replay)
    pasting.install()
    code = app.run() or app.return_code or 0
    if services.store is not None:
        services.store.close()
    return code
