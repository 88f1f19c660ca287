"""The detail of one call."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Detail",
    "The chosen call in full: its answer, thinking, exact request and money, and why it was chosen or was not.",
    (
        Command("tab_next", "next tab", "right,l", "Next tab.", "detail", "screen.tab(1)", palette=False),
        Command("tab_previous", "previous tab", "left,h", "Previous tab.", "detail", "screen.tab(-1)", palette=False),
        *(
            Command(
                f"tab_{number}",
                f"tab {number}",
                str(number),
                f"Tab {number}.",
                "detail",
                f"screen.tab_number({number})",
                palette=False,
            )
            for number in range(1, 8)
        ),
        Command(
            "lane_next",
            "next",
            "n",
            "The next lane's detail.",
            "detail",
            "screen.lane(1)",
            footer=True,
            palette=False,
        ),
        Command(
            "lane_previous",
            "previous",
            "p",
            "The previous lane's detail.",
            "detail",
            "screen.lane(-1)",
            footer=True,
            palette=False,
        ),
        Command("scroll_down", "scroll down", "down,j", "Scroll down.", "detail", "scroll_down", palette=False),
        Command("scroll_up", "scroll up", "up,k", "Scroll up.", "detail", "scroll_up", palette=False),
        Command(
            "raw",
            "raw",
            "r",
            "Show answers as they were written, or as Markdown again.",
            "detail",
            "screen.raw",
            footer=True,
        ),
        Command(
            "copy",
            "copy",
            "y",
            "Copy the tab's text to the clipboard.",
            "detail",
            "screen.copy",
            footer=True,
            palette=False,
        ),
    ),
)
