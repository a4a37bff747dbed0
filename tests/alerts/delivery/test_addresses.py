"""New addresses and secrets of destinations, and tests of them that show the real answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
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
from alerts.models import Destination, Pause
from moondev.lib.errors import Conflict, Invalid
from moondev.lib.seal import seal
from tests.alerts.delivery.conftest import MakeAlert, MakePlace, happened, work
from tests.fakes.discord import Discord, webhook
from tests.fakes.taker import reply
from tests.fakes.webhook import Receiver

pytestmark = pytest.mark.django_db


def change(**given: object) -> services.Created:
    return services.change_destination(settings={"url": webhook(2)}, **given)  # type: ignore[arg-type]


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
