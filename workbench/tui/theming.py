"""How the app is dressed: themes, live, and what the terminal makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.filter import LineFilter, Monochrome
from textual.notifications import SeverityLevel
from textual.theme import Theme

from workbench import paths
from workbench.tui import theme, theme_watch
from workbench.tui.terminal import FULL, Fewer, Plain, Terminal
from workbench.tui.theme_watch import Changes, Watch


class Theming(App[int]):
    """The app's base. The user's themes are read again as they are saved."""

    FEW: ClassVar[str] = "-few"
    """Class of the app where backgrounds can't be relied on: dialogs get a line around them."""

    def __init__(self, *, css_path: list[str]) -> None:
        super().__init__(css_path=list(css_path))
        self.terminal = Terminal()
        self._ours: list[LineFilter] = []
        self._lost = ""
        self._base: dict[str, Theme] = {}
        self._waiting: list[Path] = []

    def dress(self, wanted: str, terminal: Terminal, *, lazily: bool = False) -> list[str]:
        """Themes found and the wanted one put on, for this terminal. `lazily`: reading the shipped ones takes as long
        as a frame or two, so those that aren't needed come later. Returns a sentence for each problem."""
        self.terminal = terminal
        self.set_class(terminal.few, self.FEW)
        if terminal.colours < FULL:
            self._ours.append(Fewer(terminal.colours, lambda: self.theme_variables))
        if terminal.ascii:
            self._ours.append(Plain(terminal.encoding))
        wanted = theme.SIXTEEN if terminal.colours == 16 else wanted
        self._base = dict(self.available_themes)
        self.watch_folder = Watch(paths.themes_dir(), self._base)
        self._waiting = theme.shipped() if lazily else []
        problems = self._ship(theme.load_files(theme.shipped([wanted] if lazily else None)))
        problems += self._take(self.watch_folder.changes())
        if wanted not in self.available_themes:
            problems.append(f"There is no theme {wanted!r}; {theme.DEFAULT} is used.")
            wanted = theme.DEFAULT
            problems += self._ship(theme.load_files(theme.shipped([wanted] if lazily else [])))
        if wanted in self.available_themes:
            self._put_on(wanted)
        return problems

    def _put_on(self, name: str) -> None:
        """The theme to start with. Its styles are the first that are read: set as any other later, they would be read
        twice before the first frame."""
        self.set_reactive(App.theme, name)
        dark = self.current_theme.dark
        self.set_class(True, f"-theme-{name}", update=False)
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def on_mount(self) -> None:
        """Look at the folder from now on."""
        self.set_interval(theme_watch.SECONDS, self.look_at_themes)

    async def look_at_themes(self) -> None:
        """Take what has been saved since; a bad file and a lost theme are told of."""
        problems: list[str] = []
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            problems = self._ship(await asyncio.to_thread(theme.load_files, waiting))
        for problem in [*problems, *self._take(await self.watch_folder.poll())]:
            self.notify(problem, severity="warning", markup=False, timeout=10)

    def _ship(self, found: theme.Themes) -> list[str]:
        """Register shipped themes; the user's of the same name stay."""
        for one in found.themes:
            if self._base.get(one.name) is self.available_themes.get(one.name):
                self.register_theme(one)
            self._base[one.name] = one
        return list(found.problems)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, ours filled in where it lacks them."""
        variables = theme.complete(super().get_css_variables())
        self.theme_variables = variables
        return variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's and ours; its shades of grey are no answer to NO_COLOR."""
        theirs = super().get_line_filters()
        if self.terminal.colours == 0:
            theirs = [one for one in theirs if not isinstance(one, Monochrome)]
        return [*theirs, *self._ours]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """A toast; where its colour can't tell how grave it is, a word does."""
        if self.terminal.few and not title and severity != "information":
            title = severity
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def action_next_theme(self) -> None:
        """The next theme by name."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def _take(self, changes: Changes) -> list[str]:
        for one in changes.themes:
            self.register_theme(one)
            if one.name == self.theme:
                self.mutate_reactive(Theming.theme)
            elif one.name == self._lost and self.theme == theme.DEFAULT:
                self.theme, self._lost = one.name, ""
        problems = list(changes.problems)
        for name in changes.gone:
            if name == self.theme:
                problems.append(f"The theme {name!r} is gone; {theme.DEFAULT} is used until it is back.")
                self.theme, self._lost = theme.DEFAULT, name
            self.unregister_theme(name)
        return problems
