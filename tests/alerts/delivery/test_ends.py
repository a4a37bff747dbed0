"""What follows a firing reaches whoever heard of the firing, and no message says for ever that an alert fires."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from alerts import farewell, outbox, services
from alerts.destinations import change_destination
from alerts.models import Alert, Delivery, Destination, Event, Remnant
from alerts.receivers import erase_alerts
from alerts.silence import QUIET
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import MakeAlert, MakePlace, at_once, happened, work
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def firing(make_alert: MakeAlert, place: Destination, discord: Discord) -> Alert:
    """An alert that fires, in a message that says so."""
    alert = make_alert(place, description="Spike", is_open=True, phase="firing", excursion=1)
    happened(alert, excursion=1)
    work()
    return alert


@pytest.fixture
def titles(discord: Discord) -> Callable[[], list[str]]:
    """What stands in Discord now."""
    return lambda: [embed["title"] for embed in discord.embeds()]


def ended(alert: Alert, silenced_because: str = "") -> Event:
    return happened(alert, "resolved", excursion=1, value=1.0, silenced_because=silenced_because)


def test_a_silent_end_changes_the_message_and_notifies_nobody(
    firing: Alert, discord: Discord, titles: Callable[[], list[str]]
) -> None:
    ended(firing, QUIET)
    assert work() == 1
    assert titles() == ["Resolved: Spike"]
    assert [request.method for request in discord.requests] == ["POST", "PATCH"]


def test_a_silent_end_waits_for_a_beginning_that_is_on_its_way(
    discord: Discord, place: Destination, make_alert: MakeAlert, titles: Callable[[], list[str]]
) -> None:
    alert = make_alert(place, description="Spike")
    discord.next = [reply(500)]
    happened(alert, excursion=1)
    work()
    ended(alert, QUIET)
    for _ in range(2):
        at_once()
        work()
    assert titles() == ["Resolved: Spike"]


def test_a_silent_end_without_a_message_to_change_is_not_told(firing: Alert, discord: Discord) -> None:
    discord.messages.clear()
    ended(firing, QUIET)
    work()
    assert [request.method for request in discord.requests] == ["POST", "PATCH"]
    assert Delivery.objects.get().event.kind == "fired"
    # Nor is one whose beginning was given up meanwhile.
    Delivery.objects.update(state=State.WAITING)
    outbox.owe([Event.objects.get(kind="resolved")])
    Delivery.objects.filter(event__kind="fired").update(state=State.PARKED)
    work()
    assert len(discord.requests) == 2
    assert not Delivery.objects.filter(event__kind="resolved").exists()


def test_what_cannot_be_changed_hears_no_silent_end_and_nobody_hears_silent_gaps(
    make_place: MakePlace, make_alert: MakeAlert, firing: Alert
) -> None:
    letters = make_alert(make_place("email").destination)
    happened(letters, excursion=1)
    ended(letters, QUIET)
    happened(firing, "no_data", excursion=1, value=None, silenced_because=QUIET)
    assert set(Delivery.objects.values_list("event__kind", flat=True)) == {"fired"}


def test_an_end_goes_where_the_firing_went(
    firing: Alert, make_place: MakePlace, titles: Callable[[], list[str]], discord: Discord
) -> None:
    firing.destinations.set([make_place(settings={"url": webhook(2)}).destination])
    happened(firing, "no_data", excursion=1, value=None)
    ended(firing)
    work()
    assert titles() == ["Resolved: Spike", "No data: Spike"]
    assert not [request.path for request in discord.requests if "10000000000000002" in request.path]
    # The next firing goes where the alert's messages go now.
    happened(firing, excursion=2)
    work()
    assert "10000000000000002" in discord.requests[-1].path


def test_an_end_goes_to_others_when_the_firings_place_is_no_more(
    firing: Alert, place: Destination, make_place: MakePlace
) -> None:
    Destination.objects.filter(pk=place.pk).update(deleted_at=timezone.now())
    other = make_place(settings={"url": webhook(2)}).destination
    firing.destinations.set([other])
    ended(firing)
    assert Delivery.objects.get(event__kind="resolved").destination == other


def test_an_alert_that_is_deleted_while_it_fires_is_told_to_be_over(
    firing: Alert, place: Destination, discord: Discord, olivia: User, titles: Callable[[], list[str]]
) -> None:
    services.delete_alert(alert=firing, actor=olivia)
    assert not Alert.objects.exists()
    assert not place.alerts.exists()
    assert farewell.forget() == 0
    work()
    assert titles() == ["Resolved: Spike"]
    (embed,) = discord.embeds()
    assert "because the alert was deleted" in embed["description"]
    assert embed["url"].endswith("/portal/alerts/")
    assert farewell.forget() == 1
    assert not Alert.everything.exists()


def test_an_alert_whose_firing_nobody_heard_of_is_deleted_at_once(
    make_alert: MakeAlert, place: Destination, discord: Discord, olivia: User
) -> None:
    alert = make_alert(place, is_open=True, phase="firing", excursion=1)
    happened(alert, excursion=1)
    services.delete_alert(alert=alert, actor=olivia)
    assert not Alert.everything.exists()
    work()
    assert discord.requests == []


def test_a_deleted_alert_is_forgotten_though_its_end_never_arrives(
    firing: Alert, discord: Discord, olivia: User
) -> None:
    services.delete_alert(alert=firing, actor=olivia)
    Alert.everything.update(deleted_at=timezone.now() - timedelta(days=2))
    assert farewell.forget() == 1
    assert mail.outbox == []


def test_an_end_that_waits_is_told_though_the_alert_is_deleted(
    firing: Alert, olivia: User, titles: Callable[[], list[str]]
) -> None:
    ended(firing)
    Alert.objects.update(is_open=False, phase="normal")
    firing.refresh_from_db()
    # Of this one nobody has heard, nor will anybody of its end.
    happened(firing, excursion=2)
    happened(firing, "resolved", excursion=2)
    services.delete_alert(alert=firing, actor=olivia)
    assert not Alert.objects.exists()
    work()
    assert titles() == ["Resolved: Spike"]
    assert farewell.forget() == 1


def test_what_a_deleted_alert_left_stays_in_the_message_of_others(
    make_alert: MakeAlert, place: Destination, discord: Discord, olivia: User, titles: Callable[[], list[str]]
) -> None:
    alerts = [make_alert(place, description=f"Alert {number}", excursion=1) for number in range(4)]
    for alert in alerts:
        happened(alert, excursion=1)
    work()
    Alert.objects.filter(pk=alerts[0].pk).update(is_open=True)
    for alert in alerts[:2]:
        services.delete_alert(alert=Alert.objects.get(pk=alert.pk), actor=olivia)
    work()
    assert farewell.forget() == 1
    ended(alerts[3])
    work()
    assert titles() == ["Resolved: Alert 0", "Alert 1", "Alert 2", "Resolved: Alert 3"]
    services.delete_alert(alert=alerts[3], actor=olivia)
    ended(alerts[2])
    work()
    assert titles() == ["Resolved: Alert 0", "Alert 1", "Resolved: Alert 2", "Resolved: Alert 3"]
    # With the last of its alerts goes what was kept for the message.
    assert Remnant.objects.count() == 3
    services.delete_alert(alert=alerts[2], actor=olivia)
    assert not Remnant.objects.exists()


def test_of_a_message_that_was_deleted_or_left_behind_nothing_is_kept(
    make_alert: MakeAlert, place: Destination, discord: Discord, olivia: User, titles: Callable[[], list[str]]
) -> None:
    for way in ("deleted", "left behind"):
        gone, stays = (make_alert(place, description=name) for name in ("gone", "stays"))
        happened(gone, excursion=1)
        happened(stays, excursion=1)
        work()
        services.delete_alert(alert=gone, actor=olivia)
        assert Remnant.objects.count() == 1
        discord.messages.clear()
        if way == "left behind":
            change_destination(destination=place, actor=olivia, settings={"url": webhook(2)})
        ended(stays)
        work()
        assert titles() == ["Resolved: stays"]
        assert not Remnant.objects.exists()


def test_what_a_deleted_alert_left_in_the_operators_channel_stays_too(
    make_alert: MakeAlert, discord: Discord, olivia: User, titles: Callable[[], list[str]], settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(), True
    gone, stays = (make_alert(description=name) for name in ("gone", "stays"))
    happened(gone, excursion=1)
    happened(stays, excursion=1)
    work()
    services.delete_alert(alert=gone, actor=olivia)
    ended(stays)
    work()
    assert titles() == ["gone", "Resolved: stays"]
    erase_alerts(None, workspace=stays.workspace)
    assert not Remnant.objects.exists()
