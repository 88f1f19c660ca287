"""The Bench as a whole."""

from workbench.tui.commands.base import Command, Place
from workbench.tui.tabs import MOST

PLACE = Place(
    "Bench",
    "A system, a prompt, and a run of the one at the other.",
    (
        Command("run", "run", "ctrl+r", "Fire the system at the prompt.", footer=True, priority=True),
        Command(
            "run_again",
            "run again with the same seed",
            "alt+r",
            "Fire what is on the bench with the seed of the run that is shown, so that a change can be compared.",
            priority=True,
        ),
        Command(
            "run_new_seed",
            "run again with a new seed",
            "",
            "Fire once more with a new seed, as `run` does.",
            action="run",
        ),
        Command(
            "run_part", "run the selected node alone", "", "Fire the node under the tree's cursor with all inside."
        ),
        Command(
            "let_finish",
            "let losers finish",
            "",
            "From the next run on the losers of races finish instead of being cancelled, so that the run can be "
            "studied; again: as the system says.",
        ),
        Command(
            "system_prompt",
            "system prompt",
            "f7",
            "Say how every model is to behave; it stands before the prompt in each request.",
            priority=True,
        ),
        Command("values", "values of the prompt's names", "", "Change what `{name}` in the prompt stands for."),
        Command(
            "stop",
            "stop",
            "escape",
            "Stop the run: every call under way is cancelled, what has arrived is kept. In a replay: show its end.",
            footer=True,
        ),
        Command(
            "new_tab",
            "new tab",
            "ctrl+t",
            "An empty tab for another run of what is on the bench; the run in this one goes on.",
            priority=True,
        ),
        Command(
            "close_tab",
            "close tab",
            "alt+w",
            "Close the tab; a run in it is cancelled, once you say so.",
            priority=True,
        ),
        Command(
            "next_tab",
            "next tab",
            "alt+right,ctrl+pagedown",
            "Show the run in the tab to the right.",
            action="turn_tab(1)",
            priority=True,
        ),
        Command(
            "previous_tab",
            "previous tab",
            "alt+left,ctrl+pageup",
            "Show the run in the tab to the left.",
            action="turn_tab(-1)",
            priority=True,
        ),
        *(
            Command(
                f"to_tab_{number}",
                f"tab {number}",
                f"alt+{number}",
                f"Show the run in tab {number}.",
                action=f"tab_at({number})",
                palette=False,
                priority=True,
            )
            for number in range(1, MOST + 1)
        ),
        Command("stop_all", "stop all runs", "", "Stop the runs in all tabs."),
        Command("open", "open", "ctrl+o", "Open a saved or shipped system.", footer=True, priority=True),
        Command(
            "save", "save", "ctrl+s", "Save the system; a new or shipped one is given a name first.", priority=True
        ),
        Command("save_as", "save as", "", "Save the system under another name."),
        Command("new", "new system", "", "Begin a system anew, with a single call. Undo brings the present one back."),
        Command("revert", "back to what is saved", "", "Take all unsaved changes back, as one step."),
        Command("yaml", "YAML", "f8", "The same system as YAML, to read and edit.", action="yaml_view", priority=True),
        Command("editor", "edit in $EDITOR", "", "Edit the system's YAML in $EDITOR.", action="external_editor"),
        Command(
            "focus_next",
            "next pane",
            "tab",
            "Go to the next pane; Shift+Tab goes back.",
            palette=False,
            action="app.focus_next",
        ),
        Command("focus_prompt", "prompt", "f2,alt+p", "Go to the prompt.", priority=True),
        Command("focus_lanes", "lanes", "alt+l", "Go to the lanes.", priority=True),
        Command(
            "focus_tree", "tree", "alt+t", "Go to the system tree; opens it where the window is small.", priority=True
        ),
        Command("focus_notation", "notation", "f5,alt+n", "Go to the notation line.", priority=True),
        Command("maximise", "maximise", "f10", "Show the focused pane alone, or all panes again.", priority=True),
        Command(
            "replay_last", "replay last run", "", "Show the last run again, with its own timing. No model is called."
        ),
        Command(
            "simulate",
            "use simulated models",
            "",
            "Replace every model of the system by a simulated one, labelled as such. No key, no download.",
        ),
    ),
)
