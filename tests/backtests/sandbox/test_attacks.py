"""None of the attacks gets anything, at any level that this machine offers, and each of them comes to an end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backtests.sandbox import probe
from backtests.sandbox.levels import ISOLATING, Level
from backtests.sandbox.line import Line
from tests.backtests.sandbox.assault import Complaints, assault
from tests.backtests.sandbox.attacks import ATTACKS
from tests.backtests.sandbox.prey import Prey, lay_out

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prey() -> Iterator[Prey]:
    with lay_out() as laid_out:
        yield laid_out


@pytest.fixture(scope="module")
def complaints(line: Line, prey: Prey) -> Complaints:
    return assault(line, prey, [level for level, reason in probe().items() if not reason])


@pytest.mark.parametrize("level", ISOLATING.values(), ids=lambda level: level.label)
@pytest.mark.parametrize("name", [attack.name for attack in ATTACKS], ids=lambda name: name.replace(" ", "_"))
def test_it_withstands_who(complaints: Complaints, level: Level, name: str) -> None:
    if (level, name) not in complaints:
        pytest.skip(f"not tested at the level {level.label}, which this machine does not offer: {probe()[level]}")
    assert complaints[level, name] == ""


def test_it_kept_everybody_else_unharmed(complaints: Complaints, prey: Prey) -> None:
    assert prey.harm() == []


def test_it_has_forty_attacks_and_more() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40
