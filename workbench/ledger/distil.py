"""Past runs as training data: what was asked and what was chosen, or what was chosen over what.

Shapes: `chat` is OpenAI's fine-tuning format and TRL's conversational one for SFT; `dpo` is TRL's conversational
preference format, `openai-dpo` OpenAI's; `trace` is the whole run with where it came from.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias, get_args

from msgspec import Struct

from workbench.engine.events import Candidate
from workbench.engine.view import RunView
from workbench.ledger.export import plain
from workbench.ledger.queries import RunRow
from workbench.ledger.rows import meets_target

Shape: TypeAlias = Literal["chat", "dpo", "openai-dpo", "trace"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
NOTE = (
    "Answers of models: whether they may be used to train others is for their providers' and licences' terms to say. "
    "`models` names them."
)


class Wanted(Struct, frozen=True, kw_only=True):
    """What is taken of the runs that a query means."""

    shape: Shape = "chat"
    disagreement: float | None = None
    """Only answers whose headline score is at most this."""
    accepted: bool = False
    """Only answers that a verdict accepted."""
    version: str = ""
    """Workbench's, as a trace names it."""
    right: bool = False
    """Only answers that are graded right, or are the run's target."""


class Tally:
    """How many lines were written, from what, and why the other runs gave none. Filled as the lines are drawn."""

    def __init__(self) -> None:
        self.lines = 0
        self.runs = 0
        self.left_out: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.kind = ""
        """Of the runs; they are all of one."""

    def about(self, shape: Shape, query: str, version: str) -> dict[str, Any]:
        """What stands beside a file: where its lines came from, and what to heed."""
        return {
            "shape": shape,
            "kind": self.kind or None,
            "query": query,
            "lines": self.lines,
            "runs": self.runs,
            "left_out": dict(self.left_out.most_common()),
            "models": dict(self.models.most_common()),
            "workbench": version,
            "note": NOTE,
        }


def lines(views: Iterable[tuple[RunRow, RunView]], wanted: Wanted, tally: Tally) -> Iterator[str]:
    """One JSON object a line; equal ones once."""
    seen: set[bytes] = set()
    for row, view in views:
        why = _unfit(row, view, wanted)
        found = [] if why else list(_of(row, view, wanted))
        if not found:
            tally.left_out[why or "nothing was rejected"] += 1
            continue
        fresh = 0
        for each in found:
            text = json.dumps(each, ensure_ascii=False)
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
            if digest not in seen:
                seen.add(digest)
                fresh += 1
                tally.lines += 1
                yield text.encode("utf-8", "replace").decode() + "\n"
        if not fresh:
            tally.left_out["said already"] += 1
            continue
        tally.runs += 1
        tally.kind = view.kind
        tally.models.update({call.model for call in view.calls.values() if call.role != "verify"})


def _unfit(row: RunRow, view: RunView, wanted: Wanted) -> str:
    """Why a run gives nothing, or nothing."""
    answer = view.answer
    if view.status != "done" or answer is None or answer.degraded:
        return "no whole answer"
    if not answer.text.strip() or not any(message.role == "user" for message in view.messages):
        return "empty"
    if wanted.disagreement is not None:
        if row.score is None:
            return "no disagreement score"
        if row.score > wanted.disagreement:
            return "more disagreement"
    if wanted.accepted and answer.id not in _said(view, "accepted") and answer.verified is not True:
        return "not accepted"
    if wanted.right and not _is_right(row, view):
        return "not right"
    return "graded wrong" if row.grade == "wrong" else ""


def _is_right(row: RunRow, view: RunView) -> bool:
    if row.grade in ("right", "wrong"):
        return row.grade == "right"
    return view.target is not None and view.answer is not None and bool(meets_target(view))


def _said(view: RunView, word: str) -> set[str]:
    """Candidates of which a verdict said so."""
    return {given.candidate for given in view.verdicts if given.verdict == word}


def _of(row: RunRow, view: RunView, wanted: Wanted) -> Iterator[dict[str, Any]]:
    answer = view.answer
    assert answer is not None
    asked = [{"role": message.role, "content": plain(message.content)} for message in view.messages]
    said = [{"role": "assistant", "content": plain(answer.text)}]
    if wanted.shape == "chat":
        yield {"messages": [*asked, *said]}
    elif wanted.shape == "trace":
        yield {"messages": [*asked, *said], "provenance": _provenance(row, view, wanted.version), "run": view.to_json()}
    else:
        for other in _rejected(row, view, answer):
            worse = [{"role": "assistant", "content": plain(other.text)}]
            if wanted.shape == "dpo":
                yield {"prompt": asked, "chosen": said, "rejected": worse}
            else:
                yield {"input": {"messages": asked}, "preferred_output": said, "non_preferred_output": worse}


def _rejected(row: RunRow, view: RunView, answer: Candidate) -> Iterator[Candidate]:
    """Candidates that a verdict rejected; where the answer is known to be right, those with another key too."""
    refused, right = _said(view, "rejected") - _said(view, "accepted"), _is_right(row, view)
    for other in view.candidates.values():
        if other.status != "done" or not other.text.strip() or other.text == answer.text:
            continue
        differs = right and answer.key is not None and other.key is not None and other.key != answer.key
        if other.id in refused or differs:
            yield other


def _provenance(row: RunRow, view: RunView, version: str) -> dict[str, Any]:
    return {
        "run": view.id,
        "kind": view.kind,
        "system": view.system,
        "notation": view.notation,
        "models": sorted({call.model for call in view.calls.values()}),
        "started_at": row.to_json()["started_at"],
        "grade": row.grade,
        "disagreement": row.score,
        "workbench": version,
        "note": NOTE,
    }
