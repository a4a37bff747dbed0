"""What the tests of the shell share."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from moondev import health


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
