"""What the user does to the system on the bench: each change is one step of its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import structs
from textual import events

from workbench.errors import WorkbenchError
from workbench.systems import edits
from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, OPERATORS
from workbench.systems.nodes import AnyTest, System, kind_of
from workbench.tui import forms, grafts
from workbench.tui.grafts import Graft
from workbench.tui.screens import dialogs
from workbench.tui.screens.keeping import Keeping
from workbench.tui.text import one_line
from workbench.tui.widgets import panes
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.system_tree import SystemTree


class Editing(Keeping):
    """The Bench's half that changes the system."""

    _typed: System | None = None
    """What the notation was last typed to be, as long as the focus stays in it."""

    @property
    def selected(self) -> str:
        """Path of the node under the tree's cursor; every path it gives stands in the present system."""
        return self.query_one(SystemTree).selected

    def action_undo(self) -> None:
        """The system before the last change."""
        if not self.session.history.can_undo:
            self.notify("Nothing to undo.", markup=False, timeout=2)
        self.session.history.undo()
        self.changed()

    def action_redo(self) -> None:
        """The change again."""
        if not self.session.history.can_redo:
            self.notify("Nothing to redo.", markup=False, timeout=2)
        self.session.history.redo()
        self.changed()

    def on_notation_line_changed(self) -> None:
        """The notation was edited: the tree follows. What is typed without leaving the line is one step."""
        line = self.query_one(panes.NotationLine)
        if line.untold is None:
            return
        history, new = self.session.history, structs.replace(self.session.system, root=line.untold)
        line.untold = None
        if history.system is self._typed:
            history.undo()
        history.do(new)
        self._typed = new if history.system is new else None
        self.changed()

    def take_notation(self) -> None:
        """The app goes before the line's last change was told of."""
        for line in self.query(panes.NotationLine):
            line.read()
            self.on_notation_line_changed()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Leaving the notation ends its step."""
        if isinstance(event.widget, panes.NotationText):
            self._typed = None

    def on_notation_line_judged(self) -> None:
        """What is said of the system holds as long as the notation says the same."""
        self.foresee()
        self.draft_soon()

    def on_notation_line_accepted(self) -> None:
        """Enter in the notation."""
        if not self.query_one(panes.NotationLine).broken:
            self.query_one(panes.NotationLine).print()
            self.query_one(PromptText).focus()

    # The tree's keys

    def action_replicas(self, by: int) -> None:
        """More or fewer copies of the node."""
        replicas = getattr(edits.get(self.session.system, self.selected), "replicas", None)
        if replicas is None:
            self.notify("A check has no replicas.", markup=False, timeout=3)
        elif replicas + by >= 1:
            self._graft(lambda system, path: Graft(edits.set_field(system, path, "replicas", replicas + by), path))

    def action_delete_node(self) -> None:
        """Without the node."""
        self._graft(grafts.delete)

    def action_duplicate_node(self) -> None:
        """The node twice."""
        self._graft(grafts.duplicate)

    def action_shift_node(self, by: int) -> None:
        """Up or down among its siblings."""
        self._graft(lambda system, path: grafts.move(system, path, by))

    def action_unwrap_node(self) -> None:
        """Its children in its place."""
        self._graft(lambda system, path: Graft(edits.unwrap(system, path), path))

    def action_wrap_node(self) -> None:
        """Into an operator of a kind to be chosen."""
        entries = {kind: grafts.about(kind) for kind in OPERATORS}
        self._pick(f"Wrap {self._called()} in", entries, lambda kind: self._wrap(kind))

    def _wrap(self, kind: str) -> None:
        self._graft(lambda system, path: Graft(edits.wrap(system, path, kind), path))

    def action_change_kind(self) -> None:
        """Another kind, to be chosen."""
        system, path = self.session.system, self.selected
        own = kind_of(edits.get(system, path))
        entries = {kind: about for kind, about in self._kinds().items() if kind != own}
        if grafts.is_test(system, path):
            entries |= {kind: grafts.about(kind) for kind in CHECKS_BY_KIND if kind != own}
        self._pick(f"Turn {self._called()} into", entries, lambda kind: self._turn(kind))

    def _turn(self, kind: str) -> None:
        self._graft(lambda system, path: grafts.change(system, path, kind))

    def action_add_node(self) -> None:
        """A new node inside, or beside where the node holds none."""
        inside = grafts.holds_children(edits.get(self.session.system, self.selected))
        self._add("Add into" if inside else "Add beside", grafts.add)

    def action_add_beside(self) -> None:
        """A new node behind the selected one."""
        self._add("Add beside", grafts.beside)

    def _add(self, verb: str, place: Callable[[System, str, AnyTest], Graft]) -> None:
        def picked(kind: str) -> None:
            model = grafts.near_model(self.session.system, self.selected)
            self._graft(lambda system, path: place(system, path, grafts.fresh(kind, model)))

        self._pick(f"{verb} {self._called()}", self._kinds(), picked)

    def _kinds(self) -> dict[str, str]:
        """Every kind of node that can stand anywhere, then the saved systems."""
        kinds = {kind: grafts.about(kind) for kind in NODES_BY_KIND if kind != "ref"}
        own = self.session.system.name
        return kinds | {f"${name}": "a saved system" for name in self.session.services.systems.names() if name != own}

    # Forms

    def on_system_tree_opened(self, message: SystemTree.Opened) -> None:
        """The node's fields."""
        self.open_form(message.path)

    def open_form(self, path: str) -> None:
        """The fields of the node at the path. Raises `EditError` where there is none."""
        system = self.session.system
        node = edits.get(system, path)
        kind = kind_of(node)
        title = kind if not path else f"{kind}  at {path}"

        def commit(values: Mapping[str, object]) -> None:
            self.change(forms.apply(self.session.system, path, values))

        search = self.session.services.search
        form = dialogs.Form(title, grafts.about(kind), forms.entries_of(system, path), commit, search)
        self.ask(form, lambda _: None, "form", path)

    def action_edit_system(self) -> None:
        """What belongs to the system as a whole."""

        def commit(values: Mapping[str, object]) -> None:
            self.change(forms.apply_to_system(self.session.system, values))

        about = "The system as a whole: what it is for, how answers are compared, what a run may cost."
        form = dialogs.Form("system", about, forms.entries_of_system(self.session.system), commit)
        self.ask(form, lambda _: None, "system")

    # Copy and paste

    def action_copy_node(self) -> None:
        """The subtree as YAML, to the clipboard."""
        node = edits.get(self.session.system, self.selected)
        self.app.copy_to_clipboard(grafts.text_of(node))
        self.notify(f"Copied {self._called()} as YAML", markup=False, timeout=2)

    def action_cut_node(self) -> None:
        """Copied, then deleted."""
        text = grafts.text_of(edits.get(self.session.system, self.selected))
        if self._graft(grafts.delete):
            self.app.copy_to_clipboard(text)

    def action_paste_node(self) -> None:
        """What was copied last in the app."""
        self._paste(self.app.clipboard)

    def on_system_tree_pasted(self, message: SystemTree.Pasted) -> None:
        """The terminal's paste."""
        self._paste(message.text)

    def _paste(self, text: str) -> None:
        self._graft(lambda system, path: grafts.paste(system, path, grafts.node_of(text)))

    # How

    def _called(self) -> str:
        node = edits.get(self.session.system, self.selected)
        return one_line(str(getattr(node, "model", "") or kind_of(node)))

    def _pick(self, title: str, entries: dict[str, str], then: Callable[[str], None]) -> None:
        def picked(name: str | None) -> None:
            if name is not None:
                then(name)

        self.app.push_screen(dialogs.Pick(title, entries), picked)

    def _graft(self, edit: Callable[[System, str], Graft]) -> bool:
        """Make the edit at the selected node; one that makes no sense is explained and changes nothing."""
        try:
            system, path = edit(self.session.system, self.selected)
        except WorkbenchError as error:
            self.complain(error)
            return False
        self.change(system)
        self.query_one(SystemTree).select(path)
        return True
