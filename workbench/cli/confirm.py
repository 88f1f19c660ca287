"""Before anything is spent: what is odd about a system, and whether it may make very many calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from workbench.cli.firing import Shot, need_models
from workbench.cli.output import note, one_line
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.systems.nodes import Model
from workbench.systems.tree import walk


def confirm(services: Services, shots: Sequence[Shot], *, yes: bool, quiet: bool) -> tuple[str, ...]:
    """Say what the checks found and return it; ask before more than 1,000 calls. Raises `InputError` for a problem that
    makes a run impossible and for a no, `ModelError` where not one model can be called."""
    from workbench.systems.checks import ASK_ABOVE, count_calls

    warnings = dict.fromkeys(warning for shot in shots for warning in _warnings(services, shot))
    if not quiet:
        for warning in warnings:
            note(f"workbench: {warning}")
    most = sum(count_calls(shot.system.root).high for shot in shots)
    if most > ASK_ABOVE and not yes:
        ask(f"this may make up to {most:,} calls", "--yes fires it without asking.", "not fired")
    return tuple(warnings)


def _warnings(services: Services, shot: Shot) -> list[str]:
    """What is probably not meant. Remarks (`info`) are left to `systems check`."""
    from workbench.systems.checks import check

    need_models(services, shot.system)
    problems = check(shot.system, services.models, shot.allow_code)
    for problem in problems:
        if problem.severity == "error":
            raise InputError(problem.message, where=problem.path or "the system", hint=problem.hint)
    nodes = {path: node for path, node in walk(shot.system.root) if isinstance(node, Model)}
    warnings = []
    for problem in problems:
        named = nodes.get(problem.path)
        model = f"{named.model}: " if named is not None and named.model not in problem.message else ""
        if problem.severity == "warning":
            warnings.append(f"{problem.path}: {model}{problem.message}" if problem.path else problem.message)
    return warnings


def ask(what: str, hint: str, refused: str) -> None:
    """Ask whether to go on; raises `InputError` for a no (`refused`) and, with `hint`, where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(what, hint=hint)
    sys.stderr.write(f"workbench: {one_line(what)}. Go on? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InputError(refused)
