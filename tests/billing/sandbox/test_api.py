"""What holds for every call of the sandbox's API."""

from __future__ import annotations

from tests.billing.sandbox.fixture import Sandbox


def test_it_answers_stripes_own_client(sandbox: Sandbox) -> None:
    assert sandbox.api.v1.events.list().data == []
