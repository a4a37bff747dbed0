from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from gateway.gate.interface import Ticket
from tests.gateway.gate.throwaway import Valkey


@pytest.fixture
def ticket() -> Ticket:
    """A wish for one request of an account that no other test knows: limit 5, ceiling 1000."""
    return Ticket(f"t{uuid.uuid4().hex}", "used", 5, 1, "abuse:k1", 1000)


@pytest.fixture
def valkey(settings: Settings) -> Iterator[Valkey]:
    """A running server of this test's own, set as REDIS_URL. Its folder is short, as a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        server = Valkey(Path(folder))
        server.start()
        settings.REDIS_URL = server.url
        yield server
        server.kill()
