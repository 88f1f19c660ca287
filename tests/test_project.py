"""What the project promises about itself: its documents are true, its commands are the ones CI runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _prose(document))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


def test_ci_runs_the_readmes_own_test_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [block.strip() for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)]
    assert len(commands) >= 2
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands[1] in script


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = [match[0] for need in wanted if (match := re.match(r"[\w.-]+", need))]
    assert [name for name in names if name not in explained] == []


def test_every_document_is_reachable_from_the_readme() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        document = todo.pop()
        if document in seen or not document.exists():
            continue
        seen.add(document)
        for link in re.findall(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)", _prose(document)):
            todo.append((document.parent / link).resolve())
    assert [path.name for path in DOCUMENTS if path.resolve() not in {p.resolve() for p in seen}] == []


def _prose(document: Path) -> str:
    """The document without code: `judge[a](b)` in notation looks like a link and is none."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
