"""What the tests of backtests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backtests.sandbox import Level, Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One warm sandbox at the strongest level that this machine offers."""
    with Sandbox(weakest=Level.SECCOMP_NO_OPEN) as warm:
        yield warm
