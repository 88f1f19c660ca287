"""The Textual app: themes, keys, leaving. What is on the bench lives in `session`, how it looks in `screens`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import ModalScreen
from textual.widgets import Input

from workbench.errors import WorkbenchError
from workbench.systems.nodes import Model as Single
from workbench.systems.nodes import System
from workbench.tui import commands, garbage, output, paging, pasting
from workbench.tui.commands.base import ROOMS
from workbench.tui.comparing import Comparing
from workbench.tui.hints import Hints
from workbench.tui.palette import Commands, Palette
from workbench.tui.resuming import SECONDS, Resuming
from workbench.tui.screens import dialogs
from workbench.tui.screens.bench import Bench
from workbench.tui.screens.dialog import Dialog, unapplied
from workbench.tui.screens.places import where_of
from workbench.tui.services import Services
from workbench.tui.session import Session
from workbench.tui.terminal import Terminal, detect
from workbench.tui.text import flat
from workbench.tui.theming import Theming
from workbench.tui.typeahead import TypeAhead, reads_keys
from workbench.tui.widgets.prompt_box import PromptBox

if TYPE_CHECKING:  # each is imported when it is first gone to
    from workbench.tui.jump import Goal
    from workbench.tui.screens.compare import Compare
    from workbench.tui.screens.frontier import FrontierScreen
    from workbench.tui.screens.lab import Lab
    from workbench.tui.screens.models import Models
    from workbench.tui.screens.runs import Runs

FALLBACK = System(name="single", root=Single(model="local/smollm2-135m"))
"""What stands on the bench where the configured system can't be read."""


STYLES = ("app.tcss", "screens/bench.tcss")
RUN_STYLES = ("screens/run.tcss",)
"""Those of the panes that come with the second frame."""
LATER_STYLES = tuple(
    f"screens/{name}.tcss" for name in ("dialogs", "editing", "runs", "compare", "frontier", "lab", "models")
)
"""Those of what neither shows."""


class WorkbenchApp(Theming):
    """The app. `system`: a name, path or line of notation to open with; `prompt`: what stands in the box; `replay`: a
    past run to show; `terminal`: what it can do, everything by default; `lazily`: the first frame shows
    the system, the prompt and the keys, and waits for nothing else; `fresh`: not as it was left."""

    TITLE = "workbench"
    DEFAULT_MODE: ClassVar[str] = "bench"
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
        terminal: Terminal | None = None,
        lazily: bool = False,
        fresh: bool = False,
    ) -> None:
        super().__init__(css_path=[*STYLES, *([] if lazily else RUN_STYLES + LATER_STYLES)])
        self.animation_level = "none"
        self.HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (100, "-roomy"), (150, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-middle"), (38, "-tall")]
        self.services = services
        self._for_real = lazily
        self._problems: list[str] = [services.store_problem] if services.store_problem else []
        defaults, asked = services.config.defaults, system is not None or replay is not None
        self.resuming = Resuming(services.memory, defaults, fresh=fresh, asked=asked)
        left = self.resuming.left
        system, file = self.resuming.system(services.systems) if system is None else (system, "")
        self._problems += [self.resuming.problem] if self.resuming.problem else []
        self.session = Session(services, self._opening(system))
        self.session.nothing_asked = not (asked or fresh)
        self.session.wording.instruction, self.session.wording.values = left.instruction, dict(left.values)
        if file or not isinstance(system, System):
            self.session.came_from(file or str(system or defaults.system))
        self.comparing = Comparing(services)
        self.runs: Runs | None = None
        self.compare: Compare | None = None
        self.hints = Hints(self)
        self._typed_ahead = TypeAhead(self, self._obey)
        written = left.prompt if prompt is None else prompt
        self.bench = Bench(
            self.session, defaults.prompt if written is None else written, replay, self._style_run if lazily else None
        )
        self._problems += self.dress(left.theme or defaults.theme, terminal or Terminal(), lazily=lazily)

    def on_mount(self) -> None:
        """The Bench, and what went wrong on the way to it."""
        if self._for_real:
            self.set_interval(garbage.FORGETS_EVERY_S, self._forget)
        self._listen()
        self.set_keymap(self.services.config.keys)
        self.add_mode(self.DEFAULT_MODE, lambda: self.bench)
        self.add_mode("compare", self._make_compare)
        self.add_mode("runs", self._make_runs)
        self.add_mode("frontier", self._make_frontier)
        self.add_mode("lab", self._make_lab)
        self.add_mode("models", self._make_models)
        for problem in self._problems:
            self.notify(problem, severity="warning", markup=False, timeout=10)
        if self.resuming.remembers:
            self.set_interval(SECONDS, partial(self.resuming.keep, self))

    async def on_bench_stands(self) -> None:
        """What the first frames did not need; then the keys that were typed before there was anything to take them."""
        if self._for_real:
            self._read_styles(LATER_STYLES)
            garbage.settle()
        if self.resuming.remembers:
            self.call_after_refresh(self.resuming.open, self)
        await self._typed_ahead.go()

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; how things stand is kept for the next time, text in the YAML view too."""
        self.bench.take_notation()
        for screen in self.screen_stack:
            if isinstance(screen, dialogs.Yaml):
                self.bench.keep_yaml(screen.text)
            elif isinstance(screen, Dialog):
                screen.touched()
        self.bench.keep_draft()
        self.hints.leave()
        self.resuming.keep_now(self)
        super().exit(result, return_code, message)

    async def on_unmount(self) -> None:
        """However the app ends: the run is ended, the models' connections and processes are closed."""
        await self._stop_all()
        await self.services.models.aclose()

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes one after the other."""
        ahead = isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self._screen_stack
        await (self._typed_ahead.take(event) if ahead else super().on_event(event))

    async def _obey(self, event: events.Event) -> bool:
        """Whether it is done. A key that no widget reads as text is obeyed at once: Textual would hand it from parent
        to parent, a turn of the loop each, and turns are long while a thousand replicas speak."""
        if (
            isinstance(event, events.Key)
            and self.app_focus
            and self.screen.maximized is None
            and not reads_keys(self.focused or self.screen)
            and (await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key))
        ):
            return True
        if isinstance(event, events.Paste) and isinstance(self.focused, Input):
            event = events.Paste(flat(event.text))
        await super().on_event(event)
        return False

    def get_default_screen(self) -> Bench:
        """The Bench, laid out for this terminal from its first frame on. Keys wait until it stands."""
        self._typed_ahead.hold()
        width, height = self.size
        for stops, length in ((self.HORIZONTAL_BREAKPOINTS, width), (self.VERTICAL_BREAKPOINTS, height)):
            self.bench.add_class(next(name for least, name in reversed(stops or ()) if length >= least), update=False)
        return self.bench

    def action_go(self, room: str) -> None:
        """To a screen by its id. A dialog stays where it is."""
        if not isinstance(self.screen, ModalScreen):
            self.switch_mode(room)
            self.call_later(self.resuming.keep, self)

    def action_next_room(self) -> None:
        """The screens in the order of their numbers, round and round."""
        rooms = [room for room, _ in ROOMS.values()]
        here = self.current_mode if self.current_mode in rooms else rooms[0]
        self.action_go(rooms[(rooms.index(here) + 1) % len(rooms)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a dialog there are no panes to jump between or to read; its own keys come first."""
        if getattr(self.screen, "ANY_KEY_ENDS_IT", False):
            return action == "leave"
        if action == "jump":
            return not isinstance(self.screen, ModalScreen)
        if action == "hide_hint":
            return self.hints.shown is not None
        return action not in ("pager", "edit_text") or paging.shown(self.screen) is not None

    async def action_pager(self) -> None:
        """The focused pane's text in the pager."""
        await paging.page(self, self.services.config.defaults.pager, self.services.config.keys)

    async def action_edit_text(self) -> None:
        """The focused pane's text in $EDITOR."""
        await paging.edit(self)

    def action_command_palette(self) -> None:
        """Every command by name."""
        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def action_hide_hint(self) -> None:
        """The hint was read."""
        self.hints.hide()

    def action_jump(self) -> None:
        """A letter on every pane."""

        def chosen(goal: Goal | None) -> None:
            if goal is not None:
                goal.go()

        self.push_screen(dialogs.Jump(self.screen), chosen)

    def show_run(self, ref: str, *, replay: bool = False) -> None:
        """A past run on the Bench: as it stood at its end, or again with its own timing."""
        self.action_go("bench")
        self.bench.replay(ref) if replay else self.bench.show(ref)

    async def open_lab(self, runs: Sequence[str]) -> None:
        """The draws of past runs on the Lab screen."""
        from workbench.tui.screens.lab import Lab

        await self.switch_mode("lab")
        if isinstance(self.screen, Lab):
            self.screen.take_runs(runs)

    async def show_runs(self, search: str) -> None:
        """Past runs on the Runs screen, as its search line would find them."""
        await self.switch_mode("runs")
        if self.runs is not None:
            self.runs.look_for(search)

    def action_help(self) -> None:
        """Help for the focused pane; once more closes it."""
        if isinstance(self.screen, dialogs.Help):
            self.screen.dismiss()
        else:
            room = getattr(self.screen, "ROOM", None)
            where = where_of(self.screen.focused) if room is None else room
            self.push_screen(dialogs.Help(where, self.services.config.keys))

    def action_leave(self) -> None:
        """Leave; in mid-run, or where a dialog would take text with it, ask once."""
        (running, several), typed = self._under_way(), any(map(unapplied, self.screen_stack))
        if not running and not typed:
            self.exit(0)
        elif isinstance(self.screen, dialogs.Leaving):
            self.screen.dismiss(True)
        else:
            it, verb = ("them", "are") if several else ("it", "is")
            asked = [f"{running} {verb} under way. Leave and cancel {it}? What has arrived is kept."] if running else []
            asked += ["What is typed in the dialog is not applied yet. Leave without it?"] if typed else []
            yes = f"cancel {it} and leave" if running else "leave without it"
            self.push_screen(dialogs.Leaving("\n".join(asked), yes, "stay"), self._leave)

    def _under_way(self) -> tuple[str, bool]:
        """`A run` or `3 runs and a comparison`, nothing where nothing goes on; and whether they are several."""
        runs, comparing = len(self.session.under_way), self.comparing.live
        said = [f"{runs} runs" if runs > 1 else "a run"] if runs else []
        said += ["a comparison"] if comparing else []
        words = " and ".join(said)
        return words[:1].upper() + words[1:], runs + comparing > 1

    def _style_run(self) -> None:
        self._read_styles(RUN_STYLES)

    def _read_styles(self, names: Sequence[str]) -> None:
        """Styles of what is not there yet: nothing that stands is styled anew."""
        for name in names:
            self.stylesheet.read(Path(__file__).parent / name)

    def _listen(self) -> None:
        """SIGTERM and SIGHUP leave without asking: the run is ended and kept as for any other way out."""
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
                    asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def _forget(self) -> None:
        garbage.forget(busy=bool(self.session.under_way) or self.comparing.live)

    async def _leave(self, sure: bool | None) -> None:
        if sure:
            await self._stop_all()
            for screen in self.screen_stack:
                if isinstance(screen, Dialog):
                    screen.touched = lambda: None
            self.bench.forget_open()
            self.exit(0)

    async def _stop_all(self) -> None:
        self.session.stop_all()
        self.comparing.stop()
        await self.session.wait()
        await self.comparing.wait()

    def _make_compare(self) -> Compare:
        """The Compare screen as it was left: systems, prompt, how often."""
        from workbench.tui.screens.compare import Compare

        left, comparing = self.resuming.left, self.comparing
        for system in left.compare:
            comparing.add(system)
        comparing.repeat(left.compare_repeats - comparing.repeats)
        comparing.together = left.compare_together
        self.compare = Compare(self.session, comparing, self._prompt, self.show_run, left.compare_prompt)
        return self.compare

    def _make_runs(self) -> Runs:
        from workbench.tui.screens.runs import Runs

        self.runs = Runs(self.session, self.resuming.left.search)
        return self.runs

    def _make_frontier(self) -> FrontierScreen:
        from workbench.tui.screens.frontier import FrontierScreen

        return FrontierScreen(self.session)

    def _make_lab(self) -> Lab:
        from workbench.tui.screens.lab import Lab

        return Lab(self.session)

    def _make_models(self) -> Models:
        from workbench.tui.screens.models import Models

        return Models(self.session)

    def _prompt(self) -> str:
        return self.bench.query_one(PromptBox).text

    def _opening(self, system: str | System | None) -> System:
        if isinstance(system, System):
            return system
        try:
            return self.services.systems.find(system or self.services.config.defaults.system)
        except WorkbenchError as error:
            self._problems.append(str(error))
            return FALLBACK


def run(
    services: Services | None = None,
    *,
    system: str | System | None = None,
    prompt: str | None = None,
    replay: str | None = None,
    fresh: bool = False,
) -> int:
    """Open the app and stay until the user leaves; returns the exit code. `services`: the real ones by
    default; `fresh`: not as it was left. Raises `LedgerError` where the last run could not be kept."""
    from workbench.tui.wiring import services as real

    services = services or real()
    terminal = detect(ascii_wanted=services.config.defaults.ascii)
    app = WorkbenchApp(
        services, system=system, prompt=prompt, replay=replay, terminal=terminal, lazily=True, fresh=fresh
    )
    pasting.install()
    output.install()
    code = app.run() or app.return_code or 0
    if services.store is not None:
        services.store.close()
    return code
