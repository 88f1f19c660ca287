"""Whatever is pressed: no exception, nothing unsaved is lost, and every run that was started has its end."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.tui.fuzzing import SIZES, Ending, actions, session

ENDINGS: tuple[Ending, ...] = get_args(Ending)


async def fuzz(folder: Path, patch: pytest.MonkeyPatch, seed: int, count: int) -> None:
    size, ending = SIZES[seed % len(SIZES)], ENDINGS[seed // len(SIZES) % len(ENDINGS)]
    does = actions(seed, count)
    wrong = await session(folder / "0", patch, seed, does, size, ending)
    assert not wrong, (
        f"seed {seed}, {size}, {ending}\n" + "\n".join(wrong) + "\nactions:\n" + "\n".join(map(str, does[-30:]))
    )


async def test_three_hundred_random_keys_and_clicks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await fuzz(tmp_path, monkeypatch, 1, 300)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
async def test_five_thousand_random_keys_and_clicks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    await fuzz(tmp_path, monkeypatch, seed, 500)
