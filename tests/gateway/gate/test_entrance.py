"""Who gets in, who pays, and what every keyed answer says: through the real URLs and the whole middleware."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member, Role, User, Workspace
from billing.models import Plan
from gateway.gate import quota
from gateway.keys.services import create_key
from gateway.models import ApiKey
from moondev.lib.errors import PROBLEM_CONTENT_TYPE
from tests.gateway.gate.test_limiter import wait_for_room_in_the_minute

pytestmark = pytest.mark.django_db

POLICY = re.compile(r'"minute";q=(\d+);w=60')
LEFT = re.compile(r'"minute";r=(\d+);t=(\d+)')
FREE_LIMIT = 60
UNKNOWN = "md_" + "0" * 64


@pytest.fixture
def made(workspace: Workspace, olivia: User) -> tuple[ApiKey, str]:
    return create_key(workspace=workspace, actor=olivia, name="first")


@pytest.fixture
def key(made: tuple[ApiKey, str]) -> ApiKey:
    return made[0]


@pytest.fixture
def secret(made: tuple[ApiKey, str]) -> str:
    return made[1]


@pytest.fixture
def keyed(secret: str) -> Client:
    """A program with a key."""
    return Client(headers={"X-API-Key": secret})


def left_of(response: object) -> int:
    """What a response says is left of the minute; fails without both headers."""
    headers = response.headers  # type: ignore[attr-defined]
    assert POLICY.fullmatch(headers["RateLimit-Policy"])
    found = LEFT.fullmatch(headers["RateLimit"])
    assert found
    assert 1 <= int(found[2]) <= 60
    return int(found[1])


def spend_minute(client: Client) -> None:
    wait_for_room_in_the_minute(20)
    for _ in range(FREE_LIMIT):
        assert client.get("/usage").status_code == HTTPStatus.OK
    assert client.get("/usage").status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_it_asks_who_you_are(client: Client, db: None) -> None:
    response = client.get("/whoami")
    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == PROBLEM_CONTENT_TYPE
    assert isinstance(response.json()["detail"], str)


def test_it_says_who_you_are(keyed: Client, workspace: Workspace) -> None:
    answer = keyed.get("/whoami").json()
    assert answer["plan"] == "free"
    assert answer["limit_per_min"] == answer["limits"]["rpm"] == FREE_LIMIT
    assert answer["mode"] == "keystore"
    assert re.fullmatch("[0-9a-f]{16}", answer["key_hash"])
    assert answer["features"] == ["focus"]
    assert answer["workspace"] == workspace.slug


def test_it_takes_the_key_as_a_bearer_token(secret: str) -> None:
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/whoami").status_code == HTTPStatus.OK


def test_it_takes_no_key_from_the_query_string(client: Client, secret: str) -> None:
    response = client.get("/whoami", {"api_key": secret, "X-API-Key": secret, "key": secret})
    assert response.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("bad", [UNKNOWN, "md_live_tooshort", "x", "\xe9\xff"])
def test_it_refuses_a_key_that_nobody_knows(client: Client, db: None, bad: str) -> None:
    assert client.get("/whoami", headers={"X-API-Key": bad}).status_code == HTTPStatus.FORBIDDEN


def revoke(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())


def expire(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def disable(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(enabled=False)


def close(key: ApiKey) -> None:
    now = timezone.now()
    Workspace.objects.filter(pk=key.workspace_id).update(closed_at=now, erase_after=now + timedelta(days=30))


def list_another_address(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(allowed_addresses=["192.0.2.0/24", "2001:db8::/32"])


@pytest.mark.parametrize("spoil", [revoke, expire, disable, close, list_another_address])
def test_it_refuses_a_key_that_may_not_act(keyed: Client, key: ApiKey, spoil: object) -> None:
    spoil(key)  # type: ignore[operator]
    response = keyed.get("/usage")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert left_of(response) == FREE_LIMIT


def test_it_lets_a_listed_address_in(keyed: Client, key: ApiKey) -> None:
    list_another_address(key)
    assert keyed.get("/whoami", REMOTE_ADDR="192.0.2.9").status_code == HTTPStatus.OK


def test_it_believes_no_forwarded_address_of_a_stranger(keyed: Client, key: ApiKey) -> None:
    list_another_address(key)
    response = keyed.get("/whoami", headers={"X-Forwarded-For": "192.0.2.9"})
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_it_believes_its_own_proxies(keyed: Client, key: ApiKey, settings: Settings) -> None:
    list_another_address(key)
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert keyed.get("/whoami", headers={"X-Forwarded-For": "2001:db8::1"}).status_code == HTTPStatus.OK


def test_it_takes_only_for_what_succeeded(keyed: Client) -> None:
    wait_for_room_in_the_minute(15)
    assert left_of(keyed.get("/usage")) == FREE_LIMIT - 1
    assert left_of(keyed.get("/usage", {"days": "0"})) == FREE_LIMIT - 1
    assert left_of(keyed.get("/nowhere/at/all")) == FREE_LIMIT - 1
    assert left_of(keyed.post("/usage")) == FREE_LIMIT - 1
    assert left_of(keyed.get("/usage")) == FREE_LIMIT - 2


@pytest.mark.parametrize("path", ["/whoami", "/quota"])
def test_it_charges_nothing_for_looking(keyed: Client, path: str) -> None:
    wait_for_room_in_the_minute(15)
    assert left_of(keyed.get("/usage")) == FREE_LIMIT - 1
    assert left_of(keyed.get(path)) == FREE_LIMIT - 1
    assert left_of(keyed.get(path)) == FREE_LIMIT - 1


def test_it_refuses_when_the_minute_is_spent(keyed: Client) -> None:
    spend_minute(keyed)
    response = keyed.get("/usage")
    assert response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 1 <= int(response["Retry-After"]) <= 60
    assert left_of(response) == 0
    assert response["Content-Type"] == PROBLEM_CONTENT_TYPE


def test_it_answers_free_calls_when_the_minute_is_spent(keyed: Client, key: ApiKey) -> None:
    spend_minute(keyed)
    whoami, asked = keyed.get("/whoami"), keyed.get("/quota")
    assert (whoami.status_code, asked.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    assert left_of(whoami) == left_of(asked) == 0
    assert asked.json()["used"] == asked.json()["limit_per_min"] == FREE_LIMIT
    assert quota(key.workspace_id).used == FREE_LIMIT


def test_it_stops_even_free_calls_over_the_ceiling(keyed: Client) -> None:
    Plan.objects.filter(pk="free").update(requests_per_minute=2)
    wait_for_room_in_the_minute(20)
    statuses = [keyed.get("/whoami").status_code for _ in range(21)]
    assert statuses == [HTTPStatus.OK] * 20 + [HTTPStatus.TOO_MANY_REQUESTS]
    over = keyed.get("/quota")
    assert over.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert left_of(over) == 2
    assert int(over["Retry-After"]) <= 60


def test_it_shares_the_minute_of_a_workspace(keyed: Client, workspace: Workspace, olivia: User) -> None:
    wait_for_room_in_the_minute(15)
    _, second = create_key(workspace=workspace, actor=olivia, name="second")
    assert left_of(keyed.get("/usage")) == FREE_LIMIT - 1
    assert left_of(Client(headers={"X-API-Key": second}).get("/usage")) == FREE_LIMIT - 2


def test_it_gives_a_key_with_an_override_a_minute_of_its_own(keyed: Client, key: ApiKey) -> None:
    wait_for_room_in_the_minute(15)
    until = timezone.now() + timedelta(hours=1)
    ApiKey.objects.filter(pk=key.pk).update(rate_override=500, rate_override_until=until)
    assert left_of(keyed.get("/usage")) == 499
    assert quota(key.workspace_id).used == 0
    assert quota(key.workspace_id, key.pk)[:2] == (1, 500)


def test_it_knows_the_workspace_by_slug_and_alias(keyed: Client, workspace: Workspace) -> None:
    alias = keyed.get("/whoami").json()["key_hash"]
    for name in (workspace.slug, alias):
        assert keyed.get("/whoami", {"workspace": name}).status_code == HTTPStatus.OK


def test_it_knows_no_other_workspace(keyed: Client, strangers_workspace: Workspace) -> None:
    for name in (strangers_workspace.slug, "default", "", "nowhere", str(strangers_workspace.pk)):
        assert keyed.get("/whoami", {"workspace": name}).status_code == HTTPStatus.NOT_FOUND


def test_it_checks_every_workspace_that_is_named(
    keyed: Client, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    path = f"/whoami?workspace={strangers_workspace.slug}&workspace={workspace.slug}"
    assert keyed.get(path).status_code == HTTPStatus.NOT_FOUND


def test_it_lets_a_session_draw_on_its_workspace(client: Client, olivia: User, workspace: Workspace) -> None:
    wait_for_room_in_the_minute(15)
    client.force_login(olivia)
    response = client.get("/usage")
    assert response.status_code == HTTPStatus.OK
    assert left_of(response) == FREE_LIMIT - 1
    assert client.get("/whoami").json()["mode"] == "session"
    assert quota(workspace.pk).used == 1


def test_it_lets_a_session_name_a_workspace_of_its_person(
    client: Client, olivia: User, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    client.force_login(olivia)
    for slug in (strangers_workspace.slug, "\0"):
        assert client.get("/whoami", {"workspace": slug}).status_code == HTTPStatus.NOT_FOUND
    Member.objects.create(workspace=strangers_workspace, user=olivia, role=Role.MEMBER)
    answer = client.get("/whoami", {"workspace": strangers_workspace.slug}).json()
    assert answer["workspace"] == strangers_workspace.slug


def test_it_lets_the_key_alone_decide(client: Client, sam: User, strangers_workspace: Workspace, secret: str) -> None:
    client.force_login(sam)
    answer = client.get("/whoami", headers={"X-API-Key": secret}).json()
    assert answer["mode"] == "keystore"
    assert answer["workspace"] != strangers_workspace.slug


@pytest.mark.parametrize("path", ["/whoami", "/plans", "/portal/", "/admin/", "/nowhere"])
def test_it_never_falls_back_from_a_bad_key_to_the_session(client: Client, rita: User, path: str) -> None:
    client.force_login(rita)
    assert client.get(path, headers={"X-API-Key": UNKNOWN}).status_code == HTTPStatus.FORBIDDEN


def test_it_forgets_the_session_beside_a_key(client: Client, rita: User, secret: str) -> None:
    client.force_login(rita)
    response = client.get("/portal/", headers={"X-API-Key": secret})
    assert response.status_code != HTTPStatus.OK
    assert isinstance(response.wsgi_request.user, AnonymousUser)


def test_it_asks_a_session_for_proof_before_it_changes_anything(olivia: User, workspace: Workspace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(olivia)
    assert client.post("/usage").status_code == HTTPStatus.FORBIDDEN


def test_it_asks_a_key_for_no_such_proof(secret: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"X-API-Key": secret})
    assert client.post("/usage").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_it_needs_nothing_for_a_public_view(client: Client, db: None) -> None:
    assert client.get("/plans").status_code == HTTPStatus.OK


def test_it_counts_what_an_address_asks_without_credentials(client: Client, db: None, settings: Settings) -> None:
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 3
    wait_for_room_in_the_minute(10)
    where = "198.51.100.7"
    paths = ["/plans", "/whoami", "/nowhere", "/plans", "/nowhere"]
    statuses = [client.get(path, REMOTE_ADDR=where).status_code for path in paths]
    assert statuses == [200, 401, 404, 429, 429]
    assert client.get("/plans", REMOTE_ADDR="198.51.100.8").status_code == HTTPStatus.OK
    assert client.get("/health", REMOTE_ADDR=where).status_code == HTTPStatus.OK


def test_it_limits_unknown_keys_by_address(client: Client, db: None, settings: Settings) -> None:
    settings.UNKNOWN_KEYS_PER_MINUTE = 2
    wait_for_room_in_the_minute(10)
    statuses = [
        client.get("/whoami", headers={"X-API-Key": f"md_{n:064x}"}, REMOTE_ADDR="198.51.100.9").status_code
        for n in range(4)
    ]
    assert statuses == [403, 403, 429, 429]


def test_it_still_lets_a_good_key_of_that_address_in(keyed: Client, client: Client, settings: Settings) -> None:
    settings.UNKNOWN_KEYS_PER_MINUTE = 1
    for bad in (UNKNOWN, UNKNOWN, "md_live_x", "md_live_x"):
        client.get("/whoami", headers={"X-API-Key": bad})
    assert keyed.get("/whoami").status_code == HTTPStatus.OK
