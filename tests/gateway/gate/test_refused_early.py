"""What never gets as far as a view: strings that cannot be keys, and bodies that are too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, cast

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User, Workspace
from billing.models import Plan
from gateway.gate.process import doorstep, gate
from gateway.keys.services import create_key
from gateway.models import UsageBatch
from gateway.usage.writer import writer
from tests.gateway.gate.test_entrance import UNKNOWN, left_of
from tests.gateway.gate.test_limiter import wait_for_room_in_the_minute

pytestmark = pytest.mark.django_db

NO_KEYS = [
    ({"X-API-Key": "md_live_" + "a" * 38}, HTTPStatus.FORBIDDEN),
    ({"X-API-Key": "schl\xfcssel"}, HTTPStatus.FORBIDDEN),
    ({"X-API-Key": "x" * 201}, HTTPStatus.BAD_REQUEST),
    ({"X-API-Key": "md_x", "Authorization": "Bearer md_y"}, HTTPStatus.BAD_REQUEST),
]


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[None]:
    """No Redis, and a gate that does not know it yet: it would learn so by asking."""
    wait_for_room_in_the_minute(10)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    gate.cache_clear()
    doorstep.cache_clear()
    yield
    gate.cache_clear()
    doorstep.cache_clear()


@pytest.mark.parametrize(("headers", "status"), NO_KEYS)
@pytest.mark.usefixtures("without_redis")
def test_it_refuses_what_cannot_be_a_key_without_asking_anybody(
    client: Client,
    headers: dict[str, str],
    status: HTTPStatus,
    settings: Settings,
    django_assert_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    settings.UNKNOWN_KEYS_PER_MINUTE = 2
    with django_assert_num_queries(0):
        answers = [client.get("/whoami", headers=headers, REMOTE_ADDR="198.51.100.10") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, HTTPStatus.TOO_MANY_REQUESTS]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert client.get("/whoami", headers=headers, REMOTE_ADDR="198.51.100.11").status_code == status
    assert not cast(Any, gate())._inner.is_alone


def send_too_much(client: Client, **more: Any) -> Any:
    """A body that says it is larger than allowed; nobody reads it, so it need not be there."""
    return client.generic("POST", "/usage", CONTENT_LENGTH="2000000", CONTENT_TYPE="application/json", **more)


def test_it_counts_a_body_that_is_too_large(workspace: Workspace, olivia: User) -> None:
    Plan.objects.filter(pk="free").update(requests_per_minute=1)
    key, secret = create_key(workspace=workspace, actor=olivia, name="first")
    keyed = Client(headers={"X-API-Key": secret})
    wait_for_room_in_the_minute(15)
    answers = [send_too_much(keyed) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [HTTPStatus.REQUEST_ENTITY_TOO_LARGE] * 10 + [429]
    assert left_of(answers[0]) == 1
    # The process's own thread may have written some of them already.
    assert writer.flush()
    rows = [row for counts in UsageBatch.objects.values_list("counts", flat=True) for row in counts if row[1] == key.pk]
    assert {tuple(row[:4]) for row in rows} == {(workspace.pk, key.pk, "/usage", 4)}
    assert sum(row[-1] for row in rows) == 11


def test_it_counts_one_without_a_key_by_its_address(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 1
    wait_for_room_in_the_minute(10)
    statuses = [send_too_much(client, REMOTE_ADDR="198.51.100.12").status_code for _ in range(2)]
    assert statuses == [HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS]


def test_it_knows_a_bad_key_however_large_the_body(client: Client) -> None:
    assert send_too_much(client, headers={"X-API-Key": UNKNOWN}).status_code == HTTPStatus.FORBIDDEN
