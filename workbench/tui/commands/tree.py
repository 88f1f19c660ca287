"""The system tree."""

from workbench.tui.commands.base import Command, Place


def _moving(command: str, title: str, keys: str, help_text: str, action: str) -> Command:
    return Command(command, title, keys, help_text, "tree", action, palette=False)


def _changing(command: str, title: str, keys: str, help_text: str, action: str, *, footer: bool = False) -> Command:
    return Command(command, title, keys, help_text, "tree", f"screen.{action}", footer=footer)


PLACE = Place(
    "System tree",
    "The system as an outline, parents first, with what each node is doing; a mark before a node is told in words "
    "under the notation. The notation is the same system. Every change is one step that undo takes back.",
    (
        _moving("node_down", "down", "down,j", "Next node.", "move(1)"),
        _moving("node_up", "up", "up,k", "Previous node.", "move(-1)"),
        _moving("node_first", "first", "home,g", "First node.", "edge(-1)"),
        _moving("node_last", "last", "end,G", "Last node.", "edge(1)"),
        _moving("fold", "fold", "space", "Hide or show what is inside the node.", "fold"),
        _moving("fold_shut", "fold", "left,h", "Fold the node, or go to its parent.", "fold_to(True)"),
        _moving("fold_open", "unfold", "right,l", "Unfold the node, or go to its first child.", "fold_to(False)"),
        _moving("fold_all", "fold all", "z", "Fold everything below the root, or unfold all.", "fold_all"),
        Command(
            "edit", "edit", "enter,e", "Edit the node's fields in a form.", "tree", "edit", footer=True, palette=False
        ),
        _changing(
            "edit_system", "system settings", "i", "Name, purpose, budget and tags of the system.", "edit_system"
        ),
        _moving("edit_external", "$EDITOR", "E", "Edit the system's YAML in $EDITOR.", "screen.external_editor"),
        _changing("add", "add node", "a", "Add a node: inside an operator, beside a model.", "add_node", footer=True),
        _changing("add_beside", "add node beside", "A", "Add a node behind the selected one.", "add_beside"),
        _changing("wrap", "wrap node", "w", "Put the node into a new operator.", "wrap_node", footer=True),
        _changing("unwrap", "unwrap node", "W", "Put the operator's children in its place.", "unwrap_node"),
        _changing("kind", "change kind", "t", "Turn the node into another kind; what fits is kept.", "change_kind"),
        _changing("delete", "delete node", "d,delete", "Delete the node with all inside.", "delete_node", footer=True),
        _changing("duplicate", "duplicate node", "D", "Put a copy of the node behind it.", "duplicate_node"),
        _changing(
            "node_lower", "move node down", "J,alt+down", "Move the node behind its next sibling.", "shift_node(1)"
        ),
        _changing("node_higher", "move node up", "K,alt+up", "Move the node before its sibling.", "shift_node(-1)"),
        _changing(
            "more", "more replicas", "plus,equals_sign", "One replica more of the node.", "replicas(1)", footer=True
        ),
        _changing("fewer", "fewer replicas", "minus", "One replica fewer of the node.", "replicas(-1)"),
        _changing("copy_node", "copy node", "c,y", "Copy the node with all inside, as YAML.", "copy_node"),
        _changing("cut_node", "cut node", "x", "Copy the node as YAML, then delete it.", "cut_node"),
        _changing(
            "paste_node",
            "paste node",
            "v,p",
            "Paste YAML or notation: inside an operator, beside a model, in place of a judge or verifier. The "
            "terminal's own paste does the same.",
            "paste_node",
        ),
        _moving("fire_node", "fire alone", "r", "Fire this node alone with all inside.", "screen.run_part"),
        _changing("undo", "undo", "ctrl+z,u", "Take the last change of the system back, wherever it was made.", "undo"),
        _changing("redo", "redo", "ctrl+y,U", "Make the change again.", "redo"),
    ),
)
