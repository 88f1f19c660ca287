"""One module per operator, one function each: `async def op(node, task, scope)` yields candidates as they complete."""

from __future__ import annotations

from typing import Any

from workbench.engine.operators.best import best
from workbench.engine.operators.cascade import cascade
from workbench.engine.operators.chain import chain
from workbench.engine.operators.debate import debate
from workbench.engine.operators.ensemble import ensemble
from workbench.engine.operators.filter import filter_
from workbench.engine.operators.judge import judge
from workbench.engine.operators.model import model
from workbench.engine.operators.race import race
from workbench.engine.operators.refine import refine
from workbench.engine.operators.route import route
from workbench.engine.operators.verify import verify
from workbench.engine.operators.vote import vote
from workbench.systems import nodes

OPERATORS: dict[type[nodes.Node], Any] = {
    nodes.Model: model,
    nodes.Ensemble: ensemble,
    nodes.Race: race,
    nodes.Vote: vote,
    nodes.Judge: judge,
    nodes.Verify: verify,
    nodes.Filter: filter_,
    nodes.Best: best,
    nodes.Cascade: cascade,
    nodes.Route: route,
    nodes.Chain: chain,
    nodes.Refine: refine,
    nodes.Debate: debate,
}
"""Which function runs which node."""
