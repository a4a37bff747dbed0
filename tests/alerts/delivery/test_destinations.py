"""Making and switching destinations, and sending again what they missed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User, Workspace
from accounts.services.access import lock_workspace
from alerts import destinations as services
from alerts.deliver.letters import tell_owners
from alerts.models import Delivery, Destination
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound
from moondev.lib.queue import State
from tests.alerts.delivery.conftest import SETTINGS, MakeAlert, MakePlace, happened, work
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import reply

pytestmark = pytest.mark.django_db


def change(**given: object) -> services.Created:
    return services.change_destination(settings={"url": webhook(2)}, **given)  # type: ignore[arg-type]


def test_it_seals_what_lets_one_post_and_writes_the_audit_log(make_place: MakePlace) -> None:
    row = make_place().destination
    assert SETTINGS["discord"]["url"] not in row.sealed + row.hint
    assert services.settings_of(row) == SETTINGS["discord"]
    assert AuditEntry.objects.get(action="destination.created").target == "discord"


def test_only_who_manages_the_workspace_makes_and_changes_one(make_place: MakePlace, max: User, sam: User) -> None:
    row = make_place().destination
    for actor, error in ((max, Forbidden), (sam, NotFound)):
        with pytest.raises(error):
            make_place(actor=actor)
        for service in (services.delete_destination, services.disable_destination, services.enable_destination,
                        services.set_default, services.send_test, services.resend_missed,
                        services.rotate_secret, change):  # fmt: skip
            with pytest.raises(error):
                service(destination=row, actor=actor)


def test_one_is_the_default(make_place: MakePlace) -> None:
    first, second = make_place(is_default=True).destination, make_place("slack", is_default=True).destination
    assert list(Destination.objects.filter(is_default=True)) == [second]
    services.set_default(destination=first, actor=None)
    assert list(Destination.objects.filter(is_default=True)) == [first]


@pytest.mark.django_db(transaction=True)
def test_two_defaults_at_once_wait_for_one_another_in_one_order(make_place: MakePlace, workspace: Workspace) -> None:
    first = make_place(is_default=True).destination

    def set_default() -> None:
        try:
            services.set_default(destination=first, actor=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_workspace(workspace)
            waiting = pool.submit(set_default)
            while not is_somebody_waiting():
                time.sleep(0.01)
            make_place("slack", is_default=True)
        waiting.result(timeout=20)
    assert list(Destination.objects.filter(is_default=True)) == [first]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_switches_one_off_waits_for_nobody_in_the_workspace(
    make_place: MakePlace, workspace: Workspace
) -> None:
    """It has the place's row by then, which is what the other one may want next."""
    row = make_place().destination

    def switch_off() -> bool:
        try:
            with transaction.atomic():
                return services.switch_off(row, "It answered 410: gone for good.")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock_workspace(workspace)
        assert pool.submit(switch_off).result(timeout=20)


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("given", "pointer"),
    [({"name": " "}, "/name"), ({"name": "x" * 81}, "/name"), ({"settings": {}}, "/settings/url")],
)
def test_it_names_what_is_wrong(make_place: MakePlace, given: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_place(**given)
    assert refused.value.errors[0].pointer == pointer


def test_it_mails_nobody_who_is_no_member(make_place: MakePlace, sam: User) -> None:
    with pytest.raises(Invalid, match="members"):
        make_place("email", settings={"address": sam.email})


def test_a_webhook_in_a_call_is_one_destination_however_often_it_comes(workspace: Workspace) -> None:
    urls = [webhook(1), webhook(1).replace("discord.com", "canary.discord.com"), webhook(2)]
    found = [services.discord_destination(workspace=workspace, actor=None, url=url).pk for url in urls]
    assert found[0] == found[1] != found[2]
    with pytest.raises(Invalid) as refused:
        services.discord_destination(workspace=workspace, actor=None, url="https://evil.example/")
    assert refused.value.errors[0].pointer == "/discord_webhook_url"


def test_deleting_forgets_the_secret_and_keeps_the_history(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    row = make_place(is_default=True).destination
    alert = make_alert(row)
    happened(alert)
    work()
    services.delete_destination(destination=row, actor=None)
    row.refresh_from_db()
    assert (row.sealed, row.is_default) == ("", False)
    assert (Delivery.objects.count(), alert.destinations.count()) == (1, 0)
    with pytest.raises(Conflict):
        services.enable_destination(destination=row, actor=None)


def test_places_from_before_there_were_buckets_get_theirs_from_the_hint(make_place: MakePlace) -> None:
    rows = [make_place(kind).destination for kind in SETTINGS]
    before = [row.bucket for row in rows]
    assert before == ["discord 10000000000000001", "", "", "telegram 123456789 to 42", "slack T00000001/B00000001"]
    Destination.objects.update(bucket="")
    import_module("alerts.migrations.0002_buckets").note_buckets(apps, None)
    assert [Destination.objects.get(pk=row.pk).bucket for row in rows] == before


def test_the_owner_is_told_once_that_a_place_is_no_more(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert, olivia: User
) -> None:
    discord.next = [reply(404, {"code": 10015})]
    happened(make_alert(make_place(name="Trading room").destination))
    work()
    assert [tell_owners(), tell_owners()] == [1, 0]
    (letter,) = mail.outbox
    assert letter.to == [olivia.email]
    assert "Trading room" in letter.subject
    assert "no longer exists" in letter.body
    assert "one message is kept" in letter.body


def test_what_was_missed_is_sent_when_the_place_is_back(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    row = make_place().destination
    services.disable_destination(destination=row, actor=None)
    for _ in range(3):
        happened(make_alert(row))
    work()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.PARKED}
    with pytest.raises(Conflict):
        services.resend_missed(destination=row, actor=None)
    services.enable_destination(destination=row, actor=None)
    assert services.resend_missed(destination=row, actor=None) == 3
    work()
    assert len(discord.embeds()) == 3
    assert tell_owners() == 0


def test_one_message_is_sent_again(discord: Discord, make_place: MakePlace, make_alert: MakeAlert, max: User) -> None:
    discord.next = [reply(400, {"code": 1})]
    happened(make_alert(make_place().destination))
    work()
    delivery = Delivery.objects.get()
    services.resend(delivery=delivery, actor=max)
    work()
    delivery.refresh_from_db()
    assert delivery.state == State.DONE
    with pytest.raises(Conflict):
        services.resend(delivery=delivery, actor=max)


def test_without_a_destination_the_owner_is_mailed(make_alert: MakeAlert, olivia: User) -> None:
    happened(make_alert())
    work()
    (letter,) = mail.outbox
    assert letter.to == [olivia.email]


@pytest.mark.parametrize(("slug", "for_all", "goes_there"), [("default", False, True), ("other", False, False),
                                                             ("other", True, True)])  # fmt: skip
def test_the_operators_channel_is_the_default_of_the_operators_workspace(
    discord: Discord, make_alert: MakeAlert, workspace: Workspace, settings: Settings,
    slug: str, for_all: bool, goes_there: bool,
) -> None:  # fmt: skip
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(9), for_all
    Workspace.objects.filter(pk=workspace.pk).update(slug=slug)
    happened(make_alert())
    work()
    assert (len(discord.embeds()), len(mail.outbox)) == ((1, 0) if goes_there else (0, 1))


@pytest.mark.parametrize(
    "url",
    [f" {webhook(9)}/", webhook(9).replace("discord.com", "ptb.discord.com"), f"{webhook(9)}?thread_id=1234567"],
)
def test_the_operators_channel_is_taken_as_discords_clients_give_it(
    discord: Discord, make_alert: MakeAlert, settings: Settings, url: str
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = url, True
    happened(make_alert())
    work()
    assert Delivery.objects.get().state == State.DONE
    assert discord.requests[0].path.startswith("/api/webhooks/10000000000000009/")


def test_the_operators_messages_are_ended_in_place_too(
    discord: Discord, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = webhook(9), True
    alert = make_alert(description="Mine")
    happened(alert, excursion=1)
    work()
    happened(alert, "resolved", excursion=1)
    work()
    assert [embed["title"] for embed in discord.embeds()] == ["Resolved: Mine"]
