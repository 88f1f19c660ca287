"""The YAML view."""

from workbench.tui.commands.base import Command, Place


def _key(command: str, title: str, keys: str, help_text: str, what: str) -> Command:
    return Command(
        command, title, keys, help_text, "yaml", f"yaml('{what}')", footer=True, palette=False, priority=True
    )


PLACE = Place(
    "YAML",
    "The whole system as it is saved. What is wrong stands under the text with line and column; leaving takes a text "
    "that reads as one step of the history, and keeps one that does not for the next time.",
    (
        _key("yaml_leave", "back", "escape,f8", "Back to the Bench with what the text says.", "leave"),
        _key("yaml_save", "save", "ctrl+s", "Back to the Bench, and save.", "save"),
        _key("yaml_editor", "$EDITOR", "ctrl+e", "Edit the text in $EDITOR.", "editor"),
        _key("yaml_error", "to the error", "ctrl+g", "Put the cursor where the text does not read.", "error"),
    ),
)
