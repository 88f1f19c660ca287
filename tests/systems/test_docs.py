"""Every example in the documents of this room is read as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench import paths
from workbench.errors import NotationError
from workbench.systems import convert, files
from workbench.systems.checks import check
from workbench.systems.fields import CHECKS_BY_KIND, NODES_BY_KIND, OPERATORS, fields_of
from workbench.systems.library import Library
from workbench.systems.nodes import Check, kind_of
from workbench.systems.notation import parse, parse_test, print_node
from workbench.systems.tree import walk

DOCS = Path(__file__).parents[2] / "docs"
NOTATION = (DOCS / "notation.md").read_text(encoding="utf-8")
SYSTEMS = (DOCS / "systems.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


LINES = [line for block in blocks(NOTATION, "notation") for line in block.splitlines()]
FILES = blocks(SYSTEMS, "yaml")
# in README's table a notation stands alone in the first cell
README_LINES = re.findall(r"^\| `([^`]+)` \|", (DOCS.parent / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
WRITTEN_WRONG = re.findall(r"^\| `([^`]+)` \| (line (\d+), column (\d+): .+) \|$", NOTATION, re.MULTILINE)


@pytest.mark.parametrize("line", [*LINES, *README_LINES])
def test_a_line_of_notation_reads_and_prints(line: str) -> None:
    node = parse(line)
    assert parse(print_node(node)) == node


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_a_file_reads_and_says_the_same_in_notation(text: str) -> None:
    system = files.loads(text)
    assert parse(print_node(system.root)) == system.root
    resolved = Library([paths.presets_dir()]).resolve(system)
    assert [problem for problem in check(resolved) if problem.severity == "error"] == []


def test_every_kind_of_node_and_check_has_an_example_in_both_forms() -> None:
    kinds = {*NODES_BY_KIND, *CHECKS_BY_KIND}
    in_lines = {kind_of(node) for line in LINES for _, node in walk(parse(line))}
    in_files = {kind_of(node) for text in FILES for _, node in walk(files.loads(text).root)}
    assert kinds - in_lines == set()
    assert kinds - in_files == set()


@pytest.mark.parametrize("kind", OPERATORS)
def test_the_row_of_an_operator_has_its_options_and_no_other(kind: str) -> None:
    rows = re.findall(rf"^\| `{kind}` \|.*$", NOTATION, re.MULTILINE)
    assert len(rows) == 1
    options = {f.name for f in fields_of(OPERATORS[kind]).values() if f.kind == "value"}
    assert set(re.findall(r"`([\w-]+)`", rows[0])) == {kind, *options} - {"label", "replicas"}
    words = [word for f in fields_of(OPERATORS[kind]).values() for word in f.choices]
    assert [word for word in words if word not in rows[0]] == []


@pytest.mark.parametrize(("text", "message", "line", "column"), WRITTEN_WRONG)
def test_a_documented_error_is_what_is_said(text: str, message: str, line: str, column: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (int(line), int(column))
    said = iter(words(str(caught.value)))
    assert [word for word in words(message) if word not in said] == []  # in this order; the document may leave some out


def words(message: str) -> list[str]:
    return [word.strip(".;`") for word in message.split() if word != "…"]


def test_there_are_documented_errors() -> None:
    assert len(WRITTEN_WRONG) >= 6


def test_every_importer_has_an_example() -> None:
    specs = [line for block in blocks(SYSTEMS, "ember") for line in block.splitlines()]
    made = [convert.from_ember(spec) for spec in specs]
    made += [convert.from_archon(text) for text in blocks(SYSTEMS, "archon")]
    made += [convert.from_moa(text) for text in blocks(SYSTEMS, "moa")]
    assert len(made) == 4
    assert all(not isinstance(parse_test(print_node(one.system.root)), Check) for one in made)
