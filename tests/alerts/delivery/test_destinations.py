"""Making, changing and testing destinations, and sending again what they missed."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, Member, User, Workspace
from alerts import destinations as services
from alerts import rests
from alerts.channels.shapes import ChannelError
from alerts.deliver import claims, outcomes
from alerts.deliver.jobs import Outcome, jobs_of
from alerts.deliver.letters import tell_owners
from alerts.deliver.places import place_of
from alerts.models import Delivery, Destination, Pause
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound
from moondev.lib.queue import State
from moondev.lib.seal import seal
from tests.alerts.delivery.conftest import SETTINGS, MakeAlert, MakePlace, happened, work
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import reply
from tests.fakes.webhook import Receiver

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


def test_a_test_shows_the_real_answer(discord: Discord, make_place: MakePlace) -> None:
    row = make_place().destination
    discord.next = [reply(500)]
    failed = services.send_test(destination=row, actor=None)
    assert (failed.succeeded, failed.status, failed.said) == (False, 500, "Discord answered 500.")
    with pytest.raises(Conflict, match="seconds"):
        services.send_test(destination=row, actor=None)
    Destination.objects.update(paused_until=None)
    assert services.send_test(destination=row, actor=None).succeeded
    assert discord.embeds()[0]["title"] == "Test: messages arrive here"


def test_a_test_waits_while_the_whole_channel_rests(discord: Discord, make_place: MakePlace) -> None:
    row = make_place().destination
    Pause.objects.create(name="discord", until=timezone.now() + timedelta(minutes=5))
    with pytest.raises(Conflict, match="300 seconds"):
        services.send_test(destination=row, actor=None)
    assert discord.requests == []


def test_a_test_waits_while_somebody_sends_there(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    row = make_place().destination
    happened(make_alert(make_place().destination))
    claims.claim(10)
    with pytest.raises(Conflict, match="on its way"):
        services.send_test(destination=row, actor=None)
    assert discord.requests == []


def test_what_a_test_is_told_holds_for_all_messages(discord: Discord, make_place: MakePlace) -> None:
    row = make_place().destination
    discord.next = [reply(429, {"retry_after": 30.0, "global": True})]
    assert services.send_test(destination=row, actor=None).status == 429
    until = Pause.objects.get(name="discord").until
    assert until > timezone.now() + timedelta(seconds=20)
    # What somebody else was told makes it no shorter.
    rests.rest_all("discord", timezone.now())
    assert Pause.objects.get(name="discord").until == until
    Pause.objects.all().delete()
    Destination.objects.update(paused_until=None)
    discord.next = [reply(404, {"code": 10015})]
    assert services.send_test(destination=row, actor=None).status == 404
    row.refresh_from_db()
    assert (row.disabled_at is None, row.disabled_because) == (
        False,
        "Discord says that this webhook no longer exists.",
    )
    assert tell_owners() == 1


def test_a_test_of_what_cannot_be_read_or_may_not_be_written_to_says_so(
    make_place: MakePlace, workspace: Workspace
) -> None:
    letters, broken = make_place("email").destination, make_place().destination
    Member.objects.filter(workspace=workspace, user__email="olivia@example.com").delete()
    assert "no member" in services.send_test(destination=letters, actor=None).said
    Destination.objects.filter(pk=broken.pk).update(sealed="broken")
    broken.refresh_from_db()
    assert "enter it again" in services.send_test(destination=broken, actor=None).said
    assert mail.outbox == []


def test_what_is_said_of_an_old_address_does_not_end_the_new_one(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert
) -> None:
    row = make_place().destination
    happened(make_alert(row))
    (job,) = jobs_of(place_of(claimed := claims.claim(10)[0]), [claimed], {})
    claims.begin(job.rows)
    change(destination=row, actor=None)
    gone = ChannelError("Gone.", disables=True, status=404)
    outcomes.settle_failed(job, Outcome(gone, 1), gone)
    row.refresh_from_db()
    assert row.disabled_at is None
    assert work() == 1


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


def test_what_a_dead_webhook_missed_is_sent_to_its_new_address(
    discord: Discord, make_place: MakePlace, make_alert: MakeAlert, olivia: User
) -> None:
    row = make_place().destination
    alert = make_alert(row, description="Spike")
    happened(alert, excursion=1)
    work()
    discord.next = [reply(404, {"code": 10015})]
    happened(alert, "resolved", excursion=1)
    work()
    changed = change(destination=row, actor=olivia).destination
    assert (changed.disabled_at, changed.owner_told_at, changed.failures) == (None, None, 0)
    assert "10000000000000002" in changed.hint
    assert AuditEntry.objects.get(action="destination.changed").data["after"] == changed.hint
    assert services.resend_missed(destination=row, actor=olivia) == 1
    work()
    # The message at the old webhook cannot be changed from the new one.
    method, path = discord.requests[-1].method, discord.requests[-1].path
    assert (method, "10000000000000002" in path) == ("POST", True)
    assert discord.embeds()[-1]["title"] == "Resolved: Spike"


def test_a_new_address_is_checked_as_a_first_one(make_place: MakePlace) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_destination(destination=make_place().destination, actor=None, settings={"url": "https://x.y"})
    assert refused.value.errors[0].pointer == "/settings/url"


def test_a_webhook_keeps_its_secret_at_a_new_address(make_place: MakePlace, settings: Settings) -> None:
    made = make_place("webhook")
    row = made.destination

    def moved() -> services.Created:
        return services.change_destination(destination=row, actor=None, settings={"url": "https://new.example/in"})

    assert moved().secret == ""
    row.refresh_from_db()
    assert services.settings_of(row) == {"url": "https://new.example/in", "secret": made.secret}
    # One that can no longer be read is replaced.
    settings.SEAL_KEYS = [Fernet.generate_key().decode()]
    assert moved().secret.startswith("whsec_")


def test_a_new_secret_signs_beside_the_old_one_for_a_day(make_place: MakePlace, receiver: Receiver) -> None:
    made = make_place("webhook")
    new = services.rotate_secret(destination=made.destination, actor=None).secret
    assert new != made.secret
    for receiver.secret in (made.secret, new):
        Destination.objects.update(paused_until=None)
        assert services.send_test(destination=Destination.objects.get(), actor=None).succeeded
    ended = services.settings_of(Destination.objects.get()) | {"old_until": "1"}
    Destination.objects.update(sealed=seal(json.dumps(ended), django_settings.SEAL_KEYS), paused_until=None)
    receiver.secret = made.secret
    assert services.send_test(destination=Destination.objects.get(), actor=None).status == 401


def test_only_a_webhook_has_a_secret(make_place: MakePlace) -> None:
    with pytest.raises(Conflict):
        services.rotate_secret(destination=make_place().destination, actor=None)


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
