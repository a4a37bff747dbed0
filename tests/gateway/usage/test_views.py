"""/usage and /usage/summary: one's own and no more, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import Settings

from accounts.models import Member, Role, User, Workspace
from gateway.keys.services import create_key
from gateway.models import ApiKey, Usage
from moondev.lib import cursor as cursors
from moondev.lib.clock import now
from tests.cast import give_second_factor

pytestmark = pytest.mark.django_db
TOKEN = "an-operators-token"


@pytest.fixture
def made(workspace: Workspace, olivia: User) -> tuple[ApiKey, str]:
    return create_key(workspace=workspace, actor=olivia, name="first")


@pytest.fixture
def keyed(made: tuple[ApiKey, str]) -> Client:
    return Client(headers={"X-API-Key": made[1]})


def use(
    workspace: Workspace, key_id: int, endpoint: str, *, days_ago: int = 0, status: int = 2, times: int = 1
) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    Usage.objects.create(
        hour=hour,
        workspace_id=workspace.pk,
        key_id=key_id,
        endpoint=endpoint,
        status_class=status,
        requests=times,
    )


def test_it_shows_a_keys_own_use_by_day_and_endpoint(
    keyed: Client, made: tuple[ApiKey, str], workspace: Workspace
) -> None:
    key_id = made[0].pk
    use(workspace, key_id, "/files/{name}", times=3)
    use(workspace, key_id, "/files/{name}", times=2, status=4)
    use(workspace, key_id, "/usage", days_ago=1)
    use(workspace, key_id + 1, "/files/{name}", times=50)
    answer = keyed.get("/usage").json()
    today, yesterday = now().date().isoformat(), (now() - timedelta(days=1)).date().isoformat()
    assert answer["workspace"] == workspace.slug
    assert answer["items"] == [
        {"date": today, "endpoint": "/files/{name}", "requests": 5, "succeeded": 3, "refused": 2, "failed": 0},
        {"date": yesterday, "endpoint": "/usage", "requests": 1, "succeeded": 1, "refused": 0, "failed": 0},
    ]


def test_it_looks_back_as_far_as_asked(keyed: Client, made: tuple[ApiKey, str], workspace: Workspace) -> None:
    use(workspace, made[0].pk, "/usage", days_ago=2)
    assert keyed.get("/usage", {"days": 2}).json()["items"] == []
    assert len(keyed.get("/usage", {"days": 3}).json()["items"]) == 1


@pytest.mark.parametrize("days", ["0", "-1", "367", "x", "1e3", "٣٤٥٦", ""])
def test_it_refuses_days_that_make_no_sense(keyed: Client, days: str) -> None:
    response = keyed.get("/usage", {"days": days})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["errors"][0]["pointer"] == "/days"


def test_it_pages_without_losing_or_repeating(keyed: Client, made: tuple[ApiKey, str], workspace: Workspace) -> None:
    expected = {(day, f"/e{n}") for day in range(3) for n in range(3)}
    for day, endpoint in expected:
        use(workspace, made[0].pk, endpoint, days_ago=day)
    items, path = [], "/usage?limit=2"
    while path:
        response = keyed.get(path)
        items += response.json()["items"]
        path = response.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert len(items) == len(expected)
    assert len({(item["date"], item["endpoint"]) for item in items}) == len(expected)


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwgImIiXQ", "\x00", "é", "e30"])
def test_it_refuses_a_cursor_that_is_not_its_own(keyed: Client, cursor: str) -> None:
    for path in ("/usage", "/usage/summary"):
        assert keyed.get(path, {"cursor": cursor}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("text", ["\0", "\ud800"], ids=["NUL", "half a pair"])
def test_it_refuses_a_cursor_with_a_text_that_nothing_can_be_stored_under(keyed: Client, text: str) -> None:
    for path, key in (("/usage", ("2026-01-01", text)), ("/usage/summary", (1, 1, text))):
        answer = keyed.get(path, {"cursor": cursors.encode(*key)})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_it_sums_up_a_day_of_the_keys_workspace(
    keyed: Client, made: tuple[ApiKey, str], workspace: Workspace, strangers_workspace: Workspace
) -> None:
    use(workspace, made[0].pk, "/usage", times=4)
    use(workspace, 0, "/usage")
    use(strangers_workspace, 0, "/usage", times=9)
    answer = keyed.get("/usage/summary").json()
    assert answer["date"] == now().date().isoformat()
    assert [(item["workspace"], item["key"], item["requests"]) for item in answer["items"]] == [
        (workspace.slug, None, 1),
        (workspace.slug, "first", 4),
    ]


def test_it_sums_up_another_day(keyed: Client, made: tuple[ApiKey, str], workspace: Workspace) -> None:
    use(workspace, made[0].pk, "/usage", days_ago=3)
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    assert len(keyed.get("/usage/summary", {"date": day}).json()["items"]) == 1
    assert keyed.get("/usage/summary", {"date": "soon"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert keyed.get("/usage/summary", {"date": "9999-12-31"}).json()["items"] == []


def test_it_counts_a_day_from_its_first_hour_to_its_last(
    keyed: Client, made: tuple[ApiKey, str], workspace: Workspace
) -> None:
    day = datetime(2026, 1, 7, tzinfo=UTC)
    for hours, times in ((-1, 1), (0, 2), (23, 4), (24, 8)):
        Usage.objects.create(
            hour=day + timedelta(hours=hours),
            workspace_id=workspace.pk,
            key_id=made[0].pk,
            endpoint="/usage",
            status_class=2,
            requests=times,
        )
    (item,) = keyed.get("/usage/summary", {"date": "2026-01-07"}).json()["items"]
    assert item["requests"] == 6


def staff(email: str, *permissions: str, factor: bool = True, **extra: Any) -> Client:
    """A browser of a member of staff."""
    person = User.objects.create(email=email, is_staff=True, **extra)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if factor:
        give_second_factor(person)
    browser = Client()
    browser.force_login(person)
    return browser


def test_it_shows_everybody_to_staff_who_may_see_usage(workspace: Workspace, strangers_workspace: Workspace) -> None:
    use(workspace, 0, "/usage")
    use(strangers_workspace, 0, "/usage")
    for browser in (staff("a@example.com", "view_usage"), staff("b@example.com", is_superuser=True)):
        items = browser.get("/usage/summary").json()["items"]
        assert {item["workspace"] for item in items} == {workspace.slug, strangers_workspace.slug}


def test_it_takes_a_second_factor_and_the_permission(workspace: Workspace) -> None:
    use(workspace, 0, "/usage")
    browsers = (
        staff("a@example.com", "view_usage", factor=False),
        staff("b@example.com", "view_workspace"),
        staff("c@example.com", factor=False, is_superuser=True),
        staff("d@example.com", "view_usage", is_active=False),
    )
    for browser in browsers:
        answer = browser.get("/usage/summary")
        assert answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED}
        assert workspace.slug not in answer.content.decode()


def test_it_shows_other_staff_their_own_workspace(workspace: Workspace, strangers_workspace: Workspace) -> None:
    use(workspace, 0, "/usage")
    use(strangers_workspace, 0, "/usage")
    browser = staff("a@example.com", "view_usage", factor=False)
    Member.objects.create(workspace=workspace, user=User.objects.get(email="a@example.com"), role=Role.MEMBER)
    items = browser.get("/usage/summary").json()["items"]
    assert {item["workspace"] for item in items} == {workspace.slug}


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {TOKEN}"}])
def test_it_shows_everybody_to_the_operator(
    client: Client,
    settings: Settings,
    workspace: Workspace,
    strangers_workspace: Workspace,
    headers: dict[str, str],
) -> None:
    settings.OPERATOR_TOKEN = TOKEN
    use(workspace, 0, "/usage")
    use(strangers_workspace, 0, "/usage")
    assert len(client.get("/usage/summary", headers=headers).json()["items"]) == 2


def test_it_takes_the_operators_token_nowhere_else(client: Client, db: None, settings: Settings) -> None:
    settings.OPERATOR_TOKEN = TOKEN
    assert client.get("/usage", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == HTTPStatus.UNAUTHORIZED


def test_it_takes_another_token_for_a_bad_key(client: Client, db: None, settings: Settings) -> None:
    settings.OPERATOR_TOKEN = TOKEN
    wrong = {"Authorization": f"Bearer {TOKEN}x"}
    assert client.get("/usage/summary", headers=wrong).status_code == HTTPStatus.FORBIDDEN


def test_it_gives_a_staff_members_key_no_staff_rights(
    rita: User, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    use(workspace, 0, "/usage")
    use(strangers_workspace, 0, "/usage")
    Member.objects.create(workspace=workspace, user=rita, role=Role.ADMIN)
    _, secret = create_key(workspace=workspace, actor=rita, name="made by staff", is_service_key=True)
    client = Client(headers={"X-API-Key": secret})
    client.force_login(rita)
    items = client.get("/usage/summary").json()["items"]
    assert {item["workspace"] for item in items} == {workspace.slug}
