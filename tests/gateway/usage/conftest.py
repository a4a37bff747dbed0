from __future__ import annotations

import pytest

from gateway.models import UsageBatch
from gateway.usage.writer import writer


@pytest.fixture(autouse=True)
def nothing_counted(request: pytest.FixtureRequest) -> None:
    """Other tests' requests were counted in this process too; what is left of them is not this test's."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if is_transactional(request) else "db")
        writer.flush()
        UsageBatch.objects.all().delete()


def is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
