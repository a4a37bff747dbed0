"""A workspace with an alert, and local stand-ins for every place to which messages go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from alerts import deliver, outbox
from alerts.destinations import Created, create_destination
from alerts.models import Alert, Delivery, Destination, Event
from moondev.lib.queue import State
from tests.fakes import discord as discords
from tests.fakes import telegram as telegrams
from tests.fakes import webhook as webhooks
from tests.fakes.discord import Discord
from tests.fakes.slack import WEBHOOK as SLACK_WEBHOOK
from tests.fakes.slack import Slack
from tests.fakes.telegram import Telegram
from tests.fakes.webhook import Receiver

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MakeAlert = Callable[..., Alert]
MakePlace = Callable[..., Created]
Happen = Callable[..., Event]


@pytest.fixture
def discord(settings: Settings) -> Iterator[Discord]:
    with Discord() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "discord.com": found.place}
        yield found


@pytest.fixture
def slack(settings: Settings) -> Iterator[Slack]:
    with Slack() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "hooks.slack.com": found.place}
        yield found


@pytest.fixture
def telegram(settings: Settings) -> Iterator[Telegram]:
    with Telegram() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "api.telegram.org": found.place}
        yield found


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    with Receiver() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, webhooks.HOST: found.place}
        yield found


SETTINGS = {
    "discord": {"url": discords.webhook()},
    "email": {"address": "olivia@example.com"},
    "webhook": {"url": webhooks.URL},
    "telegram": {"token": telegrams.TOKEN, "chat_id": "42"},
    "slack": {"url": SLACK_WEBHOOK},
}


@pytest.fixture
def make_place(workspace: Workspace, olivia: User) -> MakePlace:
    """A destination of olivia's workspace: `make_place("discord")`."""

    def make(kind: str = "discord", **given: object) -> Created:
        values = {"workspace": workspace, "actor": olivia, "name": kind, "settings": SETTINGS[kind]} | given
        return create_destination(kind=kind, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_alert(workspace: Workspace) -> MakeAlert:
    """An alert of olivia's workspace: a liquidation spike of BTC that goes to the destinations that are named."""

    def make(*places: Destination, **values: object) -> Alert:
        given = {"workspace": workspace, "kind": "liquidation_spike", "threshold": 1000.0, "symbol": "BTC"}
        alert: Alert = Alert.objects.create(**(given | values))
        alert.destinations.set(places)
        return alert

    return make


@pytest.fixture
def place(make_place: MakePlace) -> Destination:
    """A Discord channel."""
    return make_place().destination


@pytest.fixture
def alert(make_alert: MakeAlert, place: Destination) -> Alert:
    """An alert that goes there."""
    return make_alert(place, description="Longs are dying")


_numbers = itertools.count(1)


def happened(alert: Alert, kind: str = "fired", *, excursion: int | None = None, **values: object) -> Event:
    """An event of an alert, and what is owed for it."""
    given: dict[str, object] = {
        "at": NOON, "value": 2500.0, "threshold": alert.threshold, "window_minutes": alert.window_minutes,
        "symbol": alert.symbol, "source": "files",
    }  # fmt: skip
    number = next(_numbers) if excursion is None else excursion
    event: Event = Event.objects.create(alert=alert, kind=kind, excursion=number, **(given | values))
    outbox.owe([event])
    return event


def work() -> int:
    """Send what is due now, and wait for nothing."""
    return deliver.work(waits=False)


def at_once(*rows: Delivery) -> None:
    """As if the time had passed that deliveries and places have to wait."""
    Destination.objects.update(paused_until=None)
    Delivery.objects.filter(state=State.WAITING).update(due_at=NOON)


def only() -> Delivery:
    """The one delivery that there is, as it stands now."""
    found: Delivery = Delivery.objects.select_related("event", "destination").get()
    return found
