"""One line of notation ⇄ nodes. `parse` and `print_node` are inverses; docs/notation.md explains the language."""

from __future__ import annotations

from workbench.systems import printing
from workbench.systems.nodes import AnyNode, AnyTest, Check, System


def parse(text: str) -> AnyNode:
    """The node that the text describes. Raises `NotationError` with line, column and what was expected."""
    node = _read(text, checks_allowed=False)
    assert not isinstance(node, Check)
    return node


def parse_test(text: str) -> AnyTest:
    """Like `parse`, where a check (`number`, `regex{…}`) may stand too, as a verifier does."""
    return _read(text, checks_allowed=True)


def parse_system(text: str) -> System:
    """A system without a name around the node that the text describes. Raises `NotationError`."""
    return System(root=parse(text))


def print_node(node: AnyTest) -> str:
    """The node on one line. `parse(print_node(node)) == node`."""
    return printing.flat(printing.document(node))


def print_pretty(node: AnyTest, width: int = 80) -> str:
    """The node indented to fit the width (columns) where it can; quoted text is never broken. Parses to the same."""
    return printing.broken(printing.document(node), width)


def _read(text: str, *, checks_allowed: bool) -> AnyTest:
    # lark takes longer to import than the rest of this room together
    from workbench.systems import parsing

    return parsing.read(text, checks_allowed=checks_allowed)
