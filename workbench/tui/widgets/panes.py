"""What the Bench shows from its second frame on, by name. Each is read when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.lazily import names_of

if TYPE_CHECKING:
    from workbench.tui.widgets.agreement import AgreementPane as AgreementPane
    from workbench.tui.widgets.columns import LaneColumns as LaneColumns
    from workbench.tui.widgets.focus import FOLDED as FOLDED
    from workbench.tui.widgets.focus import TABS as TABS
    from workbench.tui.widgets.focus import Detail as Detail
    from workbench.tui.widgets.focus import DetailTabs as DetailTabs
    from workbench.tui.widgets.focus import Tab as Tab
    from workbench.tui.widgets.hint_line import HintLine as HintLine
    from workbench.tui.widgets.lanes import Lanes as Lanes
    from workbench.tui.widgets.notation_line import NotationLine as NotationLine
    from workbench.tui.widgets.notation_line import NotationText as NotationText
    from workbench.tui.widgets.outlook import Outlook as Outlook
    from workbench.tui.widgets.outlook import worst as worst
    from workbench.tui.widgets.prompt_notes import PromptNotes as PromptNotes
    from workbench.tui.widgets.run_bar import RunBar as RunBar
    from workbench.tui.widgets.run_tabs import Label as Label
    from workbench.tui.widgets.run_tabs import RunTabs as RunTabs
    from workbench.tui.widgets.run_tabs import label as label
    from workbench.tui.widgets.transport import TransportBar as TransportBar
    from workbench.tui.widgets.verdict import VerdictPane as VerdictPane

_MODULES = {
    "AgreementPane": "agreement",
    "Detail": "focus",
    "DetailTabs": "focus",
    "FOLDED": "focus",
    "HintLine": "hint_line",
    "Label": "run_tabs",
    "LaneColumns": "columns",
    "Lanes": "lanes",
    "NotationLine": "notation_line",
    "NotationText": "notation_line",
    "Outlook": "outlook",
    "PromptNotes": "prompt_notes",
    "RunBar": "run_bar",
    "RunTabs": "run_tabs",
    "TABS": "focus",
    "Tab": "focus",
    "TransportBar": "transport",
    "VerdictPane": "verdict",
    "label": "run_tabs",
    "worst": "outlook",
}

__getattr__ = names_of("workbench.tui.widgets", _MODULES)
