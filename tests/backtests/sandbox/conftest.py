"""One zygote for all tests of the sandbox, with which every level can be tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backtests.sandbox.line import Line
from backtests.sandbox.programs import PROGRAMS

SOURCE = {"source": "tests.backtests.sandbox.inside:main"}


@pytest.fixture(scope="session")
def line() -> Iterator[Line]:
    """The line to a warm zygote that also runs plain source."""
    made = Line({**PROGRAMS, **SOURCE}, load="science")
    yield made
    made.close()
