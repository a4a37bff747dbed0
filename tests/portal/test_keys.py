"""Keys as a person handles them: made, found, changed, rotated, stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from gateway.keys import services
from gateway.models import ApiKey, Usage
from gateway.portal.states import state_of
from moondev.lib import clock

NEW = {
    "name": "Price bot",
    "mode": "test",
    "scopes": ["data", "alerts"],
    "allowed_addresses": "203.0.113.7, 2001:db8::/32",
}


def test_it_makes_a_key_as_the_form_says(owner: Client, team: Workspace, olivia: User) -> None:
    page = owner.post("/portal/keys/new/", {**NEW, "expires_on": "2031-05-06"}).content.decode()
    key = ApiKey.objects.get()
    assert (key.name, key.mode, key.created_by) == ("Price bot", "test", olivia)
    assert key.scopes == ["data", "alerts"]
    assert key.allowed_addresses == ["203.0.113.7", "2001:db8::/32"]
    assert key.expires_at
    assert f"{key.expires_at:%Y-%m-%dT%H:%M}" == "2031-05-07T00:00"
    assert "shown this once" in page


def test_it_ends_a_key_with_the_day_of_the_readers_zone(owner: Client, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(time_zone="America/New_York")
    owner.post("/portal/keys/new/", {**NEW, "expires_on": "2031-01-06"})
    expires_at = ApiKey.objects.get().expires_at
    assert expires_at
    assert f"{expires_at:%Y-%m-%dT%H:%M}" == "2031-01-07T05:00"
    assert ">6 Jan 2031</time>" in owner.get("/portal/keys/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Fill in"),
        ({"scopes": []}, "Fill in"),
        ({"allowed_addresses": "300.1.1.1"}, "300.1.1.1"),
        ({"expires_on": "2001-01-01"}, ""),
        ({"expires_on": "9999-12-31"}, "at most ten years away"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(wrong: dict[str, object], said: str, owner: Client) -> None:
    answer = owner.post("/portal/keys/new/", {**NEW, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'class="p-wrong"' in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_it_says_when_there_is_no_room_for_a_key(owner: Client, team: Workspace) -> None:
    rows = [ApiKey(workspace=team, name=f"k{n}", scopes=["data"]) for n in range(services.MOST_KEYS)]
    ApiKey.objects.bulk_create(rows)
    answer = owner.post("/portal/keys/new/", NEW)
    assert answer.status_code == 422
    assert "at most 100 keys" in answer.content.decode()


def test_it_edits_a_key(owner: Client, key: ApiKey) -> None:
    assert 'value="Olivia&#x27;s bot"' in owner.get(f"/portal/keys/{key.pk}/edit/").content.decode()
    form = {"name": "Renamed", "scopes": ["data"], "expires_on": "", "allowed_addresses": "", "is_service_key": "on"}
    assert owner.post(f"/portal/keys/{key.pk}/edit/", form).status_code == 302
    key.refresh_from_db()
    assert (key.name, key.scopes, key.is_service_key) == ("Renamed", ["data"], True)


@pytest.mark.parametrize("ends_in", [timedelta(days=40), timedelta(minutes=-1)], ids=["ahead", "expired"])
def test_it_leaves_the_expiry_alone_unless_its_day_changes(owner: Client, key: ApiKey, ends_in: timedelta) -> None:
    moment = timezone.now() + ends_in
    ApiKey.objects.filter(pk=key.pk).update(expires_at=moment)
    path = f"/portal/keys/{key.pk}/edit/"
    form = {**owner.get(path).context["form"].initial, "name": "Renamed"}
    owner.post(path, form)
    key.refresh_from_db()
    assert (key.name, key.expires_at) == ("Renamed", moment)
    owner.post(path, {**form, "expires_on": ""})
    key.refresh_from_db()
    assert key.expires_at is None


def test_it_rotates_with_the_chosen_grace(owner: Client, key: ApiKey) -> None:
    before = key.secrets.get()
    owner.post(f"/portal/keys/{key.pk}/rotate/", {"grace": 86400})
    before.refresh_from_db()
    assert before.expires_at
    assert timedelta(hours=23) < before.expires_at - timezone.now() <= timedelta(hours=24)
    page = owner.get(f"/portal/keys/{key.pk}/").content.decode()
    assert "still works until" in page
    assert before.last_four in page


def test_it_refuses_a_grace_that_is_not_offered(owner: Client, key: ApiKey) -> None:
    assert owner.post(f"/portal/keys/{key.pk}/rotate/", {"grace": 99}).status_code == 422
    assert key.secrets.count() == 1


def test_it_revokes_for_good(owner: Client, key: ApiKey) -> None:
    assert "cannot be undone" in owner.get(f"/portal/keys/{key.pk}/revoke/").content.decode()
    owner.post(f"/portal/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at
    page = owner.get(f"/portal/keys/{key.pk}/").content.decode()
    assert "Revoked" in page
    assert "/rotate/" not in page


def test_it_says_why_a_revoked_key_cannot_be_switched_on(owner: Client, key: ApiKey, olivia: User) -> None:
    services.revoke_key(key=key, actor=olivia)
    answer = owner.post(f"/portal/keys/{key.pk}/enable/", follow=True)
    assert "revoked for good" in answer.content.decode()


def test_it_switches_a_key_off_and_on(owner: Client, key: ApiKey) -> None:
    for deed, enabled in (("disable", False), ("enable", True)):
        owner.post(f"/portal/keys/{key.pk}/{deed}/")
        key.refresh_from_db()
        assert key.enabled is enabled


def test_it_sorts_keys_by_what_they_can_do(owner: Client, key: ApiKey, own_key: ApiKey, olivia: User) -> None:
    services.revoke_key(key=own_key, actor=olivia)
    usable, stopped, every = (owner.get("/portal/keys/", {"state": s}).content.decode() for s in ("", "stopped", "all"))
    assert "Olivia&#x27;s bot" in usable
    assert "Max&#x27;s bot" not in usable
    assert "Olivia&#x27;s bot" not in stopped
    assert "Max&#x27;s bot" in stopped
    assert "Olivia&#x27;s bot" in every
    assert "Max&#x27;s bot" in every


def test_it_finds_a_key_by_the_end_of_its_secret(owner: Client, key: ApiKey, own_key: ApiKey) -> None:
    page = owner.get("/portal/keys/", {"q": key.secrets.get().last_four}).content.decode()
    assert "Olivia&#x27;s bot" in page
    assert "Max&#x27;s bot" not in page


def test_it_pages_through_more_keys_than_a_table_shows(owner: Client, key: ApiKey) -> None:
    """A workspace keeps those that it has stopped."""
    ApiKey.objects.bulk_create(
        ApiKey(workspace=key.workspace, name=f"old {number}", scopes=key.scopes, revoked_at=clock.now())
        for number in range(51)
    )
    first = owner.get("/portal/keys/?state=stopped").content.decode()
    assert "51 keys" in first
    assert "?state=stopped&amp;page=2" in first
    assert owner.get("/portal/keys/?state=stopped&page=2").content.decode().count('data-label="Name"') == 1


def test_it_passes_over_the_id_of_a_key_that_is_too_long(owner: Client, key: ApiKey) -> None:
    assert owner.get(f"/portal/quickstart/?key={'9' * 5000}").status_code == 200


def test_it_shows_a_keys_own_usage(owner: Client, key: ApiKey, own_key: ApiKey) -> None:
    for pk, requests in ((key.pk, 41), (own_key.pk, 1000)):
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        Usage.objects.create(
            hour=hour,
            workspace_id=key.workspace_id,
            key_id=pk,
            endpoint="/files/oi.csv",
            status_class=2,
            requests=requests,
        )
    page = owner.get(f"/portal/keys/{key.pk}/").content.decode()
    assert "Requests in the last 24 hours: 41 requests" in page


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Active"),
        ({"enabled": False}, "Disabled"),
        ({"expires_at": timedelta(days=3)}, "Expires soon"),
        ({"expires_at": timedelta(days=-1)}, "Expired"),
        ({"revoked_at": timedelta(days=-1), "enabled": False}, "Revoked"),
    ],
)
def test_it_names_the_strongest_state(changes: dict[str, object], word: str) -> None:
    now = clock.now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    assert state_of(ApiKey(**values), now).word == word
