"""How far the answers agree: clusters with bars and the named score. It says agreement, never truth."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from workbench.tui import figures
from workbench.tui.reading import Agreement, Frame, agreement, expected
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import Pane, Part, line, lines, spread

FEW = 5
"""Answers under which a score says little."""
CLUSTERS = 4
"""Clusters that are listed before the rest is summed up."""


class AgreementPane(Pane):
    """Fills as answers arrive."""

    def draw(self, frame: Frame, width: int) -> Content:
        """Title with how many answered, clusters, score, first = shortest."""
        found = agreement(frame.view)
        title = line(("agreement", "$muted"))
        if found is None:
            return lines(title, line((_nothing(frame), "$faint")))
        told = line((f"{found.answered} of {found.asked} answered", "$muted"))
        rows = [spread(title, told, width), *_clusters(found, width), Content("")]
        rows += _score(found, width, live=frame.live)
        if (worth := expected(frame, found)) is not None:
            rows += [line((text, "$muted")) for text in wrap(worth.words, max(20, width))]
        if found.first_is_shortest is not None:
            rows.append(line(("first = shortest  ", "$muted"), "yes" if found.first_is_shortest else "no"))
        if found.abstained:
            rows.append(line((f"{found.abstained} without an answer key abstain", "$muted")))
        return lines(*rows)


def _nothing(frame: Frame) -> str:
    if not frame.view.id:
        return "how far the answers agree"
    return "no answers yet" if frame.live else "no answers"


def _clusters(found: Agreement, width: int) -> list[Content]:
    keyed = sum(share.count for share in found.clusters)
    shown = found.clusters[:CLUSTERS]
    key_width = min(max((len(one_line(s.key)) for s in shown), default=1), max(6, width // 3))
    room = max(4, width - key_width - 8)
    rows = []
    for index, share in enumerate(shown):
        done, rest = figures.bar(share.count / keyed, room)
        colour = "$state-won" if index == 0 else "$muted"
        rows.append(
            line(
                (fit(one_line(share.key), key_width), "bold" if index == 0 else ""),
                "  ",
                (done, colour),
                (rest, "$line"),
                f" {share.count:>4}",
            )
        )
    if len(found.clusters) > CLUSTERS:
        rest_of = found.clusters[CLUSTERS:]
        rows.append(line((f"{len(rest_of)} more answers, {sum(s.count for s in rest_of)} replicas", "$muted")))
    return rows


def _score(found: Agreement, width: int, *, live: bool) -> list[Content]:
    if found.scored is None:
        if live:
            return [line(("counted so far, not scored yet", "$faint"))]
        return [line(("one answer, nothing to compare" if found.answered == 1 else "not scored", "$faint"))]
    n = found.scored.n or found.answered
    parts: list[Part] = [("disagreement ", "$muted"), (f"{found.scored.score:.2f}", "bold")]
    parts.append((f"  {one_line(found.scored.headline)}, n = {n}", "$muted"))
    if n >= FEW:
        return [line(*parts)]
    whole = line(*parts, (": too few to say", "$muted"))
    return [whole] if whole.cell_length <= width else [line(*parts), line(("too few to say", "$muted"))]
