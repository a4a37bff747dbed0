"""Destinations on the portal: made, tested, switched, and never shown in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from alerts.destinations import settings_of
from alerts.models import Alert, Delivery, Destination
from moondev.lib.queue import State
from tests.fakes.discord import TOKEN, Discord, webhook
from tests.fakes.taker import reply
from tests.portal.alerts.conftest import Text
from tests.portal.alerts.rows import fire, give_up, place_row

NEW = "/portal/alerts/destinations/new/"
HOOK = "https://hooks.example.com/secret-path"


@pytest.fixture
def discord(settings: Settings) -> Iterator[Discord]:
    with Discord() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "discord.com": found.place}
        yield found


def add(browser: Client, kind: str, **values: Any) -> Any:
    return browser.post(NEW, {"kind": kind, "name": "Trading", **values}, follow=True)


def switch_off(place: Destination, because: str) -> None:
    Destination.objects.filter(pk=place.pk).update(disabled_at=timezone.now(), disabled_because=because)


def test_it_offers_every_channel(owner: Client, text: Text) -> None:
    page = text(owner, NEW)
    for kind in Destination.Kind.values:
        assert f"?kind={kind}" in page


def test_it_adds_a_place_and_never_shows_its_secret_again(owner: Client, discord: Discord, text: Text) -> None:
    answer = add(owner, "discord", url=webhook(), is_default="on")
    row = Destination.objects.get()
    assert row.is_default
    pages = [answer.content.decode(), text(owner, "/portal/alerts/destinations/"), text(owner, NEW)]
    pages.append(text(owner, f"/portal/alerts/destinations/{row.pk}/"))
    assert all(TOKEN not in page and row.sealed not in page for page in pages)
    assert row.hint in pages[0]


def test_it_names_the_field_and_does_not_repeat_the_secret(owner: Client) -> None:
    answer = add(owner, "discord", url=f"https://discord.com.example.com/api/webhooks/1/{TOKEN}")
    assert answer.status_code == 422
    assert "url" in answer.context["form"].errors
    assert TOKEN not in answer.content.decode()
    assert not Destination.objects.exists()


def test_it_writes_to_members_only(owner: Client) -> None:
    answer = add(owner, "email", address="somebody@example.org")
    assert "invite this address first" in answer.content.decode()


def test_it_shows_a_webhooks_secret_once_and_lets_nobody_store_it(
    owner: Client, discord: Discord, settings: Settings, text: Text
) -> None:
    settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "hooks.example.com": discord.place}
    answer = add(owner, "webhook", url=HOOK)
    row = Destination.objects.get()
    secret = settings_of(row)["secret"]
    assert answer.status_code == 200
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    page = text(owner, f"/portal/alerts/destinations/{row.pk}/")
    assert secret not in page
    assert "secret-path" not in page


def test_it_sends_a_test_and_shows_the_real_answer(owner: Client, discord: Discord, text: Text) -> None:
    add(owner, "discord", url=webhook())
    row = Destination.objects.get()
    page = text(owner, f"/portal/alerts/destinations/{row.pk}/test/", {})
    assert "The test arrived." in page
    assert re.search(r"Status 200, \d+ ms", page)
    assert len(discord.messages) == 1


def test_it_shows_why_a_test_did_not_arrive(owner: Client, discord: Discord, text: Text) -> None:
    add(owner, "discord", url=webhook())
    row = Destination.objects.get()
    discord.next = [reply(404, {"message": "Unknown Webhook", "code": 10015})]
    page = text(owner, f"/portal/alerts/destinations/{row.pk}/test/", {})
    assert "The test did not arrive." in page
    assert "Status 404" in page
    assert "Switched off" in page


def test_it_lets_nobody_flood_a_place_with_tests(owner: Client, discord: Discord, text: Text) -> None:
    add(owner, "discord", url=webhook())
    at = f"/portal/alerts/destinations/{Destination.objects.get().pk}/test/"
    text(owner, at, {})
    assert "Try again in" in text(owner, at, {})


def test_it_mails_a_test(owner: Client, place: Destination, text: Text) -> None:
    assert "The test arrived." in text(owner, f"/portal/alerts/destinations/{place.pk}/test/", {})
    assert mail.outbox[-1].to == ["olivia@example.com"]


def test_it_renames(owner: Client, place: Destination, text: Text) -> None:
    assert "Post box" in text(owner, f"/portal/alerts/destinations/{place.pk}/rename/", {"name": "Post  box"})


def test_it_makes_one_place_the_default_and_says_where_the_rest_goes(
    owner: Client, place: Destination, text: Text
) -> None:
    assert "they go by e-mail to the workspace's owner" in text(owner, "/portal/alerts/destinations/")
    assert "is now the default" in text(owner, f"/portal/alerts/destinations/{place.pk}/default/", {})
    assert "they go to Mail, the workspace's default" in text(owner, "/portal/alerts/destinations/")
    assert "no longer the default" in text(owner, f"/portal/alerts/destinations/{place.pk}/no-default/", {})


def test_it_says_when_the_operators_channel_is_everybodys(
    owner: Client, team: Workspace, settings: Settings, text: Text
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(), True
    page = text(owner, "/portal/alerts/destinations/")
    assert "whoever runs this installation" in page
    assert TOKEN not in page


def test_it_says_on_every_page_that_a_place_takes_nothing_any_more(
    owner: Client, mate: Client, place: Destination, text: Text
) -> None:
    switch_off(place, "It answered 410: gone for good.")
    for path in ("/portal/", "/portal/alerts/", "/portal/team/", "/portal/plans/"):
        assert "Alerts do not reach Mail." in text(owner, path), path
    assert "An owner or admin can do that" in text(mate, "/portal/")
    # Its own page says it once, and offers no test.
    page = text(owner, f"/portal/alerts/destinations/{place.pk}/")
    assert "Alerts do not reach" not in page
    assert "gone for good" in page
    assert "Send a test" not in page


def test_it_keeps_quiet_about_a_place_that_a_member_switched_off(owner: Client, place: Destination, text: Text) -> None:
    page = text(owner, f"/portal/alerts/destinations/{place.pk}/disable/", {})
    assert "Switched off" in page
    assert "Alerts do not reach" not in page
    assert "Send a test to be sure" in text(owner, f"/portal/alerts/destinations/{place.pk}/enable/", {})


def test_it_sends_what_a_place_missed(owner: Client, alert: Alert, place: Destination, text: Text) -> None:
    give_up(fire(alert), place)
    assert "1 message</strong> could not be sent" in text(owner, f"/portal/alerts/destinations/{place.pk}/")
    assert "1 message on the way" in text(owner, f"/portal/alerts/destinations/{place.pk}/resend/", {})
    assert Delivery.objects.get().state == State.WAITING


def test_it_leads_to_no_alert_that_is_deleted(owner: Client, alert: Alert, place: Destination, text: Text) -> None:
    give_up(fire(alert), place)
    link, path = f'href="/portal/alerts/{alert.pk}/"', f"/portal/alerts/destinations/{place.pk}/"
    assert link in text(owner, path)
    # What is left of one until its end is told.
    Alert.objects.filter(pk=alert.pk).update(deleted_at=timezone.now())
    page = text(owner, path)
    assert link not in page
    assert "deleted" in page


def test_it_points_a_place_to_a_new_address_and_sends_there_what_was_missed(
    owner: Client, alert: Alert, discord: Discord, text: Text
) -> None:
    add(owner, "discord", url=webhook())
    place = Destination.objects.get()
    give_up(fire(alert), place)
    switch_off(place, "Discord says that this webhook no longer exists.")
    at = f"/portal/alerts/destinations/{place.pk}/"
    assert "Enter a new address" in text(owner, at)
    assert "1 message is kept" in text(owner, f"{at}change/")
    assert owner.post(f"{at}change/", {"url": "https://discord.com/api/webhooks/1"}).status_code == 422
    page = text(owner, f"{at}change/", {"url": webhook(2)})
    assert "Saved. Send a test now." in page
    assert "Switched off" not in page
    assert "10000000000000002" in page
    assert "1 message on the way" in text(owner, f"{at}resend/", {})


def test_it_makes_a_new_secret_and_shows_it_once(owner: Client, text: Text) -> None:
    add(owner, "webhook", url=HOOK)
    row = Destination.objects.get()
    first = settings_of(row)["secret"]
    answer = owner.post(f"/portal/alerts/destinations/{row.pk}/secret/")
    row.refresh_from_db()
    assert settings_of(row)["secret"] in answer.content.decode()
    assert first not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_it_forgets_a_place_after_asking(
    owner: Client, alert: Alert, place: Destination, olivia: User, text: Text
) -> None:
    other = place_row(alert.workspace, olivia, name="Other")
    alert.destinations.set([place, other])
    asked = f"/portal/alerts/destinations/{place.pk}/delete/"
    assert "no other destination" not in text(owner, asked)
    alert.destinations.set([place])
    assert "no other destination: they go by e-mail to the workspace's owner" in text(owner, asked)
    other.delete()
    assert "its secret forgotten" in text(owner, f"/portal/alerts/destinations/{place.pk}/delete/", {})
    assert owner.get(f"/portal/alerts/destinations/{place.pk}/").status_code == 404
    assert Destination.objects.get().sealed == ""


def test_a_member_sees_places_and_changes_none(mate: Client, place: Destination, text: Text) -> None:
    page = text(mate, f"/portal/alerts/destinations/{place.pk}/")
    assert place.hint in page
    assert "Send a test</button>" not in page
    assert "Owners and admins add" in text(mate, "/portal/alerts/destinations/")
