"""Discord by its documented limits and errors."""

from __future__ import annotations

import pytest

from alerts.channels import discord as channel
from alerts.channels.discord.embeds import length_of, render, render_end
from alerts.channels.shapes import Notice
from alerts.models import Alert, Attempt, Delivery, Destination, Pause
from moondev.lib.errors import Invalid
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import NOON, MakeAlert, MakePlace, at_once, happened, only, work
from tests.fakes.discord import Discord, fault_of, webhook
from tests.fakes.taker import Reply, page, reply

pytestmark = pytest.mark.django_db


def notice(**values: object) -> Notice:
    given: dict[str, object] = {
        "delivery_id": "12345678-0000-4000-8000-000000000000", "event": "fired", "alert_id": "a_1",
        "alert_kind": "price_move", "title": "Title", "text": "Text", "symbol": "BTC", "window_minutes": 15,
        "threshold": 1.0, "value": 2.0, "at": NOON, "url": "https://example.com/a", "value_said": "2 %",
        "threshold_said": "1 %",
    }  # fmt: skip
    return Notice(**(given | values))  # type: ignore[arg-type]


def test_it_posts_an_alert_as_an_embed_that_mentions_nobody(discord: Discord, alert: Alert) -> None:
    happened(alert, value=2_500_000.0)
    assert work() == 1
    (message,) = discord.messages.values()
    (embed,) = message["embeds"]
    assert message["allowed_mentions"] == {"parse": []}
    assert embed["title"] == message["content"] == "Longs are dying"
    assert {row["name"]: row["value"] for row in embed["fields"]}["Value"] == "2,500,000 USD"
    delivery = only()
    assert (delivery.state, delivery.message_id, delivery.place) == (State.DONE, "1", 0)
    assert str(delivery.pk)[:8] in embed["footer"]["text"]


def test_it_keeps_every_attempt_with_what_discord_said(discord: Discord, alert: Alert) -> None:
    discord.next = [reply(503)]
    happened(alert)
    work()
    at_once()
    work()
    said = list(Attempt.objects.order_by("id").values_list("succeeded", "status", "said"))
    assert said == [(False, 503, "Discord answered 503."), (True, 200, "Discord took it.")]


def test_it_puts_alerts_of_one_moment_into_one_message(
    discord: Discord, place: Destination, make_alert: MakeAlert
) -> None:
    for number in range(12):
        happened(make_alert(place, description=f"Alert {number}"))
    assert work() == 12
    assert [len(message["embeds"]) for message in discord.messages.values()] == [10, 2]
    assert [embed["title"] for embed in discord.embeds()] == [f"Alert {number}" for number in range(12)]


def test_it_ends_an_alert_in_its_own_embed(discord: Discord, place: Destination, make_alert: MakeAlert) -> None:
    alerts = [make_alert(place, description=f"Alert {number}") for number in range(3)]
    for alert in alerts:
        happened(alert, excursion=1)
    work()
    before = discord.embeds()
    happened(alerts[1], "resolved", excursion=1, value=10.0)
    work()
    happened(alerts[2], "resolved", excursion=1, value=10.0)
    work()
    after = discord.embeds()
    assert [embed["title"] for embed in after] == ["Alert 0", "Resolved: Alert 1", "Resolved: Alert 2"]
    assert after[0] == before[0]
    assert [request.method for request in discord.requests] == ["POST", "PATCH", "PATCH"]


def test_it_ends_several_alerts_of_a_message_at_once(
    discord: Discord, place: Destination, make_alert: MakeAlert
) -> None:
    alerts = [make_alert(place) for _ in range(3)]
    for alert in alerts:
        happened(alert, excursion=1)
    work()
    for alert in alerts:
        happened(alert, "resolved", excursion=1)
    work()
    assert len(discord.requests) == 2
    assert all(embed["title"].startswith("Resolved") for embed in discord.embeds())


@pytest.mark.parametrize("kind", ["test", "no_data"])
def test_it_ends_the_firing_and_no_other_word_in_its_message(discord: Discord, alert: Alert, kind: str) -> None:
    happened(alert, excursion=1)
    happened(alert, kind, excursion=1)
    work()
    firing, other = discord.embeds()
    happened(alert, "resolved", excursion=1, value=10.0)
    work()
    assert [embed["title"] for embed in discord.embeds()] == ["Resolved: Longs are dying", other["title"]]
    assert firing["title"] != other["title"]


def test_it_posts_the_end_anew_when_the_message_was_deleted(discord: Discord, alert: Alert) -> None:
    happened(alert, excursion=1)
    work()
    discord.messages.clear()
    happened(alert, "resolved", excursion=1)
    work()
    (embed,) = discord.embeds()
    assert embed["title"] == "Resolved: Longs are dying"
    assert "repeat" not in embed["footer"]["text"]
    assert not Delivery.objects.exclude(state=State.DONE).exists()


@pytest.mark.parametrize(("status", "code"), [(429, 30046), (400, 50083)])
def test_it_posts_the_end_anew_when_the_message_is_too_old_to_change(
    discord: Discord, alert: Alert, place: Destination, status: int, code: int
) -> None:
    happened(alert, excursion=1)
    work()
    discord.next = [reply(status, {"message": "Not this one", "code": code})]
    happened(alert, "resolved", excursion=1)
    work()
    assert [request.method for request in discord.requests] == ["POST", "PATCH", "POST"]
    assert discord.embeds()[-1]["title"] == "Resolved: Longs are dying"
    place.refresh_from_db()
    assert place.paused_until is None
    assert not Pause.objects.exists()


def test_it_tells_no_end_before_the_beginning(discord: Discord, alert: Alert) -> None:
    discord.next = [reply(500)]
    happened(alert, excursion=1)
    work()
    happened(alert, "resolved", excursion=1)
    Destination.objects.update(paused_until=None)
    work()
    assert len(discord.requests) == 1
    for _ in range(2):
        at_once()
        work()
    assert [request.method for request in discord.requests] == ["POST", "POST", "PATCH"]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, 10015, "no longer exists"),
        (401, 50027, "no longer exists"),
        (404, 10003, "thread or channel"),
        (400, 220001, "forum"),
    ],
)
def test_it_switches_a_place_off_that_is_no_more_and_keeps_what_is_owed(
    discord: Discord, place: Destination, alert: Alert, status: int, code: int, said: str
) -> None:
    discord.next = [reply(status, {"message": "Unknown", "code": code})]
    happened(alert)
    work()
    happened(alert)
    work()
    place.refresh_from_db()
    assert place.disabled_at is not None
    assert said in place.disabled_because
    assert {row.state for row in Delivery.objects.all()} == {State.PARKED}
    assert len(discord.requests) == 1


@pytest.mark.parametrize("answer", [page(403), page(404), page(503), reply(502), Reply(resets=True)])
def test_it_tries_again_after_what_proves_nothing(
    discord: Discord, alert: Alert, place: Destination, answer: Reply
) -> None:
    discord.next = [answer]
    happened(alert)
    work()
    place.refresh_from_db()
    delivery = only()
    assert (delivery.state, delivery.attempts, place.failures) == (State.WAITING, 1, 1)
    assert place.disabled_at is None
    at_once()
    work()
    place.refresh_from_db()
    assert (only().state, place.failures) == (State.DONE, 0)


def test_it_says_that_a_message_may_be_a_repeat_when_no_answer_came(discord: Discord, alert: Alert) -> None:
    discord.next = [Reply(resets=True)]
    happened(alert)
    work()
    at_once()
    work()
    assert "may be a repeat" in discord.embeds()[0]["footer"]["text"]
    assert only().may_repeat


def test_it_parks_what_discord_refuses_and_sends_the_others(
    discord: Discord, place: Destination, make_alert: MakeAlert
) -> None:
    for number in range(3):
        happened(make_alert(place, description=f"Alert {number}"))
    # The message with all of them, then the second of them alone.
    discord.next = [reply(400, {"code": 50035}), lambda: discord_takes(discord), reply(400, {"code": 50035})]
    work()
    states = dict(Delivery.objects.values_list("event__alert__description", "state"))
    assert states == {"Alert 0": State.DONE, "Alert 1": State.PARKED, "Alert 2": State.DONE}
    assert "repeat" not in discord.embeds()[-1]["footer"]["text"]


def discord_takes(discord: Discord) -> Reply:
    return discord.answer(discord.requests[-1])


@pytest.mark.parametrize("many", [1, 2, 10])
def test_it_keeps_within_every_limit(many: int) -> None:
    long = [notice(title="T🔥" * 300, text="x🚀" * 3000, value_said="9" * 300, symbol="S" * 100) for _ in range(many)]
    message = render(long)
    assert fault_of(dict(message.body)) == ""
    assert sum(map(length_of, message.shown)) <= 6000
    ends = {number: notice(event="resolved", title="E" * 999, text="y" * 9999) for number in range(0, many, 2)}
    assert fault_of(dict(render_end(message.shown, ends).body)) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://discord.com/api/webhooks/10000000000000001/" + "x" * 68,
        "https://evil.example/api/webhooks/10000000000000001/" + "x" * 68,
        "https://discord.com.evil.example/api/webhooks/10000000000000001/" + "x" * 68,
        "https://discord.com:444/api/webhooks/10000000000000001/" + "x" * 68,
        "https://discord.com/api/webhooks/10000000000000001",
        "https://discord.com/channels/1/2",
        "",
    ],
)
def test_it_takes_only_webhooks_of_discord(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        channel.check({"url": url})
    assert refused.value.errors[0].pointer == "/settings/url"


@pytest.mark.parametrize("host", ["discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com"])
def test_it_takes_a_webhook_as_discords_clients_give_it(host: str) -> None:
    checked = channel.check({"url": f" https://{host}/api/v10/webhooks/10000000000000001/{'x' * 68}?wait=true "})
    assert checked == {"url": f"https://discord.com/api/webhooks/10000000000000001/{'x' * 68}"}
    assert "x" * 68 not in channel.hint(checked)


def test_it_keeps_the_thread_that_a_url_names(discord: Discord, make_place: MakePlace, make_alert: MakeAlert) -> None:
    place = make_place(settings={"url": f"{webhook()}?thread_id=1234567"}).destination
    assert "thread 1234567" in place.hint
    alert = make_alert(place)
    happened(alert, excursion=1)
    work()
    happened(alert, "resolved", excursion=1)
    work()
    assert [request.path.partition("?")[2] for request in discord.requests] == [
        "wait=true&thread_id=1234567",
        "thread_id=1234567",
    ]
    with pytest.raises(Invalid, match="no id of a thread"):
        make_place(settings={"url": f"{webhook()}?thread_id=general"})
