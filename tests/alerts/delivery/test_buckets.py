"""Limits of the other side: one bucket for each Discord webhook, wherever it is used, and pauses of all of Discord."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from alerts.deliver import claims
from alerts.models import Alert, Attempt, Delivery, Destination, Pause
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import MakeAlert, MakePlace, at_once, happened, only, work
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import Reply, page, reply

pytestmark = pytest.mark.django_db


def test_it_waits_when_the_bucket_is_empty(discord: Discord, place: Destination, make_alert: MakeAlert) -> None:
    for number in range(70):
        happened(make_alert(place, description=str(number)))
    assert work() == 50
    place.refresh_from_db()
    assert place.paused_until is not None
    assert place.paused_until > timezone.now()
    assert (len(discord.requests), discord.over) == (5, 0)
    assert work() == 0
    assert set(Delivery.objects.filter(state=State.WAITING).values_list("attempts", flat=True)) == {0}


def test_one_webhook_has_one_bucket_in_however_many_places(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(), True
    urls = [webhook(), webhook().replace("discord.com", "discordapp.com"), f"{webhook()}?thread_id=12345"]
    places = [make_place(settings={"url": url}).destination for url in urls]
    for number in range(50):
        for place in places:
            happened(make_alert(place, description=f"{place.pk} {number}"))
        happened(make_alert(description=f"default {number}"))
    work()
    assert work() == 0
    assert (len(discord.requests), discord.over) == (5, 0)
    until = set(Destination.objects.values_list("paused_until", flat=True))
    assert until == {Pause.objects.get(name="operator").until}


def test_nobody_sends_to_a_webhook_that_somebody_sends_to(
    discord: Discord, alert: Alert, make_place: MakePlace, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = f" {webhook()}/ ", True
    happened(alert)
    held = claims.claim(10)
    happened(make_alert(make_place().destination))
    happened(make_alert())
    assert work() == 0
    claims.give_back(held)
    assert work() == 3
    # The other way round: the operator's channel is in use.
    happened(make_alert())
    claims.claim(10)
    happened(alert)
    assert work() == 0


def test_refusals_are_taken_from_the_bucket_too(discord: Discord, place: Destination, make_alert: MakeAlert) -> None:
    discord.refuses = True
    for number in range(8):
        happened(make_alert(place, description=str(number)))
    work()
    assert len(discord.requests) == 5
    place.refresh_from_db()
    assert place.paused_until is not None
    # What was refused together is tried alone after the rest too.
    discord.empty()
    at_once()
    work()
    assert discord.over == 0
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.PARKED}
    assert [len(request.json["embeds"]) for request in discord.requests] == [8] + [1] * 8


def test_it_posts_a_lost_end_when_the_bucket_is_full_again(discord: Discord, alert: Alert) -> None:
    happened(alert, excursion=1)
    work()
    discord.messages.clear()
    happened(alert, "resolved", excursion=1)
    discord.next = [reply(404, {"code": 10008}, X_RateLimit_Remaining="0", X_RateLimit_Reset_After="30")]
    work()
    assert [request.method for request in discord.requests] == ["POST", "PATCH"]
    at_once()
    work()
    assert [request.method for request in discord.requests] == ["POST", "PATCH", "POST"]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (lambda: reply(429, {"retry_after": 7.5, "global": False}, Retry_After="8"), 7.5),
        (lambda: reply(429, {"retry_after": 7.25}, X_RateLimit_Scope="shared"), 7.25),
        # A limit of this webhook's that does not say how long.
        (lambda: reply(429, {"message": "Try again later", "code": 31001}, Retry_After="7"), 7.0),
    ],
)
def test_it_waits_as_long_as_discord_says_and_counts_no_try(
    discord: Discord, alert: Alert, place: Destination, answer: object, seconds: float
) -> None:
    discord.next = [answer]  # type: ignore[list-item]
    began = timezone.now()
    happened(alert)
    work()
    place.refresh_from_db()
    assert place.paused_until is not None
    assert timedelta(seconds=seconds) <= place.paused_until - began <= timedelta(seconds=seconds + 5)
    delivery = only()
    assert (delivery.state, delivery.attempts) == (State.WAITING, 0)
    assert Attempt.objects.get().status == 429
    assert not Pause.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [
        reply(429, {"retry_after": 30.0, "global": True}),
        reply(429, {"retry_after": 30.0, "global": False}, X_RateLimit_Scope="global"),
        page(429, Retry_After="30"),
    ],
)
def test_it_stops_all_of_discord_when_the_limit_is_everybodys(
    discord: Discord, alert: Alert, make_place: MakePlace, make_alert: MakeAlert, answer: Reply
) -> None:
    other = make_alert(make_place(settings={"url": webhook(2)}).destination)
    discord.next = [answer]
    happened(alert)
    work()
    assert Pause.objects.get(name="discord").until > timezone.now() + timedelta(seconds=20)
    happened(other)
    assert work() == 0
    assert len(discord.requests) == 1
    Pause.objects.all().delete()
    at_once()
    assert work() == 2


def test_an_operators_channel_that_is_no_more_holds_nobody_up(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(9), True
    happened(make_alert())
    claims.claim(10)
    settings.ALERTS_DISCORD_WEBHOOK_URL = ""
    happened(make_alert(make_place("email").destination))
    assert work() == 1
