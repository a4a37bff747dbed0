"""Making and changing alerts: who may, what becomes of the state, and what is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from alerts import services
from alerts.channels.shapes import Sent
from alerts.deliver import claims, outcomes
from alerts.deliver.jobs import Outcome, firings_for, jobs_of
from alerts.deliver.places import place_of
from alerts.models import Alert, AlertSettings, Attempt, Delivery, Destination, Event, Transition
from alerts.wording import text_of, words_of
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted
from tests.alerts.api.conftest import NOON, SPIKE, Make, store_in
from tests.alerts.evaluation.conftest import whales

pytestmark = pytest.mark.django_db


def stand(alert: Alert, **state: Any) -> None:
    """Put an alert into a state."""
    Alert.objects.filter(pk=alert.pk).update(**state)


def firing(alert: Alert) -> None:
    """Put an alert into its first excursion."""
    stand(alert, phase="firing", is_open=True, excursion=1, value=2e6)
    Event.objects.create(
        alert=alert, kind="fired", excursion=1, threshold=1e6, window_minutes=15, source="files", value=2e6
    )


def test_it_lets_members_change_their_own_and_shared_alerts(make: Make, olivia: User, ada: User, max: User) -> None:
    private, shared, own = make(is_shared=False), make(), make(actor=max, is_shared=False)
    with pytest.raises(Forbidden):
        services.update_alert(alert=private, actor=max, values={"threshold": 5.0})
    for alert in (shared, own):
        services.update_alert(alert=alert, actor=max, values={"threshold": 5.0})
    for alert in (private, shared, own):
        services.update_alert(alert=alert, actor=ada, values={"threshold": 6.0})
    assert [services.may_change(max, alert) for alert in (private, shared, own)] == [False, True, True]


def test_it_lets_only_the_maker_and_managers_say_what_is_shared(make: Make, ada: User, max: User) -> None:
    theirs, own = make(), make(actor=max)
    with pytest.raises(Forbidden):
        services.update_alert(alert=theirs, actor=max, values={"is_shared": False})
    services.update_alert(alert=own, actor=max, values={"is_shared": False})
    services.update_alert(alert=own, actor=ada, values={"is_shared": True})


def test_it_knows_no_strangers(make: Make, workspace: Workspace, sam: User, olivia: User) -> None:
    alert = make()
    with pytest.raises(NotFound):
        services.create_alert(workspace=workspace, actor=sam, values={"type": "price_move"})
    for deed in (services.pause_alert, services.delete_alert, services.test_alert, services.duplicate_alert):
        with pytest.raises(NotFound):
            deed(alert=alert, actor=sam)
    olivia.is_active = False
    olivia.save(update_fields=["is_active"])
    with pytest.raises(NotFound):
        services.pause_alert(alert=alert, actor=olivia)


def test_it_stops_with_the_workspace(make: Make, workspace: Workspace, olivia: User) -> None:
    alert = make()
    workspace.closed_at = workspace.erase_after = timezone.now()
    workspace.save(update_fields=["closed_at", "erase_after"])
    with pytest.raises(Conflict):
        make()
    for deed in (services.pause_alert, services.test_alert, services.duplicate_alert):
        with pytest.raises(Conflict):
            deed(alert=alert, actor=olivia)
    services.delete_alert(alert=alert, actor=olivia)


def test_it_mutes_everybody_or_nobody(workspace: Workspace, olivia: User, max: User) -> None:
    until = timezone.now() + timedelta(hours=1)
    with pytest.raises(Forbidden):
        services.mute_all(workspace=workspace, actor=max, until=until)
    with pytest.raises(Invalid):
        services.mute_all(workspace=workspace, actor=olivia, until=timezone.now())
    services.mute_all(workspace=workspace, actor=olivia, until=until)
    assert AlertSettings.objects.get().muted_until == until
    services.mute_all(workspace=workspace, actor=olivia, until=None)
    assert AlertSettings.objects.get().muted_until is None


def test_it_snoozes_and_wakes_up(make: Make, olivia: User) -> None:
    until = timezone.now() + timedelta(hours=1)
    alert = services.snooze_alert(alert=make(), actor=olivia, until=until)
    assert alert.snoozed_until == until
    assert services.snooze_alert(alert=alert, actor=olivia, until=None).snoozed_until is None


def test_it_measures_whales_from_the_count_at_creation(make: Make) -> None:
    assert make(type="whale_activity", threshold=3).baseline == 7.0
    assert make().baseline is None


def test_it_keeps_an_excursion_over_a_new_threshold(make: Make, olivia: User) -> None:
    alert = make()
    firing(alert)
    changed = services.update_alert(alert=alert, actor=olivia, values={"threshold": 5.0})
    assert (changed.phase, changed.is_open) == ("firing", True)


def test_it_ends_an_excursion_whose_symbol_is_changed(make: Make, olivia: User) -> None:
    alert = make()
    firing(alert)
    changed = services.update_alert(alert=alert, actor=olivia, values={"symbol": "ETH"})
    assert (changed.phase, changed.is_open, changed.excursion) == ("normal", False, 1)
    assert Transition.objects.get().reason == "What it watches was changed"
    event = Event.objects.get(kind="resolved")
    assert (event.excursion, event.symbol, event.deliveries.count()) == (1, "", 1)
    assert text_of(event, words_of(event)).startswith("It is over because the alert was changed.")


def test_it_tells_no_end_of_what_was_silent(make: Make, olivia: User) -> None:
    alert = make()
    firing(alert)
    Event.objects.update(silenced_because="quiet hours")
    services.update_alert(alert=alert, actor=olivia, values={"direction": "long"})
    assert not Delivery.objects.exists()


def test_it_lets_a_changed_alert_hold_anew(make: Make, olivia: User) -> None:
    alert = make(for_minutes=5)
    stand(alert, phase="pending", phase_since=NOON)
    changed = services.update_alert(alert=alert, actor=olivia, values={"threshold": 5.0})
    assert (changed.phase, changed.phase_since > NOON) == ("normal", True)


def test_it_resumes_without_looking_back(make: Make, olivia: User) -> None:
    alert = make(type="whale_activity", threshold=3)
    services.pause_alert(alert=alert, actor=olivia)
    stand(alert, phase="pending")
    store_in("whale_addresses", *whales(70))
    resumed = services.resume_alert(alert=alert, actor=olivia)
    assert (resumed.phase, resumed.baseline) == ("normal", 70.0)


def test_it_goes_on_with_an_excursion_after_a_pause(make: Make, olivia: User) -> None:
    alert = make()
    firing(alert)
    services.pause_alert(alert=alert, actor=olivia)
    assert services.resume_alert(alert=alert, actor=olivia).is_open
    assert not Event.objects.filter(kind="resolved").exists()


def test_it_copies_an_alert_without_its_state(make: Make, workspace: Workspace, olivia: User, max: User) -> None:
    place = Destination.objects.create(workspace=workspace, kind="email", name="me", hint="me")
    alert = make(symbol="BTC", description="Big", template="{value}", destinations=[place.pk], for_minutes=2)
    firing(alert)
    services.snooze_alert(alert=alert, actor=olivia, until=timezone.now() + timedelta(hours=1))
    copy = services.duplicate_alert(alert=alert, actor=max)
    assert copy.pk != alert.pk
    assert (copy.symbol, copy.description, copy.template, copy.for_minutes) == ("BTC", "Big", "{value}", 2)
    assert (copy.enabled, copy.phase, copy.is_open, copy.excursion, copy.created_by) == (False, "normal", False, 0, max)
    assert list(copy.destinations.all()) == [place]
    assert copy.snoozed_until is None


def test_it_counts_copies(make: Make, olivia: User) -> None:
    alert = make()
    services.duplicate_alert(alert=alert, actor=olivia)
    services.duplicate_alert(alert=alert, actor=olivia)
    with pytest.raises(QuotaExhausted):
        services.duplicate_alert(alert=alert, actor=olivia)


def test_it_sends_to_other_places(make: Make, workspace: Workspace, olivia: User) -> None:
    place = Destination.objects.create(workspace=workspace, kind="email", name="me", hint="me")
    alert = services.update_alert(alert=make(), actor=olivia, values={"destinations": [place.pk]})
    assert list(alert.destinations.all()) == [place]
    services.update_alert(alert=alert, actor=olivia, values={"threshold": 5.0})
    assert list(alert.destinations.all()) == [place]
    services.update_alert(alert=alert, actor=olivia, values={"destinations": []})
    assert not alert.destinations.exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_deleted_while_its_message_is_on_its_way(make: Make, olivia: User) -> None:
    deleted, kept = make(), make()
    for alert in (deleted, kept):
        services.test_alert(alert=alert, actor=olivia)
    rows = claims.claim(10)
    [job] = jobs_of(place_of(rows[0]), rows, firings_for(rows))
    claims.begin(job.rows)
    services.delete_alert(alert=deleted, actor=olivia)
    outcomes.settle_sent([(job, Outcome(Sent(), 5))])
    assert [(row.event.alert_id, row.state) for row in Delivery.objects.all()] == [(kept.pk, "done")]
    assert Attempt.objects.count() == 1


def test_it_writes_down_who_did_what(make: Make, olivia: User) -> None:
    alert = make()
    services.update_alert(alert=alert, actor=olivia, values={"threshold": 5.0, "quiet_from": None})
    services.delete_alert(alert=alert, actor=olivia)
    entries = list(AuditEntry.objects.order_by("at", "id"))
    assert [entry.action for entry in entries] == ["alert.created", "alert.updated", "alert.deleted"]
    assert {entry.actor for entry in entries} == {olivia}
    assert entries[1].data["before"] == {"threshold": SPIKE["threshold"]}


def test_it_writes_down_nothing_when_nothing_changes(make: Make, olivia: User) -> None:
    services.update_alert(alert=make(), actor=olivia, values={"threshold": SPIKE["threshold"]})
    assert [entry.action for entry in AuditEntry.objects.all()] == ["alert.created"]
