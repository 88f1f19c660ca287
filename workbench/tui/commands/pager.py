"""The app's own pager."""

from workbench.tui.commands.base import Command, Place


def _key(name: str, title: str, keys: str, help_text: str, action: str, *, footer: bool = False) -> Command:
    return Command(f"pager_{name}", title, keys, help_text, "pager", action, footer=footer, palette=False)


PLACE = Place(
    "Pager",
    "A text in full, to be read. This one is the app's own: for where there is no other or the app can't step aside,"
    ' and with `defaults.pager = "builtin"`.',
    (
        _key("leave", "back", "escape,q,f3", "Back to where you were.", "leave", footer=True),
        _key("down", "down", "down,j", "A line down.", "by(1)"),
        _key("up", "up", "up,k", "A line up.", "by(-1)"),
        _key("page_down", "page down", "space,pagedown,ctrl+d", "A page down.", "by_page(1)", footer=True),
        _key("page_up", "page up", "b,pageup,ctrl+u", "A page up.", "by_page(-1)", footer=True),
        _key("start", "start", "home,g", "To the start.", "edge(0)", footer=True),
        _key("end", "end", "end,G", "To the end.", "edge(1)", footer=True),
        _key("copy", "copy", "y", "Copy the text to the clipboard.", "copy", footer=True),
    ),
)
