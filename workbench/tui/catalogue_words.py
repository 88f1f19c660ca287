"""What the Models screen says of the selected model, of the last calls to it, and of this machine. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from textual.content import Content

from workbench import money
from workbench.engine.limits import EndpointLimit
from workbench.models.base import ModelInfo, Prices
from workbench.models.endpoints import Endpoint
from workbench.models.listing import Listed
from workbench.tui import figures
from workbench.tui.model_rows import LOOKS, abilities, per_million
from workbench.tui.services import Tested
from workbench.tui.text import one_line, wrap
from workbench.tui.widgets.pane import Part, line, spread

if TYPE_CHECKING:
    from workbench.models.probe import Probed

LABEL = 11
Lines: TypeAlias = list[Content]
PRICES = {
    "input": "input",
    "cached_input": "cached",
    "cache_write": "cache write",
    "output": "output",
    "reasoning": "reasoning",
}
WHOLES = {"cached_input": "input", "cache_write": "input", "reasoning": "output"}
"""Without a price of its own a part is charged as its whole."""
SHORT = {"input": "in", "output": "out", "cache write": "write"}
BILLING = {
    "stops": ("✓ stops", "$state-done"),
    "continues": ("✗ goes on", "$state-partial"),
    "unknown": ("? unknown", "$muted"),
}
"""What is billed after a cancel → words and style."""
VERDICTS = {
    "stops": ("✓", "$state-done", "it really stops"),
    "continues": ("✗", "$state-partial", "it does not stop"),
    "unknown": ("?", "$muted", "it can't be told"),
}


class Doing(msgspec.Struct, frozen=True):
    """A call that the user asked for and that goes on."""

    model: str
    what: str
    since: int
    """Nanoseconds since the epoch."""
    said: str = ""


class Told(msgspec.Struct, frozen=True):
    """All that is known around the selected model."""

    listed: Listed
    price_date: str = ""
    billing_source: str = ""
    limit: EndpointLimit | None = None
    tested: Tested | None = None
    probed: Probed | str | None = None
    """A string: why it could not be probed."""
    doing: Doing | None = None
    now: int = 0
    served_at: str = ""
    """The endpoint's address."""


def about(told: Told, width: int, *, tight: bool = False) -> Content:
    """Name, readiness, context, abilities and prices. `tight`: in as few lines as will do."""
    info, look = told.listed.info, LOOKS[told.listed.readiness]
    simulated = ("simulated  ", "bold $state-retrying") if info.kind == "simulated" else ""
    state = line(simulated, (f"{look.glyph} {one_line(told.listed.words)}", look.style))
    names = [line((part, "bold $model")) for part in wrap(one_line(info.name), width)]
    if tight and len(names) == 1 and names[0].cell_length + state.cell_length + 2 <= width:
        made: Lines = [spread(names[0], state, width), *calls(told, width)]
    else:
        made = [*names, state.truncate(width, ellipsis=True), *(calls(told, width) if tight else [])]
    served = f"{info.endpoint}, through LiteLLM" if info.provider == "litellm" else info.endpoint
    made += _field("served by", f"{one_line(served)}  {one_line(told.served_at)}".rstrip(), width)
    made += _field("context", _context(info), width)
    made += _field("can", ", ".join(abilities(info)) or "text; no more is known", width)
    made += [] if tight else [Content("")]
    made += _prices(info.prices, told.price_date, width, tight=tight)
    return Content("\n").join(made)


def _context(info: ModelInfo) -> str:
    context = "?" if info.context is None else f"{_whole(figures.count(info.context))} tokens"
    return context + (f", {_whole(figures.count(info.max_output))} out" if info.max_output else "")


def _whole(words: str) -> str:
    """Words that are not folded."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _prices(prices: Prices | None, since: str, width: int, *, tight: bool) -> Lines:
    known = prices or Prices()
    shown = [(word, per_million(getattr(known, name))) for name, word in PRICES.items()]
    if tight:
        words = "  ".join(f"{SHORT.get(word, word)} {price}" for word, price in shown if price != "?")
        made = _field("$/M tokens", words or "?", width)
    else:
        room = max(len(price.partition(".")[0]) for _, price in shown)
        made = [line(("dollars per million tokens", "$muted"))]
        for name, (word, price) in zip(PRICES, shown, strict=True):
            whole = WHOLES.get(name, "")
            inherits = price == "?" and getattr(known, whole, None) is not None
            figure = (f"as {whole}", "$muted") if inherits else _pointed(price, room)
            made.append(line((f"  {word}".ljust(LABEL + 3), "$muted"), figure))
    source = one_line(known.source) if prices is not None else "no catalogue; [prices] in config.toml can name one"
    when = f", here since {_whole(since)}" if since else ""
    return made + _field("from", f"{source}{when}", width, "$muted")


def _pointed(price: str, room: int) -> str:
    """Figures of a column with their points under each other."""
    whole, point, rest = price.partition(".")
    return f"{whole.rjust(room)}{point}{rest}"


def work(told: Told, width: int, *, tight: bool = False) -> Content:
    """Limits in force, what is billed after a cancel, and the last calls (which `about` tells where it is tight)."""
    if tight:
        return Content("\n").join([*_billing(told, width, tight=True), *_limits(told, width)])
    last = calls(told, width)
    made = [*_limits(told, width), Content(""), *_billing(told, width), *([Content("")] if last else []), *last]
    return Content("\n").join(made)


def calls(told: Told, width: int) -> Lines:
    """The call under way, and the last test and probe."""
    return _doing(told, width) + _tested(told, width) + _probed(told.probed, width)


def _limits(told: Told, width: int) -> Lines:
    info, limit = told.listed.info, told.limit
    ceiling = f"up to {figures.count(info.max_concurrency)} calls" if info.max_concurrency else "no ceiling set"
    rate = info.requests_per_minute
    if limit is not None:
        ceiling = f"{figures.count(limit.concurrency)} of {figures.count(limit.ceiling)} now"
        ceiling += f", {limit.in_flight} under way"
        rate = limit.per_minute
    return [
        *_field("at once", ceiling, width),
        *_field("a minute", "no ceiling set" if rate is None else f"up to {rate:g} requests", width),
    ]


def _billing(told: Told, width: int, *, tight: bool = False) -> Lines:
    words, style = BILLING[told.listed.info.billing_on_cancel]
    if tight:
        return [
            line(
                ("on cancel".ljust(LABEL), "$muted"), (words, style), (f"  {one_line(told.billing_source)}", "$muted")
            ).truncate(width, ellipsis=True)
        ]
    return [
        line(("on cancel".ljust(LABEL), "$muted"), (words, style)),
        *_field("", one_line(told.billing_source), width, "$muted"),
    ]


def _doing(told: Told, width: int) -> Lines:
    doing = told.doing
    if doing is None or doing.model != told.listed.info.name:
        return []
    took = figures.seconds(max(0, told.now - doing.since))
    said = f"{took}  {one_line(doing.said)}".rstrip()
    return [
        *_mark(doing.what, "◌", "$state-answering", said, width),
        line(" " * (LABEL + 2), ("Esc", "$brand"), (" cancels it", "$muted")),
    ]


def _tested(told: Told, width: int) -> Lines:
    tested = told.tested
    if tested is None:
        return []
    result = tested.result
    if not result.ok:
        return _mark("test", "✗", "$state-failed", one_line(result.error), width)
    first, total, usage = result.first_token_s, result.total_s, result.usage
    said = f"first token {_time(first)}, total {_time(total)}, {speed(tested)} tok/s"
    tokens = f"{figures.count(usage.prompt_tokens)} + {figures.count(usage.completion_tokens)} tokens"
    cost = money.show(tested.cost, estimated=tested.estimated and bool(tested.cost))
    kind = " simulated" if told.listed.info.kind == "simulated" else ""
    made = _mark("test", "✓", "$state-done", said, width) + _mark("", " ", "", f"{tokens}, {cost}{kind}", width)
    text = one_line(result.text)
    return made + ([line(" " * (LABEL + 2), (text, "$muted")).truncate(width, ellipsis=True)] if text else [])


def _time(seconds: float | None) -> str:
    return figures.seconds(None if seconds is None else round(seconds * 1e9))


def speed(tested: Tested) -> str:
    """Tokens a second after the first; `?` where there are too few."""
    result, tokens = tested.result, tested.result.usage.completion_tokens or 0
    took = (result.total_s or 0) - (result.first_token_s or 0)
    return f"{(tokens - 1) / took:.0f}" if result.first_token_s is not None and tokens > 2 and took > 0.001 else "?"


def _probed(probed: Probed | str | None, width: int) -> Lines:
    if probed is None:
        return []
    if isinstance(probed, str):
        return _mark("probe", "✗", "$state-failed", one_line(probed), width)
    glyph, style, verdict = VERDICTS[probed.verdict]
    made = _mark("probe", glyph, style, f"{verdict}: {one_line(probed.because)}", width)
    return made + (_mark("", " ", "", f"told by {probed.how}", width) if probed.how else [])


def machine(endpoints: Sequence[Endpoint], looked: bool, width: int) -> Content:
    """The servers of config.toml and those found on this machine, or how to look for them."""
    made: Lines = [line(("servers", "$muted"))]
    if not endpoints:
        words = "none at the usual ports" if looked else "not looked for yet"
        return Content("\n").join([*made, line(words, ("   d", "$brand"), (" looks", "$muted"))])
    names = max(len(one_line(endpoint.name)) for endpoint in endpoints)
    for endpoint in endpoints:
        place = one_line(endpoint.base_url).removeprefix("http://").removesuffix("/v1")
        number = len(endpoint.models)
        said = f"{number} model{'' if number == 1 else 's'}" if number else "models unknown"
        parts: list[Part] = [
            ("● ", "$state-done" if number else "$muted"),
            (one_line(endpoint.name).ljust(names), "$model"),
        ]
        made.append(line(*parts, (f"  {said}", ""), (f"  {place}", "$muted")).truncate(width, ellipsis=True))
    return Content("\n").join(made)


def _field(label: str, words: str, width: int, style: str = "") -> Lines:
    """A label and words, folded under themselves."""
    first, *rest = wrap(words, max(8, width - LABEL))
    indent = " " * LABEL
    head = line((f"{label} ".ljust(LABEL)[:LABEL], "$muted"), (first, style))
    return [head, *(line(indent, (each, style)) for each in rest)]


def _mark(label: str, glyph: str, style: str, words: str, width: int) -> Lines:
    """The same with a glyph before the words."""
    first, *rest = wrap(words, max(8, width - LABEL - 2))
    indent = " " * (LABEL + 2)
    head = line((f"{label} ".ljust(LABEL)[:LABEL], "$muted"), (f"{glyph} ", style), first)
    return [head, *(line(indent, each) for each in rest)]
