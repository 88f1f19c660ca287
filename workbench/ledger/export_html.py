"""Runs as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from workbench import money
from workbench.engine.view import CallView, RunView
from workbench.ledger.queries import RunRow

_STYLE = """
:root { color-scheme: light dark; --text: #20252c; --muted: #5c6673; --line: #d9dee5; --paper: #fff; --block: #f5f7f9;
  --good: #1f7a3a; --bad: #b3261e; --odd: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --text: #d3d7dd; --muted: #929aa5; --line: #2a313a; --paper: #0f1318;
  --block: #151a21; --good: #7fd08a; --bad: #ec7471; --odd: #e5a54b; } }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--paper); color: var(--text);
  font: 15px/1.55 system-ui, sans-serif; }
section { padding-top: 1.5rem; margin-top: 2.5rem; border-top: 1px solid var(--line); }
section:first-of-type { border: 0; margin-top: 0; padding-top: 0; }
h1 { font-size: 1.25rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: .85rem; font-weight: 600; color: var(--muted); margin: 1.5rem 0 .4rem; }
.facts { color: var(--muted); margin: .25rem 0 0; overflow-wrap: anywhere; }
.facts b { color: var(--text); font-weight: 600; }
pre { margin: 0; padding: .75rem 1rem; background: var(--block); border-radius: 4px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
code { font: 13px ui-monospace, monospace; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 400; color: var(--muted); }
.n { text-align: right; }
.done, .right { color: var(--good); } .failed, .interrupted, .wrong { color: var(--bad); }
.simulated, .recorded, .degraded, .stopped, .cancelled, .truncated, .empty, .filtered { color: var(--odd); }
summary { cursor: pointer; color: var(--muted); }
details { white-space: normal; }
"""
_CALLS = ("node", "replica", "role", "model", "status", "seconds", "tokens in", "tokens out", "cost")
_FIGURES = {"replica", "seconds", "tokens in", "tokens out", "cost"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(views: Iterable[tuple[RunRow, RunView]]) -> Iterator[str]:
    """The page, a section a run. All text of models and users is escaped; the page's policy lets no script run."""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Runs</title>\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n"
    for row, view in views:
        yield from _section(row, view)
    yield "</body>\n</html>\n"


def _section(row: RunRow, view: RunView) -> Iterator[str]:
    yield f"<section>\n<h1>{_text(view.system or view.notation)}</h1>\n"
    facts = [_word(view.kind), _word(view.status or "under way"), f"run <code>{_text(view.id)}</code>"]
    facts += [_text(str(row.to_json()["started_at"])), _seconds(row.wall_ns), f"{row.calls:,} calls"]
    facts += [f"<b>{money.show(row.cost, estimated=row.estimated)}</b>", f"waste {money.show(row.waste)}"]
    facts += [f"{_text(row.score_name or 'score')} {row.score:.2f}"] if row.score is not None else []
    facts += [f"graded {_word(row.grade)}"] if row.grade else []
    facts += [f"tags {_text(' '.join(row.tags))}"] if row.tags else []
    yield f'<p class="facts">{" · ".join(facts)}</p>\n<p class="facts"><code>{_text(view.notation)}</code></p>\n'
    yield f"<h2>Prompt</h2>\n<pre>{_block(row.prompt)}</pre>\n<h2>Answer</h2>\n"
    yield f"<pre>{_block(row.answer)}</pre>\n" if row.answer is not None else '<p class="facts">none</p>\n'
    if view.verdicts:
        yield "<h2>Verdicts</h2>\n<ul>\n"
        for given in view.verdicts:
            said = f"{_text(given.candidate)} {_text(given.verdict)} by {_text(given.by)}"
            yield f"<li>{said}{'. ' if given.reason else ''}{_text(given.reason)}</li>\n"
        yield "</ul>\n"
    yield '<h2>Calls</h2>\n<div class="wide"><table>\n<tr>'
    yield "".join(_cell("th", name, name) for name in _CALLS) + "</tr>\n"
    for call in view.calls.values():
        yield _call(call)
    yield "</table></div>\n</section>\n"


def _call(call: CallView) -> str:
    span = None if call.started_at is None or call.finished_at is None else call.finished_at - call.started_at
    cells = (
        _text(call.node or "."),
        str(call.replica),
        _text(call.role),
        _text(call.model),
        _word(call.status or call.state),
        _seconds(span),
        _count(call.usage.prompt_tokens),
        _count(call.usage.completion_tokens),
        money.show(call.cost, estimated=call.usage.source == "estimated"),
    )
    marked = (_cell("td", name, cell) for name, cell in zip(_CALLS, cells, strict=True))
    said = "".join(
        f"<details><summary>{name}</summary><pre>{_block(str(text))}</pre></details>"
        for name, text in (("thinking", call.thinking), ("text", call.text), ("error", call.error))
        if str(text)
    )
    below = f'<tr><td colspan="{len(_CALLS)}">{said}</td></tr>\n' if said else ""
    return f"<tr>{''.join(marked)}</tr>\n{below}"


def _cell(tag: str, name: str, inner: str) -> str:
    return f'<{tag} class="n">{inner}</{tag}>' if name in _FIGURES else f"<{tag}>{inner}</{tag}>"


def _word(word: str) -> str:
    return f'<span class="{escape(word.partition(" ")[0])}">{escape(word)}</span>'


def _seconds(ns: int | None) -> str:
    return "?" if ns is None else f"{ns / 1e9:.2f} s"


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _text(text: str) -> str:
    return _block(text).replace("\n", " ")


def _block(text: str) -> str:
    """Text that is no markup and holds no control character."""
    from workbench.ledger.export import plain

    return escape(plain(text))
