"""The Lab screen."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = (
    Command("lab_down", "next knob", "down,j", "The next knob.", "lab", "knob(1)", palette=False),
    Command("lab_up", "previous knob", "up,k", "The knob above.", "lab", "knob(-1)", palette=False),
    Command("lab_more", "turn", "right,l", "Turn the knob up.", "lab", "turn(1)", footer=True, palette=False),
    Command("lab_less", "turn back", "left,h", "Turn the knob down.", "lab", "turn(-1)", palette=False),
    Command("lab_much_more", "turn far", "shift+right,L", "Ten steps up.", "lab", "turn(10)", palette=False),
    Command("lab_much_less", "turn far back", "shift+left,H", "Ten steps down.", "lab", "turn(-10)", palette=False),
    Command("lab_most", "to the end", "end,G", "The knob's last stop.", "lab", "edge(1)", palette=False),
    Command("lab_least", "to the start", "home,g", "The knob's first stop.", "lab", "edge(0)", palette=False),
    Command("lab_bench", "the Bench's run", "b", "Take the draws of the run that is shown on the Bench.", "lab",
            "bench_run", footer=True),
    Command("lab_file", "file", "o", "Take draws from a JSONL file of samples.", "lab", "file", footer=True),
    Command("lab_what_if", "what if", "w", "Ask what any system over these generators would have come to.", "lab",
            "what_if", footer=True),
    Command("lab_theory", "theory", "t", "Draw the formula that fits the draws over them, or not.", "lab", "theory",
            footer=True),
    Command("lab_formula", "calculator", "c", "Draw Acc(K) of p, c and s, or not.", "lab", "formula", footer=True),
    Command("lab_estimate", "estimate c and s", "n", "Find c and s from 30 draws that a verifier judged: graded ones, "
            "else grade them here, one after the other.", "lab", "estimate", footer=True),
    Command("lab_export", "export", "e", "Write the chart to a file (SVG, PNG, PDF, HTML, Vega-Lite, CSV, JSON, "
            "Markdown), its figures as CSV beside it.", "lab", "export", footer=True),
    Command("lab_run", "its run", "enter", "Show the run that the draws came from on the Bench.", "lab", "open_run"),
)  # fmt: skip
PLACE = Place(
    "Lab",
    "What k draws instead of one would have done, from draws that are already paid for. Nothing is called here.",
    COMMANDS,
)
