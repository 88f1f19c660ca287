"""The Models screen."""

from workbench.tui.commands.base import Command, Place

COMMANDS: tuple[Command, ...] = (
    Command("models_search", "search", "slash", "Type words that a model's name, server or abilities hold.", "models",
            "search", footer=True),
    Command("model_use", "to the Bench", "enter", "Put the model on the Bench: into the selected model node, else as a "
            "single call.", "models", "use", footer=True),
    Command("model_test", "test", "t", "Make one small call (at most 32 tokens) and show its times and cost. What "
            "costs money asks first.", "models", "test", footer=True),
    Command("models_discover", "find servers", "d", "Look for Ollama, LM Studio, vLLM and llama.cpp at their usual "
            "ports of this machine.", "models", "discover", footer=True),
    Command("models_scope", "filter", "f", "The next filter: all, usable now, local, simulated, servers.", "models",
            "scope(1)", footer=True),
    Command("models_scope_back", "filter back", "F", "The filter before.", "models", "scope(-1)", palette=False),
    Command("models_endpoint", "this endpoint", "e", "Only models of the selected one's endpoint, or of all again.",
            "models", "endpoint", footer=True),
    Command("models_sort", "sort", "s", "Order by readiness, name, input price, output price or context.", "models",
            "sort", footer=True),
    Command("model_pull", "pull", "p", "Fetch the selected embedded or hub model onto this machine.", "models", "pull",
            footer=True),
    Command("model_add", "add GGUF", "a", "Add a GGUF file by its path or as hub:<owner>/<repo>/<file>.gguf.", "models",
            "add", footer=True),
    Command("model_probe", "cancel probe", "c", "Start a long answer on a server of this machine, cancel it, and tell "
            "whether the server really stops.", "models", "probe", footer=True),
    Command("models_reload", "read again", "r", "Read the catalogue again: keys, files, servers.", "models", "reload"),
    Command("models_back", "back", "escape", "Cancel the call under way; else leave the search, then take the filters "
            "off.", "models", "back", palette=False),
    Command("models_down", "down", "down,j", "Next model.", "models", "move(1)", palette=False),
    Command("models_up", "up", "up,k", "Previous model.", "models", "move(-1)", palette=False),
    Command("models_page_down", "page down", "pagedown,ctrl+d", "A page down.", "models", "page(1)", palette=False),
    Command("models_page_up", "page up", "pageup,ctrl+u", "A page up.", "models", "page(-1)", palette=False),
    Command("models_first", "first", "home,g", "First model.", "models", "edge(-1)", palette=False),
    Command("models_last", "last", "end,G", "Last model.", "models", "edge(1)", palette=False),
)  # fmt: skip
PLACE = Place(
    "Models",
    "Every model that can be called, with its price, context and key. Type / and a few words to search. Nothing is "
    "called before you ask for it; what costs money asks first.",
    COMMANDS,
)
