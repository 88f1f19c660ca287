"""The lanes."""

from workbench.tui.commands.base import Command, Place

PLACE = Place(
    "Lanes",
    "One line a call: replica, model, progress, tokens, speed, state, answer key and cost. `~` marks an estimate.",
    (
        Command("down", "down", "down,j", "Next lane.", "lanes", "move(1)", palette=False),
        Command("up", "up", "up,k", "Previous lane.", "lanes", "move(-1)", palette=False),
        Command("page_down", "page down", "pagedown,ctrl+d", "A page down.", "lanes", "page(1)", palette=False),
        Command("page_up", "page up", "pageup,ctrl+u", "A page up.", "lanes", "page(-1)", palette=False),
        Command("first", "first", "home,g", "First lane.", "lanes", "edge(-1)", palette=False),
        Command("last", "last", "end,G", "Last lane.", "lanes", "edge(1)", palette=False),
        Command("focus_lane", "focus", "enter", "Read the lane's detail.", "lanes", footer=True, palette=False),
        Command(
            "stop_lane",
            "stop lane",
            "x",
            "Stop this call alone; its node goes on with the rest.",
            "lanes",
            footer=True,
            palette=False,
        ),
        Command(
            "sort",
            "sort",
            "s",
            "Sort by replica, finish, tokens, cost, answer or cluster (equal answers, the most frequent first).",
            "lanes",
            footer=True,
            palette=False,
        ),
        Command(
            "lanes_filter",
            "filter lanes",
            "f",
            "Show only the lanes of one state, answer or node, or all again.",
            "lanes",
            "screen.filter_lanes",
        ),
        Command("lanes_columns", "columns", "c", "The replicas side by side.", "lanes", "screen.columns", footer=True),
        Command("follow", "follow the leader", "F", "Keep the cursor on the one that leads.", "lanes", "screen.follow"),
        Command(
            "lane_tab_next", "next tab", "right,l", "Next tab of the detail.", "lanes", "screen.tab(1)", palette=False
        ),
        Command(
            "lane_tab_previous",
            "previous tab",
            "left,h",
            "Previous tab of the detail.",
            "lanes",
            "screen.tab(-1)",
            palette=False,
        ),
    ),
)
