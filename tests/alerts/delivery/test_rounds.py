"""Rounds of delivery: nothing is lost, one worker at a time sends to a place, and a repeat says so."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from alerts import deliver
from alerts.deliver import claims, outcomes
from alerts.models import Alert, Attempt, Delivery, Destination, Pause
from billing.signals import work_waiting
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import MakeAlert, MakePlace, at_once, happened, only, work
from tests.cast import workspace_of
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import Reply, Taker, reply
from tests.fakes.webhook import HOST, URL

pytestmark = pytest.mark.django_db
GONE = timedelta(minutes=2)


@pytest.fixture
def woken() -> Iterator[list[str]]:
    heard: list[str] = []

    def listen(*, task: str, **_: object) -> None:
        heard.append(task)

    work_waiting.connect(listen)
    yield heard
    work_waiting.disconnect(listen)


def later() -> None:
    """As if every lease had run out."""
    Delivery.objects.filter(state=State.RUNNING).update(lease_until=timezone.now() - GONE)


def test_it_wakes_a_worker_when_an_event_is_committed(
    alert: Alert, woken: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        happened(alert)
        assert woken == []
    assert woken == ["alerts.tasks.deliver"]


def test_it_sends_what_a_worker_claimed_that_ended_before_it_began(discord: Discord, alert: Alert) -> None:
    happened(alert)
    claims.claim(10)
    assert work() == 0
    later()
    assert work() == 1
    assert "repeat" not in discord.embeds()[0]["footer"]["text"]


def test_it_marks_what_a_worker_was_sending_when_it_ended(discord: Discord, alert: Alert) -> None:
    happened(alert)
    assert claims.begin(claims.claim(10))
    later()
    assert work() == 1
    assert "may be a repeat" in discord.embeds()[0]["footer"]["text"]
    assert only().may_repeat


def test_a_worker_that_comes_back_late_begins_nothing(discord: Discord, alert: Alert) -> None:
    happened(alert)
    late = claims.claim(10)
    later()
    work()
    assert not claims.begin(late)
    claims.give_back(late)
    assert only().state == State.DONE


def test_nobody_else_sends_to_a_place_meanwhile(
    discord: Discord, alert: Alert, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    happened(alert)
    claims.claim(10)
    happened(alert)
    happened(make_alert(make_place(settings={"url": webhook(2)}).destination, description="Other place"))
    assert work() == 1
    assert [embed["title"] for embed in discord.embeds()] == ["Other place"]


def test_it_gives_up_after_many_tries_and_keeps_the_message(discord: Discord, alert: Alert) -> None:
    happened(alert)
    discord.next = [reply(500) for _ in range(outcomes.TRIES)]
    for _ in range(outcomes.TRIES + 1):
        at_once()
        work()
    delivery = only()
    assert (delivery.state, delivery.last_error) == (State.PARKED, "Discord answered 500.")
    assert Attempt.objects.count() == outcomes.TRIES


def test_it_waits_longer_with_each_failure_of_a_place(discord: Discord, alert: Alert) -> None:
    happened(alert)
    waits = []
    for _ in range(5):
        discord.next = [reply(500)]
        at_once()
        began = timezone.now()
        work()
        until = Destination.objects.get().paused_until
        assert until is not None
        waits.append((until - began).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] < 10 < 60 <= waits[3]


def test_it_parks_what_no_worker_ever_ends(discord: Discord, alert: Alert) -> None:
    happened(alert)
    Delivery.objects.update(attempts=outcomes.MOST_CLAIMS)
    work()
    assert only().state == State.PARKED
    assert discord.requests == []


@pytest.mark.slow
def test_one_place_that_hangs_holds_no_other(
    discord: Discord, alert: Alert, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    discord.next = [Reply(hangs=60)]
    happened(alert)
    happened(make_alert(make_place(settings={"url": webhook(2)}).destination, description="Other place"))
    deliver.work(seconds=0.5, waits=False)
    # The other message was there long before the silence ended.
    ((arrived, _),) = discord.accepted
    assert arrived - discord.requests[0].at < 5
    failed = Attempt.objects.get(succeeded=False)
    assert failed.said == "There was no answer within 10 seconds."


def test_it_sends_nothing_for_a_closed_workspace(discord: Discord, alert: Alert, workspace: Workspace) -> None:
    happened(alert)
    now = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=now, erase_after=now)
    work()
    assert only().state == State.PARKED
    assert discord.requests == []


def test_it_sends_what_a_broken_template_says_in_its_own_words(discord: Discord, alert: Alert) -> None:
    Alert.objects.update(template="{nothing} {0.__class__}")
    happened(Alert.objects.get())
    work()
    assert discord.embeds()[0]["description"] == "2,500 USD over 15 minutes. The threshold is 1,000 USD."


def test_it_parks_what_cannot_be_put_into_words_and_sends_the_rest(
    discord: Discord, alert: Alert, make_alert: MakeAlert
) -> None:
    broken = make_alert(*alert.destinations.all(), kind="unheard_of")
    happened(alert)
    happened(broken)
    work()
    states = dict(Delivery.objects.values_list("event__alert__kind", "state"))
    assert states == {"liquidation_spike": State.DONE, "unheard_of": State.PARKED}


def test_it_waits_for_what_is_due_in_a_moment(discord: Discord, alert: Alert) -> None:
    happened(alert)
    Destination.objects.update(paused_until=timezone.now() + timedelta(seconds=1))
    assert work() == 0
    assert deliver.work() == 1


def test_it_does_not_wait_for_a_channel_that_takes_nothing(alert: Alert) -> None:
    happened(alert)
    assert claims.next_due() is not None
    Pause.objects.create(name="discord", until=timezone.now() + timedelta(seconds=3))
    assert claims.next_due() is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_several_workers_keep_one_bucket(discord: Discord, make_place: MakePlace, make_alert: MakeAlert) -> None:
    """Four rounds at once: every message once, and never more requests than the webhook's bucket allows."""
    places = [make_place(name=str(n), settings={"url": webhook(n)}).destination for n in range(1, 5)]
    for number in range(160):
        happened(make_alert(places[number % 4], description=str(number)))

    def run() -> None:
        try:
            deliver.work(seconds=20)
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(int(embed["title"]) for embed in discord.embeds()) == list(range(160))
    assert discord.over == 0


def test_it_sends_the_others_when_an_alert_is_deleted_meanwhile(
    discord: Discord, alert: Alert, make_alert: MakeAlert
) -> None:
    happened(alert)
    happened(make_alert(*alert.destinations.all(), description="Stays"))
    rows = claims.claim(10)
    Alert.objects.get(pk=alert.pk).delete()
    # Both were to go in one message.
    assert len(claims.begin(rows)) == 1
    claims.give_back(rows)
    assert work() == 1
    assert [embed["title"] for embed in discord.embeds()] == ["Stays"]


class Slow(Taker):
    """Answers nobody before the fast one has got its message."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Event()

    def _send(self, handler: BaseHTTPRequestHandler, made: Reply) -> None:
        if handler.path.endswith("fast"):
            self.came.set()
        super()._send(handler, made if self.came.wait(5) else Reply(503))


def copies(row: Destination, ids: Iterable[int]) -> list[Destination]:
    """More places like one, with ids that say in which order a round comes to them."""
    values = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name != "id"}
    return Destination.objects.bulk_create(Destination(id=pk, **values) for pk in ids)


def test_slow_places_of_one_workspace_hold_up_nobody_else(
    sam: User, make_place: MakePlace, make_alert: MakeAlert, settings: Settings
) -> None:
    many = 2 * deliver.THREADS
    happened(make_alert(*copies(make_place("webhook").destination, range(1_000_000, 1_000_000 + many))))
    others = workspace_of(sam)
    fast = make_place("webhook", workspace=others, actor=None, settings={"url": f"{URL}&to=fast"}).destination
    happened(make_alert(*copies(fast, [9_000_000]), workspace=others))
    with Slow() as receiver:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, HOST: receiver.place}
        assert work() == many + 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DONE}
