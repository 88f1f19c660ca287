"""The Frontier screen, and the chart on it."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = (
    Command("frontier_open", "its runs", "enter", "Show the system's runs on the Runs screen.", "frontier",
            "open_runs", footer=True),
    Command("frontier_run", "newest run", "o", "Show the system's newest run on the Bench.", "frontier", "open_run",
            footer=True),
    Command("frontier_x", "x axis", "x", "The next quantity on the x axis: cost, latency, accuracy, disagreement, "
            "tokens.", "frontier", "turn('x')", footer=True),
    Command("frontier_y", "y axis", "y", "The next quantity on the y axis.", "frontier", "turn('y')", footer=True),
    Command("frontier_export", "export", "e", "Write the chart to a file (SVG, PNG, PDF, HTML, Vega-Lite, CSV, JSON, "
            "Markdown), its figures as CSV beside it.", "frontier", "export", footer=True),
    Command("frontier_z", "third axis", "z", "The next quantity as a third axis, or none: a system is then beaten only "
            "by one that is no worse on it either.", "frontier", "turn('z')"),
    Command("frontier_kind", "real or simulated", "r", "Real runs, simulated or recorded ones; they are never mixed.",
            "frontier", "kind", footer=True),
    Command("frontier_filter", "filter", "f", "Choose a kind, tag, system, file of tasks or date to show alone.",
            "frontier", "filter", footer=True),
    Command("frontier_find", "search", "slash", "Type what the runs are chosen by: words of prompts, `tag:` `system:` "
            "`tasks:` `since:` `until:` `kind:`.", "frontier", "find"),
    Command("frontier_line", "hull", "h", "Draw the convex hull, which mixtures of systems reach, or the staircase.",
            "frontier", "line", footer=True),
    Command("frontier_axes", "axes", "a", "Choose an axis from a list.", "frontier", "axes", footer=True),
    Command("frontier_scale", "linear", "l", "Linear axes, or logarithmic ones where values are far apart.", "frontier",
            "scale"),
    Command("frontier_zoom_in", "zoom in", "plus,equals_sign", "Zoom in, around the chosen system.", "frontier",
            "zoom(1)"),
    Command("frontier_zoom_out", "zoom out", "minus", "Zoom out.", "frontier", "zoom(-1)"),
    Command("frontier_whole", "all in sight", "0", "The whole chart.", "frontier", "whole"),
    Command("frontier_back", "back", "escape", "Leave the search line; else empty it; else show the whole chart.",
            "frontier", "back", palette=False),
    Command("frontier_down", "down", "down,j", "Next system of the table.", "frontier", "move(1)", palette=False),
    Command("frontier_up", "up", "up,k", "Previous system.", "frontier", "move(-1)", palette=False),
    Command("frontier_first", "first", "home,g", "First system.", "frontier", "move(-9999)", palette=False),
    Command("frontier_last", "last", "end,G", "Last system.", "frontier", "move(9999)", palette=False),
)  # fmt: skip
PLACE = Place(
    "Frontier",
    "Which systems no other beats on cost, latency, accuracy, tokens or disagreement, from runs that are paid for. "
    "Intervals and P(frontier) come from one bootstrap over the tasks that all of them share.",
    COMMANDS,
)


def _on_chart(name: str, title: str, keys: str, text: str, action: str) -> Command:
    return Command(f"chart_{name}", title, keys, text, "chart", action, palette=False)


CHART = Place(
    "Chart",
    "A point under the mouse tells its figures; a click chooses it, a second one opens its runs; the wheel zooms.",
    (
        *(
            _on_chart(f"step_{way}", way, way, f"To the nearest point {words}.", f"step('{way}')")
            for way, words in (("left", "to the left"), ("right", "to the right"), ("up", "above"), ("down", "below"))
        ),
        *(
            _on_chart(f"pan_{way}", f"pan {way}", f"shift+{way}", f"Move what is in sight {way}.", f"pan('{way}')")
            for way in ("left", "right", "up", "down")
        ),
        _on_chart("zoom_in", "zoom in", "plus,equals_sign", "Zoom in, around the chosen point.", "zoom(1)"),
        _on_chart("zoom_out", "zoom out", "minus", "Zoom out.", "zoom(-1)"),
        _on_chart("whole", "all in sight", "0", "The whole chart.", "whole"),
        _on_chart("open", "its runs", "enter", "What is behind the chosen point.", "open"),
    ),
)
