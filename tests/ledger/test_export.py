"""Exports: whole, and safe in a spreadsheet, a Markdown reader and a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from tests.ledger.streams import SYSTEMS, fired, record, short
from workbench.errors import InputError
from workbench.ledger import Ledger, RunQuery

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NASTY = '=HYPERLINK("x")|`</script>`\n\x1b[31m\x9b2J\u202e \x00,;"\'\r\n# Not a heading\n```\n# Nor this\n````'
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "\x00=1", "\x1b=1", "=cmd|' /C calc'!A0")


def exported(ledger: Ledger, form: Any, query: RunQuery = RunQuery(), **options: Any) -> str:
    return "".join(ledger.export(query, format=form, **options))


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_json_lines_are_whole_runs(ledger: Ledger) -> None:
    for index, line in enumerate(SYSTEMS):
        record(ledger, fired(line, run=f"run{index}", started_at=index))
    ledger.grade("run0", "right")
    ledger.tag("run0", "later")
    lines = exported(ledger, "jsonl").splitlines()
    runs = [json.loads(line) for line in lines]
    assert [run["id"] for run in runs] == [f"run{index}" for index in reversed(range(len(SYSTEMS)))]
    for run in runs:
        noted = (run.pop("tags"), run.pop("grade"))
        assert run == json.loads(json.dumps(ledger.view(run["id"]).to_json()))
        assert noted == ((["later"], "right") if run["id"] == "run0" else ([], None))


def test_json_lines_keep_any_text_and_drive_no_terminal(ledger: Ledger) -> None:
    record(ledger, short("run", prompt=NASTY, answer=NASTY + "\ud83d\u2028👩‍🚀", system=NASTY))
    text = exported(ledger, "jsonl")
    assert text.count("\n") == 1
    assert not CONTROL.search(text)
    assert text.encode()
    run = json.loads(text)
    assert run["prompt"] == run["system"] == NASTY
    assert run["answer"] == NASTY + "\ud83d\u2028👩‍🚀"


def test_csv_has_a_row_for_each_run(ledger: Ledger) -> None:
    for index, line in enumerate(SYSTEMS):
        record(ledger, fired(line, run=f"run{index}", started_at=index, tags=("b", "a")))
    read = cells(exported(ledger, "csv"))
    assert len(read) == len(SYSTEMS)
    for row, told in zip(read, ledger.runs(), strict=True):
        values = told.to_json() | {"tags": "a b"}
        assert list(row) == list(values)
        for name, value in values.items():
            shown = "" if value is None else str(value)
            assert row[name] in (shown, f"'{shown}"), name


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_no_csv_cell_is_a_formula(ledger: Ledger, text: str) -> None:
    record(ledger, short("run", prompt=text, answer=text, system=text, notation=text, tags=("=1", "-2")))
    (row,) = cells(exported(ledger, "csv"))
    assert row["tags"] == "'-2 =1"
    for name in ("prompt", "answer", "system", "notation"):
        assert row[name].lstrip()[0] not in "=+-@", name
        assert row[name][0] not in "\t\r\n", name
        assert row[name].endswith(text[-1]), name
    assert float(row["cost_usd"]) == 5e-12


def test_csv_keeps_the_text_but_what_drives_a_terminal(ledger: Ledger) -> None:
    record(ledger, short("run", prompt=NASTY, answer='plain, "quoted"\nsecond line'))
    text = exported(ledger, "csv")
    assert not CONTROL.search(text)
    (row,) = cells(text)
    assert row["answer"] == 'plain, "quoted"\nsecond line'
    assert row["prompt"].startswith('\'=HYPERLINK("x")|`</script>`\n')
    assert row["prompt"].endswith("# Nor this\n````")


def test_negative_figures_stay_figures(ledger: Ledger) -> None:
    record(ledger, fired("race(3*sim/small@0.8)"))
    (row,) = cells(exported(ledger, "csv"))
    assert float(row["wall_s"]) > 0


def test_markdown_is_a_report_in_which_text_stays_text(ledger: Ledger) -> None:
    system = "a|b <b>x</b> [l](http://x) *s* _u_ `c` # h $m$ \\ ![i](x)\n# no\x1b[31m"
    record(ledger, short("run", prompt=NASTY, answer=NASTY, system=system, notation="lab/`x`|y\nz"))
    report = exported(ledger, "md")
    assert not CONTROL.search(report)
    outside = _without_blocks(report)
    headings = [line for line in outside.splitlines() if line.startswith("#")]
    assert headings[1:] == ["## Prompt", "## Answer", "## Calls"]
    assert headings[0].startswith("# a\\|b \\<b\\>x\\</b\\> \\[l\\]\\(http")
    assert "\\`c\\`" in headings[0]
    assert "\\!\\[i\\]" in headings[0]
    assert report.count("# Not a heading\n") == 2


def _without_blocks(report: str) -> str:
    """What stands outside fenced blocks, read as CommonMark reads them."""
    kept, fence = [], ""
    for line in report.splitlines():
        ticks = re.match("`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence and re.fullmatch(f"{fence}`*", line):
            fence = ""
        elif not fence:
            kept.append(line)
    assert not fence
    return "\n".join(kept)


def test_tables_of_markdown_have_as_many_cells_as_columns(ledger: Ledger) -> None:
    record(ledger, fired("race(3*sim/small@0.8)", prompt="a | b"))
    rows = [line for line in exported(ledger, "md").splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {9}


def test_unknown_is_shown_as_a_question(ledger: Ledger) -> None:
    record(ledger, short("run", cost=None))
    report = exported(ledger, "md")
    assert "?" in next(line for line in report.splitlines() if "waste" in line)
    assert "$0" not in report.split("waste")[0]
    assert json.loads(exported(ledger, "jsonl"))["cost_usd"] is None
    assert cells(exported(ledger, "csv"))[0]["cost_usd"] == ""


def test_a_query_or_references_choose_the_runs(ledger: Ledger) -> None:
    for index in range(5):
        record(ledger, short(f"run{index}", started_at=index, tags=("even",) if index % 2 == 0 else ()))
    even = exported(ledger, "jsonl", RunQuery(tags=("even",)))
    assert [json.loads(line)["id"] for line in even.splitlines()] == ["run4", "run2", "run0"]
    named = exported(ledger, "jsonl", refs=["run1", "last"])
    assert [json.loads(line)["id"] for line in named.splitlines()] == ["run1", "run4"]
    with pytest.raises(InputError, match="no such run"):
        exported(ledger, "csv", refs=["run1", "nope"])
    with pytest.raises(InputError, match="is no format"):
        exported(ledger, "xlsx")


def test_more_runs_than_a_page(ledger: Ledger) -> None:
    for index in range(520):
        recorder = ledger.recorder()
        for event in short(f"run{index:03d}"):
            recorder(event)
    text = exported(ledger, "csv")
    assert all(text.count(f"run{index:03d}") == 1 for index in range(520))


def test_a_page_holds_every_run_and_no_markup_of_models(ledger: Ledger) -> None:
    nasty = NASTY + "<img src=x onerror=alert(1)>&amp;"
    record(ledger, short("bad", prompt=nasty, answer=nasty, system=nasty, notation=nasty, started_at=1))
    record(ledger, fired("judge[sim/judge](race[take=2](4*sim/thinker))", run="judged", started_at=2))
    ledger.grade("judged", "right")
    ledger.tag("judged", "later")
    page = exported(ledger, "html")
    assert not CONTROL.search(page)
    assert "<img" not in page
    assert "</script>" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;&amp;amp;" in page
    assert "http" not in page.replace("http-equiv", "")
    tags = set(re.findall("<([a-z0-9]+)", page))
    assert "script" not in tags
    assert page.count("<section>") == 2
    assert page.index("judged") < page.index("run <code>bad")
    assert "tags later" in page
    assert "simulated" in page
    view = ledger.view("judged")
    assert all(call.model in page for call in view.calls.values())
    assert page.count('<td class="n">') == 5 * (len(view.calls) + 1)
