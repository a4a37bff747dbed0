"""What the tests of the shell share."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from moondev import health


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole what is costly to collect, where no test of it would be run."""
    is_left_out = collection_path.name == "test_promises.py" and "not slow" in config.option.markexpr
    return True if is_left_out else None


@pytest.fixture
def fresh_health() -> Iterator[None]:
    """Checks that were not looked up for another test, and are not kept for the next."""
    health.checks.forget()
    yield
    health.checks.forget()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that the process writes to its log, as it writes it."""
    stream = io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    before = handler.setStream(stream)
    yield stream
    if before is not None:
        handler.setStream(before)
