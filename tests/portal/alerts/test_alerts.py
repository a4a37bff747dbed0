"""Alerts on the portal: the list, the form with its preview, one alert with its history, and every button."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member, User, Workspace
from alerts import services
from alerts.models import Alert, AlertSettings, Attempt, Delivery, Destination, Event
from alerts.portal.gallery import READY, Ready
from moondev.lib.queue import State
from tests.portal.alerts.conftest import Text
from tests.portal.alerts.rows import FAILURE, alert_row, fire, give_up, place_row

pytestmark = pytest.mark.slow(0.3)

SPIKE = {"type": "liquidation_spike", "threshold": "4,000", "window_minutes": "60", "cooldown_minutes": "60"}


# List -------------------------------------------------------------------------------------------------------------


def test_it_begins_with_an_invitation_to_make_one(owner: Client, text: Text) -> None:
    page = text(owner, "/portal/alerts/")
    assert "No alert yet" in page
    assert 'href="/portal/alerts/gallery/"' in page


def test_it_lists_what_an_alert_watches_its_state_and_when_it_fired(owner: Client, alert: Alert, text: Text) -> None:
    fire(alert)
    page = text(owner, "/portal/alerts/")
    for words in ("Cascade", "at least 1,000,000 USD over 15 minutes", "Firing", "just now", "1 of 20 alerts used"):
        assert words in page


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"enabled": False}, "Paused"),
        ({"over_plan": True}, "Over the plan"),
        ({"phase": "no_data"}, "No data"),
        ({"phase": "pending"}, "Pending"),
    ],
)
def test_it_names_the_state(values: dict[str, object], word: str, owner: Client, alert: Alert, text: Text) -> None:
    Alert.objects.filter(pk=alert.pk).update(**values)
    assert word in text(owner, "/portal/alerts/live/")


def test_it_is_narrowed_by_type_state_and_name(
    owner: Client, alert: Alert, team: Workspace, olivia: User, text: Text
) -> None:
    alert_row(team, olivia, kind="price_move", symbol="BTCUSDT", threshold=3.0, description="Moves", enabled=False)
    for query in ("type=price_move", "state=paused", "q=btc"):
        page = text(owner, f"/portal/alerts/?{query}")
        assert ("Moves" in page, "Cascade" in page) == (True, False), query
    assert "No alert matches" in text(owner, "/portal/alerts/?q=nothing")


def test_it_polls_the_list_and_answers_304_until_something_changes(owner: Client, alert: Alert) -> None:
    first = owner.get("/portal/alerts/live/")
    assert owner.get("/portal/alerts/live/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    fire(alert)
    assert owner.get("/portal/alerts/live/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_knows_no_alert_by_what_is_no_id(owner: Client) -> None:
    for path in ("/portal/alerts/%00/", "/portal/alerts/a%00b/live/"):
        assert owner.get(path).status_code == 404


# Form and preview -------------------------------------------------------------------------------------------------


def test_it_says_how_often_an_alert_would_have_fired(owner: Client, market: None, text: Text) -> None:
    page = text(owner, "/portal/alerts/preview/?" + "&".join(f"{name}={value}" for name, value in SPIKE.items()))
    assert "Would have fired 10 times in the last 9 days" in page or "Would have fired 9 times" in page
    assert '<path class="course"' in page
    assert page.count('<line class="fired"') in (9, 10)
    assert "Threshold, 4,000 USD" in page


def test_it_says_what_keeps_it_from_a_preview(owner: Client, market: None, text: Text) -> None:
    assert "Fill in a threshold" in text(owner, "/portal/alerts/preview/?type=price_move")
    page = text(owner, "/portal/alerts/preview/?type=price_move&threshold=3&symbol=nothing")
    assert "knows no symbol 'nothing'" in page
    assert "Threshold" in text(owner, "/portal/alerts/preview/?threshold=lots")
    for threshold in ("1.75e308", "1e-320"):
        assert "above 0" in text(owner, f"/portal/alerts/preview/?threshold={threshold}")


def test_it_says_that_there_are_no_data_yet(owner: Client, text: Text, settings: object) -> None:
    assert "There are no data to look at yet" in text(owner, "/portal/alerts/preview/?threshold=5")


def test_it_creates_an_alert(owner: Client, market: None, place: Destination, team: Workspace, text: Text) -> None:
    given = {**SPIKE, "symbol": "btc", "direction": "long", "destinations": [place.pk], "is_shared": "on"}
    page = text(owner, "/portal/alerts/new/", {**given, "description": "Longs"})
    assert "The alert is on" in page
    alert = Alert.objects.for_workspace(team).get()
    assert (alert.threshold, alert.symbol, alert.direction, alert.window_minutes) == (4000.0, "BTC", "long", 60)
    assert (alert.description, alert.is_shared, alert.for_minutes) == ("Longs", True, 0)
    assert list(alert.destinations.all()) == [place]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"threshold": ""}, "Fill in"),
        ({"threshold": "-1"}, "above 0"),
        ({"threshold": "0,001"}, "point for decimals"),
        ({"recovery_threshold": "1,5"}, "point for decimals"),
        ({"window_minutes": "20000"}, "10080"),
        ({"symbol": "NOTHING"}, "knows no symbol"),
        ({"recovery_threshold": "9000"}, "recovers at its threshold or below"),
        ({"quiet_from": "22:00"}, "beginning and an end"),
        ({"template": "{nothing}"}, "no field {nothing}"),
    ],
)
def test_it_shows_a_refusal_at_its_field(
    values: dict[str, str], said: str, owner: Client, market: None, text: Text
) -> None:
    page = text(owner, "/portal/alerts/new/", {**SPIKE, **values}, status=422)
    wrong = page[page.index("p-wrong") :]
    assert said in wrong
    assert not Alert.objects.exists()


def test_it_keeps_a_time_zone_that_only_a_call_can_give(
    owner: Client, market: None, team: Workspace, olivia: User, text: Text
) -> None:
    alert = alert_row(team, olivia, time_zone="US/Pacific")
    path = f"/portal/alerts/{alert.pk}/edit/"
    assert '<option value="US/Pacific" selected' in text(owner, path)
    assert "The alert is saved" in text(owner, path, {**SPIKE, "time_zone": "US/Pacific"})
    assert "Would have fired" in text(owner, "/portal/alerts/preview/?threshold=4,000&time_zone=US/Pacific")
    alert.refresh_from_db()
    assert (alert.time_zone, alert.threshold) == ("US/Pacific", 4000.0)


def test_it_asks_only_for_what_a_type_has(owner: Client, text: Text) -> None:
    page = text(owner, "/portal/alerts/new/?type=whale_activity")
    assert 'name="threshold"' in page
    for name in ("symbol", "direction", "window_minutes", "recovery_threshold"):
        assert f'name="{name}"' not in page


def test_it_says_above_the_form_that_the_plan_is_full(owner: Client, team: Workspace, olivia: User, text: Text) -> None:
    for _ in range(20):
        alert_row(team, olivia)
    assert "20 alerts" in text(owner, "/portal/alerts/new/", SPIKE, status=422)
    assert "Get more" in text(owner, "/portal/alerts/")


def test_it_changes_an_alert_and_keeps_what_it_is(owner: Client, alert: Alert, market: None, text: Text) -> None:
    form = text(owner, f"/portal/alerts/{alert.pk}/edit/")
    assert 'value="1000000"' in form
    text(owner, f"/portal/alerts/{alert.pk}/edit/", {"threshold": "2 500 000.5", "quiet_from": "22:00",
                                                     "quiet_until": "07:00", "time_zone": "Europe/Berlin"})  # fmt: skip
    alert.refresh_from_db()
    assert (alert.threshold, alert.time_zone, alert.is_shared) == (2500000.5, "Europe/Berlin", False)
    assert f"{alert.quiet_until:%H:%M}" == "07:00"


@pytest.mark.parametrize("ready", READY, ids=lambda ready: ready.title)
def test_its_ready_made_alerts_fill_in_a_form_that_is_accepted(
    ready: Ready, owner: Client, symbols: None, team: Workspace, text: Text
) -> None:
    assert ready.title in text(owner, "/portal/alerts/gallery/")
    answer = owner.get(ready.url)
    form = answer.context["form"]
    given = {name: value for name, value in form.initial.items() if value not in (None, "")}
    owner.post("/portal/alerts/new/", {"type": form.kind, **given})
    assert Alert.objects.for_workspace(team).get().description == ready.title


# One alert --------------------------------------------------------------------------------------------------------


def test_it_shows_every_try_to_send_a_message(owner: Client, alert: Alert, place: Destination, text: Text) -> None:
    give_up(fire(alert), place)
    page = text(owner, f"/portal/alerts/{alert.pk}/")
    for words in ("Fired", "1,250,000 USD; the threshold was 1,000,000 USD", "Mail", "Given up", FAILURE, "answer 503",
                  "85 ms", "Send again", "Changes of state"):  # fmt: skip
        assert words in page


def test_it_says_why_nothing_was_sent(owner: Client, alert: Alert, text: Text) -> None:
    fire(alert, silenced_because="quiet hours")
    assert "Nothing was sent: quiet hours." in text(owner, f"/portal/alerts/{alert.pk}/")


def test_it_says_why_an_excursion_ended_that_no_value_ended(
    owner: Client, team: Workspace, olivia: User, text: Text
) -> None:
    alert = alert_row(team, olivia, kind="price_move", symbol="BTCUSDT")
    fire(alert, facts={"change": 3.5, "before": 100.0, "now": 103.5})
    services.update_alert(alert=alert, actor=olivia, values={"direction": "long"})
    page = text(owner, f"/portal/alerts/{alert.pk}/")
    assert "What it watches was changed" in page
    assert "+3.50 %, from 100 to 103.5" in page


def test_it_does_not_offer_to_send_where_nothing_is_taken(
    owner: Client, alert: Alert, place: Destination, text: Text
) -> None:
    row = give_up(fire(alert), place)
    Attempt.objects.all().delete()
    for stamp in ("disabled_at", "deleted_at"):
        Destination.objects.update(disabled_at=None)
        Destination.objects.update(**{stamp: timezone.now()})
        page = text(owner, f"/portal/alerts/{alert.pk}/")
        assert "Send again" not in page
        assert "not tried" in page
        assert "This destination " in text(owner, f"/portal/alerts/deliveries/{row.pk}/resend/", {})
    assert Delivery.objects.get(pk=row.pk).state == State.PARKED


def test_it_sends_a_message_again_that_was_given_up(
    owner: Client, alert: Alert, place: Destination, text: Text
) -> None:
    row = give_up(fire(alert), place)
    assert "on its way again" in text(owner, f"/portal/alerts/deliveries/{row.pk}/resend/", {})
    assert Delivery.objects.get(pk=row.pk).state == State.WAITING
    assert "Only a message that was given up" in text(owner, f"/portal/alerts/deliveries/{row.pk}/resend/", {})


def test_it_pages_a_long_history(owner: Client, alert: Alert, text: Text) -> None:
    for _ in range(25):
        fire(alert)
    assert "Page 1 of 2" in text(owner, f"/portal/alerts/{alert.pk}/")
    assert "Page 2 of 2" in text(owner, f"/portal/alerts/{alert.pk}/?page=2")


def test_it_draws_the_last_days_of_an_alert(owner: Client, alert: Alert, market: None, text: Text) -> None:
    assert "Would not have fired" in text(owner, f"/portal/alerts/{alert.pk}/course/")


def test_it_pauses_and_resumes(owner: Client, alert: Alert, text: Text) -> None:
    assert "Resume" in text(owner, f"/portal/alerts/{alert.pk}/pause/", {})
    alert.refresh_from_db()
    assert not alert.enabled
    assert "looked at again" in text(owner, f"/portal/alerts/{alert.pk}/resume/", {})
    alert.refresh_from_db()
    assert alert.enabled


def test_it_snoozes_and_wakes(owner: Client, alert: Alert, text: Text) -> None:
    assert "snoozed until" in text(owner, f"/portal/alerts/{alert.pk}/snooze/", {"minutes": "480"})
    alert.refresh_from_db()
    assert alert.snoozed_until
    assert timedelta(hours=7) < alert.snoozed_until - timezone.now() < timedelta(hours=9)
    assert "sends messages again" in text(owner, f"/portal/alerts/{alert.pk}/wake/", {})
    assert "Choose for how long" in text(owner, f"/portal/alerts/{alert.pk}/snooze/", {"minutes": "7"})


def test_it_mutes_everything_and_says_so(owner: Client, alert: Alert, team: Workspace, text: Text) -> None:
    page = text(owner, "/portal/alerts/mute/", {"minutes": "60"})
    assert "All alerts are mute" in page
    assert "Quiet" in page
    assert AlertSettings.objects.get(workspace=team).muted_until
    assert "Mute all" in text(owner, "/portal/alerts/unmute/", {})


def test_a_snooze_can_be_ended_while_everything_is_mute(owner: Client, alert: Alert, text: Text) -> None:
    text(owner, f"/portal/alerts/{alert.pk}/snooze/", {"minutes": "60"})
    text(owner, "/portal/alerts/mute/", {"minutes": "60"})
    assert "End the snooze" in text(owner, f"/portal/alerts/{alert.pk}/")


def test_it_duplicates_into_a_paused_copy(owner: Client, alert: Alert, place: Destination, text: Text) -> None:
    alert.destinations.add(place)
    assert "This is the copy" in text(owner, f"/portal/alerts/{alert.pk}/duplicate/", {})
    copy = Alert.objects.exclude(pk=alert.pk).get()
    assert (copy.description, copy.enabled, list(copy.destinations.all())) == ("Cascade", False, [place])


def test_it_sends_a_test_that_stands_in_the_history(
    owner: Client, alert: Alert, place: Destination, text: Text
) -> None:
    alert.destinations.add(place)
    page = text(owner, f"/portal/alerts/{alert.pk}/test/", {})
    assert "A test is on its way" in page
    assert Event.objects.get().kind == "test"
    assert "Waiting" in page


def test_it_deletes_after_asking(owner: Client, alert: Alert, text: Text) -> None:
    assert "with its history?" in text(owner, f"/portal/alerts/{alert.pk}/delete/")
    assert "is deleted" in text(owner, f"/portal/alerts/{alert.pk}/delete/", {})
    assert not Alert.objects.exists()


# Roles and neighbours ---------------------------------------------------------------------------------------------


def test_a_member_changes_shared_alerts_and_no_others(mate: Client, alert: Alert, text: Text) -> None:
    assert "Edit" in text(mate, f"/portal/alerts/{alert.pk}/")
    assert "is paused" in text(mate, f"/portal/alerts/{alert.pk}/pause/", {})
    Alert.objects.filter(pk=alert.pk).update(is_shared=False)
    assert f"/portal/alerts/{alert.pk}/resume/" not in text(mate, f"/portal/alerts/{alert.pk}/")


def test_a_member_does_not_take_a_shared_alert_for_themselves(mate: Client, alert: Alert, text: Text) -> None:
    assert 'name="is_shared"' not in text(mate, f"/portal/alerts/{alert.pk}/edit/")
    text(mate, f"/portal/alerts/{alert.pk}/edit/", {"threshold": "7"})
    alert.refresh_from_db()
    assert (alert.threshold, alert.is_shared) == (7.0, True)


def test_it_lists_and_offers_nothing_of_others(
    stranger: Client, alert: Alert, place: Destination, strangers_workspace: Workspace, sam: User, text: Text
) -> None:
    place_row(strangers_workspace, sam, name="Sam's own")
    own = alert_row(strangers_workspace, sam, description="Sam's alert")
    page = text(stranger, "/portal/alerts/?q=c")
    assert "Cascade" not in page
    assert "Mail" not in text(stranger, f"/portal/alerts/{own.pk}/edit/")
    page = text(stranger, f"/portal/alerts/{own.pk}/edit/", {"threshold": "7", "destinations": [place.pk]}, status=422)
    assert "not one of the available choices" in page


def test_a_closed_seat_is_no_seat(mate: Client, alert: Alert, max: User) -> None:
    Member.objects.filter(user=max).delete()
    assert mate.post(f"/portal/alerts/{alert.pk}/pause/").status_code in (200, 404)
    alert.refresh_from_db()
    assert alert.enabled
