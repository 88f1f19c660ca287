"""Names, references and what a person may type as a system."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import paths
from workbench.errors import NotationError, SystemFileError
from workbench.systems.checks import check
from workbench.systems.library import Library, find, override_models
from workbench.systems.nodes import Cascade, Ensemble, Model, Number, Race, Ref, System
from workbench.systems.notation import parse, parse_system, print_node


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Three systems of one's own, and the shipped ones."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "five.yaml").write_text("root: race(5*a@0.7)\n")
    (own / "both.yaml").write_text("root:\n  node: vote\n  of:\n    - 2*$five\n    - $ref: ./deep/one.yaml\n")
    (own / "single.yaml").write_text("root: mine\n")
    (own / "deep").mkdir()
    (own / "deep" / "one.yaml").write_text("root: $../five.yaml{label=inner}\n")
    (own / ".hidden.yaml").write_text("root: a\n")
    return Library([own, paths.presets_dir()])


def resolved(library: Library, name: str) -> str:
    return print_node(library.resolve(library.get(name), library.path(name)).root)


class TestNames:
    def test_own_and_shipped_are_there_and_hidden_files_are_not(self, library: Library) -> None:
        assert {"five", "both", "single", "laconic-10"} <= set(library.names())
        assert ".hidden" not in library.names()
        assert library.names() == sorted(library.names())

    def test_ones_own_hides_the_shipped_one(self, library: Library) -> None:
        assert library.get("single").root == Model(model="mine")
        assert library.get("$single").root == Model(model="mine")

    def test_an_unknown_one_names_its_neighbours(self, library: Library) -> None:
        with pytest.raises(SystemFileError, match="no system called 'laconic'\n  Did you mean laconic-10"):
            library.get("laconic")

    def test_folders_need_not_exist(self, tmp_path: Path) -> None:
        assert Library([tmp_path / "nowhere"]).names() == []


class TestReferences:
    def test_they_are_replaced_all_the_way_down(self, library: Library) -> None:
        assert resolved(library, "both") == "vote(2*race(5*a@0.7), race[label=inner](5*a@0.7))"

    def test_copies_of_what_has_copies_stay_apart(self, library: Library) -> None:
        root = library.resolve(parse_system("3*$single >> $single")).root
        assert print_node(root) == "3*mine >> mine"
        (library.folders[0] / "two.yaml").write_text("root: 2*m\n")
        many = library.resolve(parse_system("3*$two")).root
        assert many == Ensemble(of=(Model(model="m", replicas=2),), replicas=3)

    def test_a_ring_names_its_members_and_the_line(self, library: Library) -> None:
        own = library.folders[0]
        (own / "x.yaml").write_text("# one\nroot:\n  node: race\n  of: [a, $y]\n")
        (own / "y.yaml").write_text("root: vote(3*$x)\n")
        with pytest.raises(SystemFileError, match=r"y\.yaml:1: at of\.0: .* in a ring: \$x → \$y → \$x") as caught:
            library.resolve(library.get("x"), library.path("x"))
        assert caught.value.hint

    def test_a_system_that_refers_to_itself(self, library: Library) -> None:
        (library.folders[0] / "self.yaml").write_text("root: race(3*$self)\n")
        with pytest.raises(SystemFileError, match=r"self\.yaml:1: at of\.0: .* in a ring: \$self → \$self"):
            library.resolve(parse_system("$self"))

    def test_a_missing_one_is_said_with_file_line_path_and_suggestion(self, library: Library) -> None:
        path = library.folders[0] / "z.yaml"
        path.write_text("root:\n  node: race\n  of:\n    - a\n    - $ref: laconic-1\n")
        with pytest.raises(SystemFileError) as caught:
            library.resolve(library.get("z"), path)
        assert caught.value.where == f"{path}:5"
        assert caught.value.message == "at of.1: there is no system called 'laconic-1'"
        assert "laconic-10" in caught.value.hint

    def test_a_missing_file_is_said_too(self, library: Library) -> None:
        path = library.folders[0] / "z.yaml"
        path.write_text("root: $./fife.yaml\n")
        with pytest.raises(SystemFileError, match=r"z\.yaml:1: at root: there is no file './fife\.yaml'") as caught:
            library.resolve(library.get("z"), path)
        assert "five.yaml" in caught.value.hint

    def test_without_a_file_paths_are_relative_to_the_working_directory(
        self, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(library.folders[0])
        assert library.resolve(parse_system("$./five.yaml")).root == parse("race(5*a@0.7)")


class TestWhatIsTyped:
    @pytest.mark.parametrize("text", ["five", "$five", " five "])
    def test_a_name(self, library: Library, text: str) -> None:
        assert find(text, library).root == parse("race(5*a@0.7)")

    def test_a_file(self, library: Library) -> None:
        file = library.folders[0] / "five.yaml"
        assert find(str(file), library).name == "five"
        assert library.file_of(str(file)) == file

    def test_notation(self, library: Library) -> None:
        assert find("race(3*x)", library).root == parse("race(3*x)")
        assert find("gpt-4o@0.5", library).root == Model(model="gpt-4o", temperature=0.5)
        assert library.file_of("race(3*x)") is None

    def test_notation_that_ends_in_a_file_is_notation(self, library: Library) -> None:
        root = find("a >> $./five.yaml", library).root
        assert root == parse("a >> $./five.yaml")
        assert library.file_of("a >> $./five.yaml") is None

    def test_a_word_that_is_nearly_a_name_is_a_misspelling(self, library: Library) -> None:
        with pytest.raises(SystemFileError, match="Did you mean laconic-10") as caught:
            find("laconic10", library)
        assert '"laconic10"' in caught.value.hint
        assert find('"laconic10"', library).root == Model(model="laconic10")

    def test_nothing(self, library: Library) -> None:
        with pytest.raises(SystemFileError, match="no system is given"):
            find("  ", library)

    def test_very_long_texts_are_no_file_names(self, library: Library) -> None:
        assert isinstance(find("race(" + ", ".join(["m"] * 3000) + ")", library).root, Race)
        with pytest.raises((NotationError, SystemFileError)):
            find("[" + "x" * 5000 + ".yaml", library)


class TestOverrides:
    def test_generators_get_one_model_and_arguments_the_other(self) -> None:
        system = parse_system(
            'judge[j@0{max_tokens=9}](3*verify[v](5*m@0.7{system="s"}), cascade[s](a, route[r](x: b)))'
        )
        changed = override_models(system, "M", "J")
        assert print_node(changed.root) == (
            "judge[J@0{max_tokens=9}](3*verify[J](5*M@0.7{system=s}), cascade[J](M, route[J](x: M)))"
        )

    def test_only_one_of_them(self) -> None:
        system = parse_system("refine[best[s](2*c)](m)")
        assert print_node(override_models(system, model="M").root) == "refine[best[s](2*c)](M)"
        assert print_node(override_models(system, judge="J").root) == "refine[best[J](2*J)](m)"
        assert override_models(system) == system

    def test_checks_and_references_stay(self) -> None:
        root = Cascade(accept=Number(), of=(Ref(ref="x"), Model(model="m")))
        changed = override_models(System(root=root), "M", "J").root
        assert changed == Cascade(accept=Number(), of=(Ref(ref="x"), Model(model="M")))


def test_every_shipped_system_has_no_complaint_that_matters(library: Library) -> None:
    for name in Library([paths.presets_dir()]).names():
        found = check(library.resolve(library.get(name)), allow_code=True)
        assert [problem for problem in found if problem.severity != "info"] == [], name
