"""Dialogs by name. Each is read when it is first asked for: the first frame shows none, and together they cost a good
part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.lazily import names_of

if TYPE_CHECKING:
    from workbench.tui.screens.allow_code import AllowCode as AllowCode
    from workbench.tui.screens.confirm import Confirm as Confirm
    from workbench.tui.screens.confirm import Leaving as Leaving
    from workbench.tui.screens.fetch import FetchModel as FetchModel
    from workbench.tui.screens.form import Form as Form
    from workbench.tui.screens.help import Help as Help
    from workbench.tui.screens.jump import Jump as Jump
    from workbench.tui.screens.open import Open as Open
    from workbench.tui.screens.pick import Pick as Pick
    from workbench.tui.screens.save import SaveAs as SaveAs
    from workbench.tui.screens.wording import Fill as Fill
    from workbench.tui.screens.wording import Instruction as Instruction
    from workbench.tui.screens.yaml import Yaml as Yaml

_MODULES = {
    "AllowCode": "allow_code",
    "Confirm": "confirm",
    "FetchModel": "fetch",
    "Fill": "wording",
    "Form": "form",
    "Help": "help",
    "Instruction": "wording",
    "Jump": "jump",
    "Leaving": "confirm",
    "Open": "open",
    "Pick": "pick",
    "SaveAs": "save",
    "Yaml": "yaml",
}

__getattr__ = names_of("workbench.tui.screens", _MODULES)
