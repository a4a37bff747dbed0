"""E-mail, webhooks, Telegram and Slack: what they are sent, and what their answers mean."""

from __future__ import annotations

import json
import re

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings

from accounts.models import Member, Workspace
from alerts.channels import slack as slack_channel
from alerts.channels import telegram as telegram_channel
from alerts.channels import webhook as webhook_channel
from alerts.channels.clip import clip, size
from alerts.channels.registry import CHANNELS
from alerts.models import Alert, Attempt, Delivery, Destination
from moondev.lib.errors import Invalid
from moondev.lib.queue import State
from moondev.lib.redact import redact_text
from tests.alerts.delivery.conftest import SETTINGS, MakeAlert, MakePlace, at_once, happened, only, work
from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.slack import Slack
from tests.fakes.taker import Reply, page, reply
from tests.fakes.telegram import Telegram
from tests.fakes.webhook import Receiver

pytestmark = pytest.mark.django_db
# The example of https://www.standardwebhooks.com, with its expected signature.
EXAMPLE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EXAMPLE_BODY = b'{"test": 2432232314}'
EXAMPLE_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def sent_to(make_place: MakePlace, make_alert: MakeAlert, kind: str, *, many: int = 1) -> Destination:
    """`many` alerts have fired and go to one new destination of a kind."""
    place = make_place(kind).destination
    for number in range(many):
        happened(make_alert(place, description=f"Alert {number} <!channel> & *more*"))
    return place


def test_it_signs_as_the_specification_does() -> None:
    headers = webhook_channel.signed([EXAMPLE_SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, EXAMPLE_BODY)
    assert headers["webhook-signature"] == EXAMPLE_SIGNATURE


def test_a_webhook_gets_each_delivery_under_its_own_id(
    receiver: Receiver, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    made = make_place("webhook")
    receiver.secret = made.secret
    for _ in range(3):
        happened(make_alert(made.destination))
    assert work() == 3
    assert made.secret.startswith("whsec_")
    assert {request.headers["webhook-id"] for request in receiver.requests} == {
        str(pk) for pk in Delivery.objects.filter(state=State.DONE).values_list("pk", flat=True)
    }
    body = receiver.requests[0].json
    assert (body["type"], body["data"]["value"], body["data"]["symbol"]) == ("alert.fired", 2500.0, "BTC")
    assert Attempt.objects.filter(status=204, succeeded=True).count() == 3


def test_a_repeat_to_a_webhook_has_the_id_of_the_first(
    receiver: Receiver, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    made = make_place("webhook")
    receiver.secret, receiver.next = made.secret, [Reply(resets=True)]
    happened(make_alert(made.destination))
    work()
    at_once()
    work()
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [request.json["data"]["may_be_a_repeat"] for request in (first, second)] == [False, True]


@pytest.mark.parametrize(
    ("answer", "state", "is_off"),
    [
        (reply(410), State.PARKED, True),
        (reply(429, Retry_After="9"), State.WAITING, False),
        (reply(302, Location="http://127.0.0.1/"), State.WAITING, False),
        (reply(401), State.WAITING, False),
        (page(500), State.WAITING, False),
    ],
)
def test_a_webhooks_answer_decides(
    receiver: Receiver, make_place: MakePlace, make_alert: MakeAlert, answer: Reply, state: str, is_off: bool
) -> None:
    receiver.next = [answer]
    place = sent_to(make_place, make_alert, "webhook")
    work()
    place.refresh_from_db()
    assert (only().state, place.disabled_at is not None) == (state, is_off)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("url", ["https://localhost/", "https://127.0.0.1/"])
def test_a_webhook_never_reaches_a_private_network(
    make_place: MakePlace, make_alert: MakeAlert, settings: Settings, url: str
) -> None:
    """The form refuses the address itself; a name is looked up when it is called."""
    settings.OUTBOUND_ROUTES = {"localhost": "127.0.0.1:1", "127.0.0.1": "127.0.0.1:1"}
    place = make_place("webhook", settings={"url": url}).destination
    settings.OUTBOUND_ROUTES = {}
    happened(make_alert(place))
    work()
    place.refresh_from_db()
    assert place.disabled_because == "The address leads to a private network."


@pytest.mark.parametrize(
    ("kind", "wrong", "pointer"),
    [
        ("webhook", {"url": "https://10.0.0.1/"}, "/settings/url"),
        ("webhook", {"url": "http://example.com/"}, "/settings/url"),
        ("slack", {"url": "https://hooks.slack.com/other"}, "/settings/url"),
        ("slack", {"url": "https://evil.example/services/T1/B1/abcdefghijkl"}, "/settings/url"),
        ("telegram", {"token": "x", "chat_id": "42"}, "/settings/token"),
        ("telegram", {"token": SETTINGS["telegram"]["token"], "chat_id": "a b"}, "/settings/chat_id"),
        ("email", {"address": "nobody"}, "/settings/address"),
    ],
)
def test_it_names_the_setting_that_is_wrong(kind: str, wrong: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        CHANNELS[kind].check(wrong)
    assert pointer in {error.pointer for error in refused.value.errors}


def test_no_hint_and_no_log_line_shows_a_secret(make_place: MakePlace) -> None:
    secrets = [DISCORD_TOKEN, "abcdefghijklmnopqrstuvwx", "AAExample", "very-secret"]
    rows = [make_place(kind, name=kind).destination for kind in SETTINGS]
    shown = " ".join(f"{row.hint} {row.sealed}" for row in rows)
    urls = [values["url"] for kind, values in SETTINGS.items() if kind in ("discord", "slack")]
    lines = redact_text(" ".join([*urls, f"https://api.telegram.org/bot{SETTINGS['telegram']['token']}/sendMessage"]))
    assert [secret for secret in secrets if secret in shown or secret in lines] == []


def test_slack_gets_all_of_a_moment_in_one_message_without_mentions(
    slack: Slack, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    sent_to(make_place, make_alert, "slack", many=3)
    work()
    (request,) = slack.requests
    assert len(request.json["blocks"]) == 3
    assert "<!channel>" not in request.body.decode()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.parametrize("said", [b"no_service", b"channel_is_archived", b"invalid_token"])
def test_slack_says_when_a_webhook_is_no_more(
    slack: Slack, make_place: MakePlace, make_alert: MakeAlert, said: bytes
) -> None:
    slack.next = [Reply(404, said)]
    place = sent_to(make_place, make_alert, "slack")
    work()
    place.refresh_from_db()
    assert place.disabled_at is not None


def test_telegram_gets_plain_text_within_its_limit(
    telegram: Telegram, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    place = make_place("telegram").destination
    for _ in range(8):
        happened(make_alert(place, template="<b>{symbol}</b> 🚀 " + "x" * 900))
    work()
    (request,) = telegram.requests
    assert size(request.json["text"]) <= 4096
    assert "parse_mode" not in request.json
    assert request.json["text"].count("<b>BTC</b>") == 8


@pytest.mark.parametrize(
    ("answer", "is_off", "waits"),
    [
        (reply(403, {"ok": False, "description": "Forbidden: bot was blocked by the user"}), True, False),
        (reply(400, {"ok": False, "description": "Bad Request: chat not found"}), True, False),
        (reply(429, {"ok": False, "parameters": {"retry_after": 35}}), False, True),
    ],
)
def test_telegrams_answer_decides(
    telegram: Telegram, make_place: MakePlace, make_alert: MakeAlert, answer: Reply, is_off: bool, waits: bool
) -> None:
    telegram.next = [answer]
    place = sent_to(make_place, make_alert, "telegram")
    work()
    place.refresh_from_db()
    assert (place.disabled_at is not None, place.paused_until is not None) == (is_off, waits)


def test_mail_goes_out_once_for_a_moment_with_the_deliveries_ids(make_place: MakePlace, make_alert: MakeAlert) -> None:
    sent_to(make_place, make_alert, "email", many=2)
    work()
    (letter,) = mail.outbox
    assert letter.to == ["olivia@example.com"]
    assert letter.subject.startswith("Alert 0")
    assert {str(row.pk) for row in Delivery.objects.all()} == set(letter.extra_headers["X-Delivery-Ids"].split())
    assert isinstance(letter, EmailMultiAlternatives)
    assert "&lt;!channel&gt;" in str(letter.alternatives[0])


def test_mail_ends_with_the_membership(make_place: MakePlace, make_alert: MakeAlert, workspace: Workspace) -> None:
    place = make_place("email", settings={"address": "max@example.com"}).destination
    Member.objects.filter(workspace=workspace, user__email="max@example.com").delete()
    happened(make_alert(place))
    work()
    place.refresh_from_db()
    assert "member" in place.disabled_because
    assert mail.outbox == []


def test_it_cuts_texts_between_characters() -> None:
    assert clip("🚀" * 10, 7) == "🚀🚀🚀…"
    assert clip("short", 5) == "short"


@pytest.mark.parametrize("module", [slack_channel, telegram_channel, webhook_channel])
def test_every_channel_says_what_it_asks_for(module: object) -> None:
    names = {setting.name for setting in module.SETTINGS}  # type: ignore[attr-defined]
    assert names
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_a_template_shows_its_fields(receiver: Receiver, make_place: MakePlace, make_alert: MakeAlert) -> None:
    made = make_place("webhook")
    receiver.secret = made.secret
    alert: Alert = make_alert(made.destination, template="{symbol}: {value} > {threshold} in {window} {{x}}")
    happened(alert)
    work()
    assert json.loads(receiver.requests[0].body)["data"]["text"] == "BTC: 2,500 USD > 1,000 USD in 15 minutes {x}"
