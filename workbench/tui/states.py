"""How a state looks: glyph, word and one colour, in one table. Never colour alone."""

from __future__ import annotations

import msgspec

from workbench.engine.view import CallView, RunView


class Look(msgspec.Struct, frozen=True):
    """Glyph, word and the name of the theme's colour (`$state-…`)."""

    glyph: str
    word: str
    colour: str

    def __str__(self) -> str:
        return f"{self.glyph} {self.word}"

    @property
    def style(self) -> str:
        """The colour as a Content style."""
        return f"$state-{self.colour}"


COLOURS = {
    "waiting": "text-muted",
    "thinking": "secondary",
    "answering": "primary",
    "retrying": "warning",
    "won": "success",
    "done": "success",
    "partial": "warning",
    "cancelled": "text-disabled",
    "failed": "error",
}
"""Colour of a state → the theme's variable it falls back to where the theme names none."""

_TWINS = (
    ("·◌●◐↻⚑✓✗✕⊘∅…■", ".o*o@>+x-00.#"),
    ("◆◇○◉□▪▫◦•★☆⚠τ", "#oo*o..o***!t"),
    ("━─═╌┄┈╍┅╴╶╸╺", "=-=-------=-"),
    ("│┃║╎┆┊╏╵╷╹╻▌▍▎▏▐▕▊▋▉", "|" * 20),
    ("▁▂▃▄▅▆▇█▀▔░▒▓", '__..==##"-.:%'),
    ("❯›»▸▶→⇒‹«◂◀←⇐", ">>>>>>><<<<<<"),
    ("▾▼↓⇓▴▲↑⇑↵⏎↔⇧", "vvvv^^^^<<-^"),
    ("×÷–—−‑≈±√∞‖�≥≤⟦⟧", "x/----~~v8|?><[]"),
    ("“”„‘’‚′″\u00a0\u2009\u202f", "\"\"\"''''\"   "),
)
ASCII = {ord(glyph): one for glyphs, ones in _TWINS for glyph, one in zip(glyphs, ones, strict=True)}
"""Glyph → the one ASCII character that stands for it where the terminal or its font has no more than that."""
PAIRS = {"≥ ": ">=", "≤ ": "<=", "↑  ": "Up ", "↓  ": "Dn ", "←  ": "<- ", "→  ": "-> "}
"""What needs two characters takes the space behind it; arrow keys stand in lists of keys."""
_BOXES, _DOTS = range(0x2500, 0x2580), range(0x2800, 0x2900)


def twin(glyph: str) -> str | None:
    """The ASCII character for one of the app's glyphs: the table's, a corner of a box, a chart's dots by their number.
    None for what is no glyph."""
    code = ord(glyph)
    if (found := ASCII.get(code)) is not None:
        return found
    if code in _BOXES:
        return "+"
    return " .::**###"[(code - _DOTS.start).bit_count()] if code in _DOTS else None


QUEUED = Look("·", "queued", "waiting")
IDLE = Look("·", "idle", "waiting")

CALLS = {
    "queued": QUEUED,
    "waiting": Look("◌", "waiting", "waiting"),
    "thinking": Look("●", "thinking", "thinking"),
    "answering": Look("●", "answering", "answering"),
    "retrying": Look("↻", "retry", "retrying"),
    "won": Look("⚑", "answered", "won"),
    "done": Look("✓", "done", "done"),
    "truncated": Look("…", "cut off", "partial"),
    "filtered": Look("⊘", "filtered", "partial"),
    "empty": Look("∅", "empty", "partial"),
    "cancelled": Look("✕", "cancelled", "cancelled"),
    "failed": Look("✗", "failed", "failed"),
}
RUNS = {
    "done": Look("✓", "done", "done"),
    "degraded": Look("…", "degraded", "partial"),
    "failed": Look("✗", "failed", "failed"),
    "stopped": Look("■", "stopped: budget", "partial"),
    "cancelled": Look("✕", "cancelled", "cancelled"),
    "interrupted": Look("✗", "interrupted", "failed"),
}
VERDICTS = {
    "accepted": Look("✓", "accepted", "done"),
    "rejected": Look("✗", "rejected", "failed"),
    "unparsed": Look("?", "unparsed", "partial"),
    "abstained": Look("·", "abstained", "waiting"),
}


def of_call(call: CallView, *, won: bool = False) -> Look:
    """The look of a call; `won` where a node chose what it made."""
    if call.state != "ended":
        return CALLS[call.state]
    return CALLS["won" if won and call.status == "done" else call.status or "failed"]


def of_run(view: RunView, *, live: bool) -> Look:
    """The look of a run: how it ended, or what its calls are doing."""
    if view.status is not None:
        return RUNS[view.status]
    if not view.id:
        return IDLE
    if not live:
        return RUNS["interrupted"]
    states = {call.state for call in view.calls.values()}
    for state in ("answering", "thinking"):
        if state in states:
            return Look("●", "streaming", state)
    return Look("◌", "starting" if not view.candidates else "waiting", "waiting")
