"""Whatever is pressed: no exception, nothing unsaved is lost, and every run that was started has its end."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.tui.fuzz_actions import actions
from tests.tui.fuzzing import SIZES, Ending, session

ENDINGS: tuple[Ending, ...] = get_args(Ending)
TAILS = (5, 20, 80, 200)
"""Numbers of last actions that are tried alone once something is found."""


async def fuzz(folder: Path, patch: pytest.MonkeyPatch, seed: int, count: int) -> None:
    """One session; where something is wrong the fewest of its last actions that show it too are told."""
    size, ending = SIZES[seed % len(SIZES)], ENDINGS[seed // len(SIZES) % len(ENDINGS)]
    does = actions(seed, count)
    found = await session(folder / "whole", patch, seed, does, size, ending)
    if not found:
        return
    does = does[: int(number) + 1] if (number := found[0].partition("action ")[2].partition(",")[0]).isdigit() else does
    for tail in (does[-length:] for length in TAILS):
        if again := await session(folder / f"last-{len(tail)}", patch, seed, tail, size, ending):
            found, does = again, tail
            break
    told = "\n".join([*found, f"seed {seed}, {size}, {ending}, {len(does)} actions:", *map(repr, does)])
    pytest.fail(told, pytrace=False)


@pytest.mark.parametrize("count", [100, pytest.param(300, marks=pytest.mark.slow)])
async def test_random_keys_and_clicks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    await fuzz(tmp_path, monkeypatch, 0, count)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 19))
async def test_five_thousand_random_keys_and_clicks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Every size, and every way to end."""
    await fuzz(tmp_path, monkeypatch, seed, 560)
