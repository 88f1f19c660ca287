"""`workbench runs distil`: past runs as data to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import Parameter

from workbench import __version__
from workbench.cli.files import write_whole
from workbench.cli.filters import Filter
from workbench.cli.options import FLAG, HYPHEN
from workbench.cli.output import counted, note, to_json, write
from workbench.cli.services import Services
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.ledger.distil import Tally

Shape: TypeAlias = Literal["chat", "dpo", "openai-dpo", "trace"]


def distil(
    *runs: str,
    filter: Filter = Filter(),  # noqa: A002
    shape: Shape = "chat",
    disagreement: float | None = None,
    accepted: Annotated[bool, FLAG] = False,
    right: Annotated[bool, FLAG] = False,
    output: Annotated[Path | None, HYPHEN, Parameter(alias="-o")] = None,
) -> int:
    """Winners as training data: prompt and chosen answer, or an answer chosen over a rejected one.

    Parameters
    ----------
    runs
        Ids, or beginnings of them; all that the flags select by default, real ones where --kind says nothing.
    shape
        chat: messages, for OpenAI's fine-tuning and TRL's SFT. dpo: preference pairs for TRL's DPO; openai-dpo: for
        OpenAI's. trace: the whole run with where it came from.
    disagreement
        Only answers whose disagreement score is at most this.
    accepted
        Only answers that a verifier or judge accepted.
    right
        Only answers that are graded right, or meet the run's target.
    output
        File to write, whole or not at all, with a note on where it came from beside it; by default (or `-`) stdout.
    """
    from workbench.ledger.distil import Wanted

    if runs and filter != Filter():
        raise InputError("runs and filters exclude each other", where="workbench runs distil")
    if disagreement is not None and not 0 <= disagreement <= 1:
        raise InputError("must be between 0 and 1", where="--disagreement")
    wanted, query = (
        Wanted(shape=shape, disagreement=disagreement, accepted=accepted, right=right, version=__version__),
        filter.query(),
    )
    with Services().ledger(read_only=True) as ledger:
        pieces, tally = ledger.distil(query, refs=runs, wanted=wanted)
        if output is None or str(output) == "-":
            for piece in pieces:
                write(piece)
        else:
            write_whole(output, pieces)
            about = tally.about(shape, " ".join(runs) or query.said(), __version__)
            write_whole(output.with_name(f"{output.name}.about.json"), [to_json(about), "\n"])
    note(f"workbench: {_tallied(tally)}")
    return 0


def _tallied(tally: Tally) -> str:
    """`40 lines from 38 runs; left out: 3 graded wrong, 1 empty`."""
    left = ", ".join(f"{count:,} {why}" for why, count in tally.left_out.most_common())
    said = f"{counted(tally.lines, 'line')} from {counted(tally.runs, 'run')}"
    return f"{said}; left out: {left}" if left else said
