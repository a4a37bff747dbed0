"""Grids and random searches: every cell stands the same check, and one that fails is a cell with its failure."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from backtests.engine import grid, running
from backtests.engine.outcomes import Cell, Ran
from backtests.engine.space import Space, cells_of
from backtests.sandbox import Sandbox
from backtests.sandbox.job import Limits
from moondev.lib.errors import Invalid
from tests.backtests.engine.asking import ask
from tests.backtests.engine.strategies import CROSS, HEAD

pytestmark = pytest.mark.slow(0.5)

SPACE = {"fast": [3, 5, 8], "slow": [13, 21]}
SHORT = Limits(cpu_sec=1, wall_sec=30)
ENDLESS = CROSS.replace("        self.a =", "        while self.fast == 5: pass\n        self.a =", 1)


def test_it_gives_each_cell_the_numbers_of_a_single_run(sandbox: Sandbox, tmp_path: Path) -> None:
    request = ask(tmp_path, CROSS)
    cells = grid.grid(sandbox, request, SPACE)
    assert [cell.parameters for cell in cells] == [{"fast": f, "slow": s} for f in (3, 5, 8) for s in (13, 21)]
    single = running.run(sandbox, ask(tmp_path, CROSS, parameters=cells[3].parameters))
    assert isinstance(single, Ran)
    assert cells[3].stats == single.stats
    assert len({cell.stats["Return %"] for cell in cells if cell.stats}) == 6


def test_it_tells_how_far_it_is(sandbox: Sandbox, tmp_path: Path) -> None:
    told: list[dict[str, int]] = []
    grid.grid(sandbox, ask(tmp_path, CROSS), SPACE, on_progress=told.append)
    assert told[-1] == {"cells": 6, "of": 6}


def test_it_keeps_a_failure_in_its_cell(sandbox: Sandbox, tmp_path: Path) -> None:
    code = CROSS.replace("        self.a =", "        assert self.fast != 5\n        self.a =", 1)
    cells = grid.grid(sandbox, ask(tmp_path, code), SPACE, parallel=1)
    assert kinds(cells) == [None, None, "runtime", "runtime", None, None]
    assert "AssertionError" in cells[2].failure.message  # type: ignore[union-attr]


def test_it_ends_a_cell_that_takes_too_long_and_no_other(sandbox: Sandbox, tmp_path: Path) -> None:
    cells = grid.grid(sandbox, ask(tmp_path, ENDLESS), {"fast": [3, 5, 8]}, parallel=1, limits=SHORT)
    assert kinds(cells) == [None, "timeout", None]
    assert "1 seconds of processor time" in cells[1].failure.message  # type: ignore[union-attr]


def test_it_tries_the_others_of_a_batch_alone_when_one_cell_ends_the_process(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import os\n" + CROSS.replace(
        "        self.a =", "        self.fast == 5 and os._exit(1)\n        self.a =", 1
    )
    cells = grid.grid(sandbox, ask(tmp_path, code), {"fast": [3, 5, 8, 9, 10, 11]}, parallel=1)
    assert kinds(cells) == [None, "crashed", None, None, None, None]


def test_it_fails_every_cell_when_the_code_does_not_load(sandbox: Sandbox, tmp_path: Path) -> None:
    cells = grid.grid(sandbox, ask(tmp_path, "import nothing_like_this"), SPACE)
    assert kinds(cells) == ["import"] * 6


def test_it_refuses_forged_cells(sandbox: Sandbox, tmp_path: Path) -> None:
    code = CROSS + (
        "\nimport sys\ncells = sys.modules['backtests.engine.inside.cells']\n"
        "cells.brief = lambda simulation: {'bars': 700, 'first': 1, 'warmup': 0, 'fills':"
        " {'of': [-1, 0], 'bar': [5, 6], 'at': [5, 6], 'size': [10, 10], 'price': [1.0, 1000.0]}}\n"
    )
    assert kinds(grid.grid(sandbox, ask(tmp_path, code), {"fast": [3, 5]})) == ["forged", "forged"]


def test_it_stops_when_its_time_is_over(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        HEAD
        + "import time\nclass Slow(Strategy):\n    n = 1\n"
        + "    def init(self): time.sleep(60 if self.n > 8 else 0)\n    def next(self): pass\n"
    )
    cells = grid.grid(sandbox, ask(tmp_path, code), {"n": list(range(60))}, within_sec=4.0)
    assert cells[0].failure is None
    assert cells[-1].failure is not None
    assert (cells[-1].failure.kind, len(cells)) == ("timeout", 60)
    assert "time for the grid" in cells[-1].failure.message


def test_it_ends_at_once_when_it_is_cancelled(sandbox: Sandbox, tmp_path: Path) -> None:
    code = (
        HEAD
        + "class Endless(Strategy):\n    n = 1\n"
        + "    def init(self):\n        while True: pass\n    def next(self): pass\n"
    )
    began = time.monotonic()
    cells = grid.grid(sandbox, ask(tmp_path, code), {"n": [1, 2, 3]}, cancelled=lambda: time.monotonic() > began + 0.3)
    # The product promises 2 s.
    assert time.monotonic() - began < 6
    assert kinds(cells) == ["cancelled"] * 3


@pytest.mark.parametrize(
    ("count", "parallel", "sizes"),
    [
        (16, 2, [2, 2, 2, 2, 2, 2, 1, 1, 1, 1]),
        (60, 2, [8, 8, 8, 8, 7, 6, 4, 3, 2, 2, 1, 1, 1, 1]),
        (200, 1, [16] * 11 + [12, 6, 3, 2, 1]),
        (3, 8, [1, 1, 1]),
    ],
)
def test_its_jobs_become_smaller_to_the_end(count: int, parallel: int, sizes: list[int]) -> None:
    cells: list[dict[str, Any]] = [{"n": number} for number in range(count)]
    batches = grid.batches_of(cells, parallel=parallel)
    assert [len(batch) for batch in batches] == sizes
    assert [cell for batch in batches for cell in batch] == cells


def test_it_draws_the_same_different_cells_for_a_seed() -> None:
    space: Space = {"a": list(range(50)), "b": list(range(50)), "c": [True, False]}
    drawn = cells_of(space, method="random", most=40, seed=7)
    assert drawn == cells_of(space, method="random", most=40, seed=7)
    assert drawn != cells_of(space, method="random", most=40, seed=8)
    assert len({tuple(cell.values()) for cell in drawn}) == 40
    assert len(cells_of({"a": [1, 2]}, method="random", most=40, seed=7)) == 2


@pytest.mark.parametrize(
    ("space", "pointer"),
    [
        ({}, "/space"),
        ({"a": []}, "/space/a"),
        ({"a": "abc"}, "/space/a"),
        ({"a": [float("nan")]}, "/space/a"),
        ({"a": [[1]]}, "/space/a"),
        ({"a": list(range(300))}, "/space"),
    ],
)
def test_it_names_what_is_wrong_with_a_space(space: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        cells_of(space, method="grid", most=200, seed=1)
    assert refused.value.errors[0].pointer == pointer


def kinds(cells: list[Cell]) -> list[str | None]:
    return [cell.failure.kind if cell.failure else None for cell in cells]
