"""Systems as files: what is written is read back, comments stay, what is wrong is said with its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from tests.laws import examples
from tests.systems import trees
from workbench import paths
from workbench.errors import SystemFileError
from workbench.systems import edits, files
from workbench.systems.nodes import (
    Branch,
    Budget,
    Chain,
    Judge,
    Model,
    Number,
    Race,
    Ref,
    Route,
    System,
    Verify,
    Vote,
)
from workbench.systems.reading import decode_json

COMMENTED = """\
# A race that I like.
name: mine   # its name

root:
  node: race
  take: 1    # one winner
  of:
    # the cheap ones
    - node: model
      model: "cheap"      # quoted on purpose
      temperature: 0.80
      replicas: 5
    # the dear one
    - dear@0.5            # in notation
tags: [a, b]  # two
"""


def problem(text: str, where: str = "x.yaml") -> SystemFileError:
    with pytest.raises(SystemFileError) as caught:
        files.loads(text, where)
    return caught.value


@settings(max_examples=examples(100), deadline=None)
@given(trees.systems)
def test_what_is_written_is_read_back(system: System) -> None:
    assert files.loads(files.dumps(system)) == system
    assert decode_json(msgspec.json.encode(system)) == system


@settings(max_examples=examples(60), deadline=None)
@given(trees.systems, trees.systems)
def test_any_file_can_be_changed_to_hold_any_system(old: System, new: System) -> None:
    from workbench.systems.writing import updated

    changed = updated("# kept\n" + files.dumps(old), new, Path("x.yaml"))
    assert files.loads(changed) == new


def test_a_number_in_an_unusual_spelling_is_not_changed_by_a_save(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("root:\n  node: race\n  grace: 3.409743090773588e-173\n  of: a\n")
    system = edits.set_field(files.load(path), "", "take", 2)
    files.save(system, path)
    assert files.load(path) == system


def test_shorthands() -> None:
    assert files.loads("root: 3*a").root == Model(model="a", replicas=3)
    assert files.loads("race(3*a)").root == Race(of=(Model(model="a", replicas=3),))
    assert files.loads("node: race\nof: 3*a").root == files.loads("race(3*a)").root
    assert files.loads("$ref: laconic-10").root == files.loads("$laconic-10").root == Ref(ref="laconic-10")
    table = files.loads("node: route\nrouter: r\nbranches: {code: a, else: b}").root
    assert table == Route(
        router=Model(model="r"),
        branches=(Branch(label="code", to=Model(model="a")), Branch(label="else", to=Model(model="b"))),
    )
    assert files.loads("node: verify\nverifier: 'number{at_least: 1}'\nof: [a]").root == Verify(
        verifier=Number(at_least=1), of=(Model(model="a"),)
    )


def test_json_is_read_too_with_places(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{\n\t"root": {"node": "race", "of": ["a"]},\n\t"name": "caf\\u00e9 \\ud83d\\ude00"\n}')
    assert files.load(path) == System(root=Race(of=(Model(model="a"),)), name="café 😀")
    path.write_text('{"root": {"node": "race",\n "take": "x", "of": ["a"]}}')
    with pytest.raises(SystemFileError, match=r"s\.json:2:10: at root: take takes a whole number"):
        files.load(path)


def test_the_name_is_the_files_stem_and_is_not_written_into_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("root: a\n")
    system = files.load(path)
    assert system.name == "mine"
    files.save(edits.set_field(system, "", "temperature", 0.5), path)
    assert path.read_text() == "root: a@0.5\n"


class TestEditsKeepWhatIsThere:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(COMMENTED)
        return path

    def changed(self, path: Path, system: System) -> list[str]:
        """Lines that are new or different."""
        files.save(system, path)
        assert files.load(path) == system
        before = COMMENTED.splitlines()
        return [line for line in path.read_text().splitlines() if line not in before]

    def test_nothing_changes_when_nothing_changes(self, path: Path) -> None:
        files.save(files.load(path), path)
        assert path.read_text() == COMMENTED

    def test_a_field(self, path: Path) -> None:
        system = edits.set_field(files.load(path), "of.0", "temperature", 0.9)
        assert self.changed(path, system) == ["      temperature: 0.9"]

    def test_a_new_field_stands_among_its_kind(self, path: Path) -> None:
        system = edits.set_field(files.load(path), "", "losers", "finish")
        assert self.changed(path, system) == ["  losers: finish"]
        assert path.read_text().index("losers") < path.read_text().index("of:")

    def test_a_node_in_notation_stays_in_notation(self, path: Path) -> None:
        system = edits.set_field(files.load(path), "of.1", "max_tokens", 9)
        (line,) = self.changed(path, system)
        assert line.split("#")[0].strip() == "- dear@0.5{max_tokens=9}"
        assert "# in notation" in line

    def test_an_inserted_child(self, path: Path) -> None:
        system = edits.insert(files.load(path), "of.1", Model(model="between"))
        assert self.changed(path, system) == ["    - node: model", "      model: between"][-1:]
        assert "# the cheap ones" in path.read_text()
        assert "# the dear one" in path.read_text()

    def test_a_deleted_child(self, path: Path) -> None:
        assert self.changed(path, edits.delete(files.load(path), "of.1")) == []
        assert "dear@0.5" not in path.read_text()
        assert "# quoted on purpose" in path.read_text()
        assert "# two" in path.read_text()

    def test_a_moved_child_is_written_as_it_was(self, path: Path) -> None:
        self.changed(path, edits.move(files.load(path), "of.1", -1))
        text = path.read_text()
        assert text.index("dear@0.5") < text.index('"cheap"')

    def test_a_wrapped_root(self, path: Path) -> None:
        self.changed(path, edits.wrap(files.load(path), "", "vote"))
        assert "# A race that I like." in path.read_text()
        assert "name: mine   # its name" in path.read_text()


def test_a_new_file_is_easy_to_read() -> None:
    system = System(
        root=Judge(
            judge=Model(model="j", system="one\ntwo"),
            of=(Model(model="a", temperature=1.0, replicas=2), Ref(ref="x", label="l")),
        ),
        name="n",
        budget=Budget(max_usd=0.5),
        tags=("t",),
    )
    assert files.dumps(system) == (
        "name: n\nbudget:\n  max_usd: 0.5\nroot:\n  node: judge\n  judge:\n    node: model\n    model: j\n"
        "    system: |-\n      one\n      two\n  of:\n    - node: model\n      model: a\n      replicas: 2\n"
        "      temperature: 1\n    - $ref: x\n      label: l\ntags: [t]\n"
    )


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("root:\n  node: race\n  tke: 3\n  of: a\n", "x.yaml:3:3", "at root: race has no key 'tke'", "'take'"),
        ("root: a\nbudgt: {}\n", "x.yaml:2:1", "a system has no key 'budgt'", "'budget'"),
        ("root: a\nbudget: {max_used: 1}\n", "x.yaml:2:10", "budget has no key 'max_used'", "'max_usd'"),
        ("root:\n  node: rcae\n  of: a\n", "x.yaml:2:9", "there is no node 'rcae'", "'race'"),
        ("root:\n  of: a\n", "x.yaml:2:3", "a node needs the key 'node'", "model"),
        ("name: x\n", "x.yaml:1:1", "a system needs the key 'root'", "a node"),
        ("node: judge\nof: a\n", "x.yaml:1:1", "judge needs the key 'judge'", "a node"),
        ("node: race\nof:\n  - node: race\n    take: many\n    of: a\n", "x.yaml:4:11", "at of.0: take takes", ""),
        ("node: model\nmodel: 3\n", "x.yaml:2:8", "model takes text that is not empty, not 3", "quotes"),
        ("node: model\nmodel: a\ntemperature: 9\n", "x.yaml:3:14", "a number from 0 to 5", ""),
        ("node: race\nrule: thinkng\nof: a\n", "x.yaml:2:7", "one of first, thinking, shortest", "'thinking'"),
        ("root: race(3*a\n", "x.yaml:1:15", "the text ends here", "never closed"),
        ('root:\n  - "a"\n', "x.yaml:2:3", "one node is expected here, not a list", "ensemble"),
        ("node: number\n", "x.yaml:1:7", "number is a check", ""),
        ("node: race\nof: [a, {node: number}]\n", "x.yaml:2:16", "at of.1: number is a check", ""),
        ("root: a\nroot: b\n", "x.yaml:2:1", "the key 'root' stands here twice", ""),
        ("1: a\n", "x.yaml:1:1", "a key must be text", "quotes"),
        ("root: route[r](a: b)\n", "x.yaml:1:17", "is not valid YAML", "goes in quotes"),
        ("root:\n\t- a\n", "x.yaml:2:1", "is not valid YAML", "spaces"),
        ("root: [a, b\n", "x.yaml:2:1", "is not valid YAML", ""),
        ("root: [a,\n", "x.yaml:2:1", "is not valid YAML", "never closed"),
        ("root: a\n---\nroot: b\n", "x.yaml:2:1", "is not valid YAML", ""),
        ("", "x.yaml", "is empty", "root:"),
        ("# only a comment\n", "x.yaml", "is empty", "root:"),
        ("5\n", "x.yaml:1:1", "a system is a table of keys or a line of notation, not 5", ""),
        ("root: *nobody\n", "x.yaml:1:7", "is not valid YAML", ""),
    ],
)
def test_an_error_says_where_what_and_what_to_do(text: str, where: str, message: str, hint: str) -> None:
    error = problem(text)
    assert error.where == where
    assert message in error.message
    assert hint in error.hint


def test_an_error_in_quoted_notation_says_where_inside() -> None:
    error = problem('node: race\nof:\n  - "vote(3*a"\n')
    assert error.where == "x.yaml:3:5"
    assert "at of.0:" in error.message
    assert "line 1, column 9 of 'vote(3*a'" in error.message


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "council.yaml").write_text("root: a\n")
    with pytest.raises(SystemFileError, match=r"counsil\.yaml: there is no such file\n  Near by: council\.yaml"):
        files.load(tmp_path / "counsil.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SystemFileError, match="can't be read: Is a directory"):
        files.load(tmp_path)


def test_text_that_is_not_utf8_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: x\ndescription: café\n".encode("latin-1"))
    with pytest.raises(SystemFileError, match=r"latin\.yaml:2: is not UTF-8: byte 0xe9") as caught:
        files.load(path)
    assert "UTF-8" in caught.value.hint


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_text("root: a\n", encoding="utf-8-sig")
    assert files.load(path).root == Model(model="a")


class TestWhatIsTooMuch:
    def test_a_bomb_of_anchors(self) -> None:
        levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
        assert "holds more than 50,000 values" in problem("\n".join(levels)).message

    def test_an_alias_inside_itself(self) -> None:
        assert "an alias holds itself" in problem("root: &r\n  node: race\n  of: [*r]\n").message

    def test_depth(self) -> None:
        assert "nested" in problem("root: " + "[" * 400 + "]" * 400).message
        assert "nested" in problem("- " * 50_000).message

    def test_size(self) -> None:
        assert "larger than 1,000,000 bytes" in problem("root: a\n#" + "x" * 1_000_000).message


def test_anchors_may_be_used() -> None:
    system = files.loads("root:\n  node: race\n  of:\n    - &m {node: model, model: a}\n    - *m\n")
    assert system.root == Race(of=(Model(model="a"), Model(model="a")))


def test_tags_make_nothing_but_text(tmp_path: Path) -> None:
    marker = tmp_path / "touched"
    error = problem(f"root: !!python/object/apply:os.system ['touch {marker}']\n")
    assert not marker.exists()
    assert error.where.startswith("x.yaml:1")
    assert files.loads("root: !!timestamp 2020-01-01").root == Model(model="2020-01-01")


class TestSaving:
    def test_an_interrupted_save_leaves_the_old_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "s.yaml"
        path.write_text(COMMENTED)

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(SystemFileError, match="can't be written: No space left on device"):
            files.save(System(root=Model(model="new")), path)
        assert path.read_bytes() == COMMENTED.encode()
        assert [entry.name for entry in tmp_path.iterdir()] == ["s.yaml"]

    def test_a_saved_file_keeps_its_permissions_and_its_link(self, tmp_path: Path) -> None:
        real = tmp_path / "real.yaml"
        real.write_text("root: a\n")
        real.chmod(0o640)
        link = tmp_path / "link.yaml"
        link.symlink_to(real)
        files.save(System(root=Model(model="b")), link)
        assert link.is_symlink()
        assert files.load(real).root == Model(model="b")
        assert real.stat().st_mode & 0o777 == 0o640

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_read_only_folder_is_said(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(SystemFileError, match="can't be written: Permission denied"):
            files.save(System(root=Model(model="b")), tmp_path / "x.yaml")
        tmp_path.chmod(0o700)

    def test_folders_are_made(self, tmp_path: Path) -> None:
        files.save(System(root=Model(model="b")), tmp_path / "new" / "x.yaml")
        assert files.load(tmp_path / "new" / "x.yaml") == System(root=Model(model="b"), name="x")

    def test_json_is_written_where_the_file_is_called_so(self, tmp_path: Path) -> None:
        path = tmp_path / "x.json"
        system = System(root=Chain(steps=(Model(model="a"), Vote(of=(Model(model="b", replicas=3),)))), name="x")
        files.save(system, path)
        assert json.loads(path.read_text())["root"]["node"] == "chain"
        assert files.load(path) == system

    def test_a_broken_file_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "x.yaml"
        path.write_text("root: [\n")
        files.save(System(root=Model(model="b")), path)
        assert files.load(path).root == Model(model="b")


@pytest.mark.parametrize("path", sorted(paths.presets_dir().glob("*.yaml")), ids=lambda path: path.stem)
def test_saving_a_shipped_system_unchanged_changes_no_byte(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    files.save(files.load(copy), copy)
    assert copy.read_bytes() == path.read_bytes()
