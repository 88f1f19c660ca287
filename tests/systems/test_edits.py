"""Edits of the tree: pure, with inverses, and refused where they make no sense."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.systems import trees
from workbench.systems import edits
from workbench.systems.edits import EditError
from workbench.systems.fields import OPERATORS
from workbench.systems.history import History
from workbench.systems.nodes import (
    Agreement,
    AnyNode,
    Branch,
    Check,
    Judge,
    Model,
    Node,
    Number,
    Race,
    Route,
    System,
    Verify,
    Vote,
)
from workbench.systems.notation import parse, parse_system, print_node
from workbench.systems.tree import children, join, walk

A, B, C = (Model(model=name) for name in "abc")


def show(system: System) -> str:
    return print_node(system.root)


def paths_of(system: System) -> list[str]:
    return [path for path, _ in walk(system.root)]


def places(system: System) -> list[str]:
    """Every path at which a further child can be inserted."""
    found = []
    for path, node in walk(system.root):
        if isinstance(node, Node):
            for name in node.branches_in:
                found += [join(path, f"{name}.{index}") for index in range(len(getattr(node, name)) + 1)]
    return found


few = settings(max_examples=examples(40), deadline=None)


class TestLaws:
    @few
    @given(trees.systems, trees.leaves, st.data())
    def test_insert_then_delete_changes_nothing(self, system: System, node: Model, data: st.DataObject) -> None:
        assume(places(system))
        path = data.draw(st.sampled_from(places(system)))
        grown = edits.insert(system, path, node)
        assert edits.get(grown, path) == node
        assert edits.delete(grown, path) == system

    @few
    @given(trees.systems, st.sampled_from(sorted(OPERATORS)), st.data())
    def test_wrap_then_unwrap_changes_nothing(self, system: System, kind: str, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from([p for p, node in walk(system.root) if not isinstance(node, Check)]))
        wrapped = edits.wrap(system, path, kind)
        assert show(wrapped) != show(system)
        assert edits.unwrap(wrapped, path) == system

    @few
    @given(trees.systems, st.data())
    def test_move_there_and_back_changes_nothing(self, system: System, data: st.DataObject) -> None:
        movable = [p for p in paths_of(system) if p.rpartition("/")[2].partition(".")[2]]
        assume(movable)
        path = data.draw(st.sampled_from(movable))
        stem, _, index = path.rpartition(".")
        siblings = sum(1 for p in paths_of(system) if p.rpartition(".")[0] == stem and "/" not in p[len(stem) :])
        target = data.draw(st.integers(0, siblings - 1))
        by = target - int(index)
        moved = edits.move(system, path, by)
        assert edits.get(moved, f"{stem}.{target}") == edits.get(system, path)
        assert edits.move(moved, f"{stem}.{target}", -by) == system

    @few
    @given(trees.systems, st.data())
    def test_replace_by_itself_changes_nothing(self, system: System, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(paths_of(system)))
        assert edits.replace(system, path, edits.get(system, path)) == system

    @few
    @given(trees.systems, trees.leaves, st.data())
    def test_replace_changes_that_place_alone(self, system: System, node: Model, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(paths_of(system)))
        before = msgspec.json.encode(system)
        changed = edits.replace(system, path, node)
        assert edits.get(changed, path) == node
        rest = {p: n for p, n in walk(system.root) if not (p == path or _above(p, path) or _above(path, p))}
        assert {p: edits.get(changed, p) for p in rest} == rest
        assert msgspec.json.encode(system) == before

    @few
    @given(trees.systems, st.sampled_from(sorted(OPERATORS)), st.data())
    def test_changing_the_kind_keeps_the_children(self, system: System, kind: str, data: st.DataObject) -> None:
        operators = [p for p, node in walk(system.root) if isinstance(node, Node) and node.branches_in]
        assume(operators)
        path = data.draw(st.sampled_from(operators))
        old = edits.get(system, path)
        new = edits.get(edits.change_kind(system, path, kind), path)
        assert isinstance(old, Node)
        assert isinstance(new, Node)
        assert _inner(new) == _inner(old)
        assert (new.replicas, new.label) == (old.replicas, old.label)


def _above(upper: str, lower: str) -> bool:
    return upper == "" or lower.startswith(f"{upper}/")


def _inner(node: Node) -> list[object]:
    return [child.node for child in children(node) if child.role in node.branches_in]


class TestEach:
    system = parse_system("judge[j](a, race[take=2](b, c))")

    def test_get(self) -> None:
        assert edits.get(self.system, "judge") == Model(model="j")
        assert edits.get(self.system, "of.1/of.0") == B
        with pytest.raises(EditError, match=r"of\.7: judge has no child 'of\.7'"):
            edits.get(self.system, "of.7")

    def test_insert(self) -> None:
        assert show(edits.insert(self.system, "of.1", C)) == "judge[j](a, c, race[take=2](b, c))"
        assert show(edits.insert(self.system, "of.1/of.2", A)) == "judge[j](a, race[take=2](b, c, a))"

    def test_inserted_branches_get_labels_of_their_own(self) -> None:
        route = parse_system("route[r](branch: a, else: b)")
        assert show(edits.insert(route, "branches.1", C)) == "route[r](branch: a, branch-2: c, else: b)"
        assert show(edits.insert(route, "branches.2", C, "code")) == "route[r](branch: a, else: b, code: c)"

    def test_delete_keeps_arguments_and_last_children(self) -> None:
        assert show(edits.delete(self.system, "of.0")) == "judge[j](race[take=2](b, c))"
        for path, said in [("", "can't be deleted"), ("judge", "needs its judge")]:
            with pytest.raises(EditError, match=said):
                edits.delete(self.system, path)
        with pytest.raises(EditError, match="the last child of race"):
            edits.delete(parse_system("race(a)"), "of.0")

    def test_move_stops_at_the_ends(self) -> None:
        assert show(edits.move(self.system, "of.1/of.0", 1)) == "judge[j](a, race[take=2](c, b))"
        with pytest.raises(EditError, match="already the first"):
            edits.move(self.system, "of.0", -1)
        with pytest.raises(EditError, match="already the last"):
            edits.move(self.system, "of.1", 1)
        with pytest.raises(EditError, match="no siblings"):
            edits.move(self.system, "judge", 1)

    def test_a_branch_moves_with_its_label(self) -> None:
        route = parse_system('route[r](code "programs": a, else: b)')
        assert show(edits.move(route, "branches.0", 1)) == 'route[r](else: b, code "programs": a)'

    def test_duplicate(self) -> None:
        assert show(edits.duplicate(self.system, "of.0")) == "judge[j](a, a, race[take=2](b, c))"
        copied = edits.duplicate(parse_system("route[r](code: a, else: b)"), "branches.0")
        assert show(copied) == "route[r](code: a, code-2: a, else: b)"

    def test_wrap_makes_what_the_operator_needs(self) -> None:
        system = parse_system("3*m@0.7")
        assert show(edits.wrap(system, "", "vote")) == "vote(3*m@0.7)"
        assert show(edits.wrap(system, "", "judge")) == "judge[m@0.7](3*m@0.7)"
        assert show(edits.wrap(system, "", "verify")) == "verify[number](3*m@0.7)"
        assert show(edits.wrap(system, "", "cascade")) == "cascade[agreement](3*m@0.7)"
        assert show(edits.wrap(system, "", "route")) == "route[m@0.7](else: 3*m@0.7)"
        assert show(edits.wrap(system, "", "judge", Model(model="j"))) == "judge[j](3*m@0.7)"
        with pytest.raises(EditError, match="no operator 'model'"):
            edits.wrap(system, "", "model")
        with pytest.raises(EditError, match="a check"):
            edits.wrap(parse_system("verify[number](a)"), "verifier", "race")

    def test_unwrap_spills_children_where_there_is_room(self) -> None:
        assert show(edits.unwrap(self.system, "of.1")) == "judge[j](a, b, c)"
        with pytest.raises(EditError, match="has 2 children"):
            edits.unwrap(self.system, "")
        with pytest.raises(EditError, match="no children"):
            edits.unwrap(self.system, "of.0")

    def test_set_field_converts_and_checks(self) -> None:
        assert show(edits.set_field(self.system, "of.1", "take", 1)) == "judge[j](a, race(b, c))"
        assert show(edits.set_field(self.system, "of.0", "temperature", 1)) == "judge[j](a@1, race[take=2](b, c))"
        with pytest.raises(EditError, match="take takes a whole number of at least 1, not 0"):
            edits.set_field(self.system, "of.1", "take", 0)
        with pytest.raises(EditError, match=r"race has no field 'tke'\n  Did you mean 'take'"):
            edits.set_field(self.system, "of.1", "tke", 1)
        with pytest.raises(EditError, match="judge has no field 'of'"):
            edits.set_field(self.system, "", "of", [])

    def test_set_branch(self) -> None:
        route = parse_system("route[r](code: a, else: b)")
        assert show(edits.set_branch(route, "branches.0", "math", "sums")) == "route[r](math sums: a, else: b)".replace(
            "sums", '"sums"'
        )
        assert edits.branch_at(route, "branches.1") == Branch(label="else", to=B)
        assert edits.branch_at(self.system, "of.0") is None
        with pytest.raises(EditError, match="a branch 'else' already"):
            edits.set_branch(route, "branches.0", "else")
        with pytest.raises(EditError, match="needs a label"):
            edits.set_branch(route, "branches.0", "")

    def test_checks_stand_only_where_verifiers_do(self) -> None:
        verify = parse_system("verify[v](a)")
        assert edits.replace(verify, "verifier", Number()).root == Verify(verifier=Number(), of=(A,))
        for system, path in [(verify, "of.0"), (self.system, "judge"), (self.system, "")]:
            with pytest.raises(EditError, match="only where a verifier does"):
                edits.replace(system, path, Number())

    def test_change_kind_keeps_the_argument_where_it_fits(self) -> None:
        system = parse_system("verify[v, threshold=0.9](3*a)")
        assert show(edits.change_kind(system, "", "filter")) == "filter[v, threshold=0.9](3*a)"
        assert show(edits.change_kind(system, "", "judge")) == "judge[v](3*a)"
        check = parse_system("verify[number](3*a)")
        assert show(edits.change_kind(check, "", "judge")) == "judge[a](3*a)"
        with pytest.raises(EditError, match="model can't become an operator"):
            edits.change_kind(system, "of.0", "race")


class TestHistory:
    @few
    @given(st.lists(st.sampled_from(["a", "b", "race(3*a)", "undo", "redo"]), max_size=20))
    def test_it_is_the_list_of_states_with_a_cursor(self, steps: list[str]) -> None:
        states, at = [parse_system("start")], 0
        history = History(states[0])
        for step in steps:
            if step == "undo":
                at = max(0, at - 1)
                history.undo()
            elif step == "redo":
                at = min(len(states) - 1, at + 1)
                history.redo()
            elif parse(step) != states[at].root:
                states, at = [*states[: at + 1], parse_system(step)], at + 1
                history.do(states[at])
            assert history.system == states[at]
            assert (history.can_undo, history.can_redo) == (at > 0, at < len(states) - 1)
            assert history.unsaved == (states[at] != states[0])

    @few
    @given(trees.systems, trees.nodes)
    def test_undo_takes_back_and_redo_brings_again(self, system: System, node: AnyNode) -> None:
        history = History(system)
        new = history.do(edits.replace(system, "", node))
        assert history.undo() == system
        assert history.redo() == new

    def test_the_same_again_is_no_step(self) -> None:
        history = History(System(root=Race(of=(A,))))
        history.do(System(root=Race(of=(A,))))
        assert not history.can_undo

    def test_saved_is_where_it_was_saved(self) -> None:
        history = History(System(root=A))
        history.do(System(root=B))
        history.mark_saved()
        assert not history.unsaved
        assert history.undo() == System(root=A)
        assert history.unsaved


def test_a_wrapped_tree_has_no_surprises() -> None:
    system = System(root=Route(router=A, branches=(Branch(label="x", to=B),)))
    wrapped = edits.wrap(system, "branches.0", "vote")
    assert wrapped.root == Route(router=A, branches=(Branch(label="x", to=Vote(of=(B,))),))
    judged = edits.wrap(wrapped, "branches.0", "cascade")
    assert edits.get(judged, "branches.0/accept") == Agreement()
    assert isinstance(edits.get(edits.wrap(judged, "", "judge"), ""), Judge)
