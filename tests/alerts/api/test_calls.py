"""The calls on alerts, as programs make them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from alerts.models import Alert, Attempt, Delivery, Destination, Event, Transition
from alerts.models.alert import Kind
from gateway.keys.services import create_key
from tests.alerts.api.conftest import DISCORD, SPIKE, Call, Make, pointers

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.2)]
FIRST_GENERATION = {"id", "type", "threshold", "window_minutes", "symbol", "description", "created_at"}
BODIES: dict[str, dict[str, Any]] = {
    "liquidation_spike": {"threshold": 1e6},
    "funding_extreme": {"threshold": 0.001},
    "whale_activity": {"threshold": 5},
    "open_interest_change": {"threshold": 10},
    "price_move": {"threshold": 3, "symbol": "BTC"},
    "copybot_trade": {"threshold": 1000},
}


def test_it_makes_an_alert_and_shows_what_old_clients_read(call: Call) -> None:
    answer = call("post", "/alerts", {**SPIKE, "symbol": "BTC", "description": "Big ones"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert set(made) > FIRST_GENERATION | {"state", "last_triggered_at"}
    assert (made["window_minutes"], made["symbol"], made["description"]) == (15, "BTC", "Big ones")
    assert (made["state"], made["last_triggered_at"]) == ("normal", None)
    assert Alert.objects.get().pk == made["id"]


def test_it_has_null_for_all_symbols(call: Call) -> None:
    made = call("post", "/alerts", {**SPIKE, "symbol": None, "description": None}).json()
    assert (made["symbol"], made["description"]) == (None, None)


@pytest.mark.parametrize("kind", Kind.values)
def test_it_makes_every_type(call: Call, kind: str) -> None:
    assert call("post", "/alerts", {"type": kind, **BODIES[kind]}).status_code == 201


@pytest.mark.parametrize("text", ["btc", "BTCUSDT", "BTC-USDT", "BTC/USDT:USDT"])
def test_it_takes_a_symbol_in_any_form_and_stores_the_feeds(call: Call, text: str) -> None:
    assert call("post", "/alerts", {**SPIKE, "symbol": text}).json()["symbol"] == "BTC"
    moved = call("post", "/alerts", {"type": "price_move", "threshold": 3, "symbol": text}).json()
    assert moved["symbol"] == "BTCUSDT"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"type": "moon"}, ["/type"]),
        ({"type": None}, ["/type"]),
        ({"type": ["liquidation_spike"]}, ["/type"]),
        ({"threshold": 0}, ["/threshold"]),
        ({"threshold": -1}, ["/threshold"]),
        ({"threshold": "5"}, ["/threshold"]),
        ({"threshold": True}, ["/threshold"]),
        ({"threshold": None}, ["/threshold"]),
        ({"threshold": 10**400}, ["/threshold"]),
        ({"window_minutes": 0}, ["/window_minutes"]),
        ({"window_minutes": 10081}, ["/window_minutes"]),
        ({"window_minutes": 1.5}, ["/window_minutes"]),
        ({"symbol": "DOGE"}, ["/symbol"]),
        ({"symbol": 5}, ["/symbol"]),
        ({"symbol": "B\x00"}, ["/symbol"]),
        ({"symbol": "x" * 41}, ["/symbol"]),
        ({"direction": "up"}, ["/direction"]),
        ({"description": "x" * 201}, ["/description"]),
        ({"description": "\ud800"}, ["/description"]),
        ({"recovery_threshold": 2e6}, ["/recovery_threshold"]),
        ({"recovery_threshold": 0}, ["/recovery_threshold"]),
        ({"for_minutes": -1}, ["/for_minutes"]),
        ({"cooldown_minutes": 43201}, ["/cooldown_minutes"]),
        ({"quiet_from": "22:00"}, ["/quiet_until"]),
        ({"quiet_until": "22:00"}, ["/quiet_from"]),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, ["/quiet_until"]),
        ({"quiet_from": "25:00", "quiet_until": "06:00"}, ["/quiet_from"]),
        ({"time_zone": "Europe/Atlantis"}, ["/time_zone"]),
        ({"snoozed_until": "2020-01-01T00:00:00Z"}, ["/snoozed_until"]),
        ({"snoozed_until": "2126-01-01T00:00:00"}, ["/snoozed_until"]),
        ({"enabled": 1}, ["/enabled"]),
        ({"is_shared": "yes"}, ["/is_shared"]),
        ({"template": "{moon}"}, ["/template"]),
        ({"template": "{value"}, ["/template"]),
        ({"template": "{value.real}"}, ["/template"]),
        ({"destinations": [1]}, ["/destinations"]),
        ({"destinations": "1"}, ["/destinations"]),
        ({"destinations": [2**70]}, ["/destinations"]),
        ({"destinations": [True]}, ["/destinations"]),
        ({"discord_webhook_url": "https://evil.test/api/webhooks/1/x"}, ["/discord_webhook_url"]),
        ({"discord_webhook_url": 7}, ["/discord_webhook_url"]),
        ({"type": "price_move"}, ["/symbol"]),
        ({"type": "whale_activity", "symbol": "BTC", "recovery_threshold": 3}, ["/recovery_threshold", "/symbol"]),
        ({"type": "whale_activity", "direction": "long"}, ["/direction"]),
        ({"type": "copybot_trade", "for_minutes": 5}, ["/for_minutes"]),
        (
            {"threshold": -1, "symbol": "DOGE", "window_minutes": 0, "template": "{moon}", "time_zone": 3},
            ["/symbol", "/template", "/threshold", "/time_zone", "/window_minutes"],
        ),
    ],
)
def test_it_names_every_value_that_is_not_acceptable(call: Call, change: dict[str, Any], wrong: list[str]) -> None:
    assert pointers(call("post", "/alerts", SPIKE | change)) == wrong
    assert pointers(call("post", "/alerts/preview", SPIKE | change)) == wrong
    assert not Alert.objects.exists()


@pytest.mark.parametrize("text", ['{"type": "liquidation_spike", "threshold": NaN}', "{"])
def test_it_cannot_read_what_is_no_json(call: Call, text: str) -> None:
    assert call("post", "/alerts", text).status_code == 400


def test_it_refuses_a_threshold_that_json_makes_infinite(call: Call) -> None:
    body = '{"type": "liquidation_spike", "threshold": 1e999}'
    assert pointers(call("post", "/alerts", body)) == ["/threshold"]


@pytest.mark.parametrize("body", [[], 1, "text"])
def test_it_wants_an_object(call: Call, body: object) -> None:
    assert call("post", "/alerts", body).status_code in (400, 422)


def test_it_suggests_symbols_that_were_meant(call: Call) -> None:
    answer = call("post", "/alerts", {**SPIKE, "symbol": "ETHH"})
    assert "Did you mean ETH?" in answer.json()["errors"][0]["detail"]


def test_it_is_403_over_the_plans_number(call: Call) -> None:
    statuses = [call("post", "/alerts", SPIKE).status_code for _ in range(4)]
    assert statuses == [201, 201, 201, 403]
    problem = call("post", "/alerts", SPIKE).json()
    assert (problem["limit"], problem["allowed"], problem["used"]) == ("alerts", 3, 3)


def test_it_lists_a_plain_array_newest_first(call: Call, make: Make) -> None:
    older, newer = make(), make()
    answer = call("get", "/alerts")
    assert [alert["id"] for alert in answer.json()] == [newer.pk, older.pk]
    assert "Link" not in answer


def test_it_asks_the_database_the_same_few_questions_for_many_alerts(
    call: Call, make: Make, pro: None, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        make()
    call("get", "/alerts")
    with django_assert_max_num_queries(4):
        assert len(call("get", "/alerts").json()) == 10


def test_it_pages_by_the_link_header(call: Call, make: Make, pro: None) -> None:
    made = [make().pk for _ in range(5)]
    # Two of one moment: the id decides.
    Alert.objects.filter(pk__in=made[1:3]).update(created_at=timezone.now())
    seen, path = [], "/alerts?limit=2&enabled=true"
    while path:
        answer = call("get", path)
        seen += [alert["id"] for alert in answer.json()]
        link = answer.get("Link", "")
        path = link[1 : link.index(">")] if link else ""
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


@pytest.mark.parametrize("text", ["x", "W10", "WyIyMDI2IiwgIngiXQ", "WyIyMDI2LTAxLTAxIiwiYV8wMDAwMDAwMDAwMDAwMDAwIl0"])
def test_it_takes_no_cursor_but_its_own(call: Call, make: Make, text: str) -> None:
    assert pointers(call("get", f"/alerts?cursor={text}")) == ["/cursor"]
    assert pointers(call("get", f"/alerts/{make().pk}/history?cursor={text}")) == ["/cursor"]


def test_it_filters(call: Call, make: Make, pro: None) -> None:
    spike, whales = make(symbol="BTC"), make(type="whale_activity", threshold=3)
    Alert.objects.filter(pk=spike.pk).update(phase="firing")
    Alert.objects.filter(pk=whales.pk).update(enabled=False)
    for query, wanted in (
        ("type=whale_activity", whales),
        ("symbol=btcusdt", spike),
        ("state=firing", spike),
        ("enabled=false", whales),
        ("enabled=true&type=liquidation_spike", spike),
    ):
        assert [alert["id"] for alert in call("get", f"/alerts?{query}").json()] == [wanted.pk], query
    assert call("get", "/alerts?state=firing&enabled=false").json() == []


@pytest.mark.parametrize("query", ["type=moon", "state=moon", "enabled=maybe", "limit=0", "limit=x", "symbol=%00"])
def test_it_names_a_filter_that_is_not_acceptable(call: Call, query: str) -> None:
    assert pointers(call("get", f"/alerts?{query}")) == [f"/{query.split('=')[0]}"]


def test_it_shows_changes_and_deletes_one(call: Call, make: Make) -> None:
    path = f"/alerts/{make(description='old').pk}"
    assert call("get", path).json()["description"] == "old"
    assert call("patch", path, {"description": "new", "threshold": 5}).json()["threshold"] == 5.0
    assert call("get", path).json()["description"] == "new"
    assert call("delete", path).json() == {"deleted": True, "id": path.rpartition("/")[2]}
    assert call("get", path).status_code == 404


def test_it_takes_back_what_it_showed(call: Call, make: Make) -> None:
    path = f"/alerts/{make(symbol='BTC', template='{symbol}', quiet_from='22:00', quiet_until='06:30').pk}"
    shown = call("get", path).json()
    assert call("patch", path, shown).json() == shown


def test_it_sets_defaults_by_null(call: Call, make: Make) -> None:
    path = f"/alerts/{make(symbol='BTC', cooldown_minutes=3, recovery_threshold=5.0).pk}"
    changed = call("patch", path, {"symbol": None, "cooldown_minutes": None, "recovery_threshold": None}).json()
    assert (changed["symbol"], changed["cooldown_minutes"], changed["recovery_threshold"]) == (None, 15, None)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"type": "whale_activity"}, ["/type"]),
        ({"threshold": 3.0}, ["/recovery_threshold"]),
        ({"threshold": None}, ["/threshold"]),
        ({"quiet_until": None}, ["/quiet_until"]),
        ({"symbol": "DOGE", "window_minutes": 0}, ["/symbol", "/window_minutes"]),
    ],
)
def test_it_checks_a_change_together_with_what_stays(
    call: Call, make: Make, change: dict[str, Any], wrong: list[str]
) -> None:
    alert = make(recovery_threshold=5.0, quiet_from="22:00", quiet_until="06:00")
    assert pointers(call("patch", f"/alerts/{alert.pk}", change)) == wrong


@pytest.mark.parametrize("alert_id", ["a_0123456789abcdef", "a_0", "x", "a_0123456789ABCDEF", "a_%00"])
def test_it_is_404_for_an_id_that_is_none(call: Call, alert_id: str) -> None:
    for method, path in (("get", ""), ("patch", ""), ("delete", ""), ("post", "/test"), ("get", "/history")):
        assert call(method, f"/alerts/{alert_id}{path}", {}).status_code == 404, path


def test_it_hides_a_strangers_alerts(call: Call, make: Make, strangers_workspace: Workspace, sam: User) -> None:
    alert = make()
    theirs = create_key(workspace=strangers_workspace, actor=sam, name="sam")[1]
    assert call("get", "/alerts", key=theirs).json() == []
    for method, path in (("get", ""), ("patch", ""), ("delete", ""), ("post", "/test"), ("get", "/history")):
        assert call(method, f"/alerts/{alert.pk}{path}", {}, key=theirs).status_code == 404, path


def test_it_writes_down_which_key_did_it(call: Call, key: str) -> None:
    call("post", "/alerts", SPIKE)
    entry = AuditEntry.objects.get(action="alert.created")
    alias = hashlib.sha256(key.encode()).hexdigest()[:16]
    assert (entry.actor, entry.actor_label) == (None, f"API key {alias}")


def test_it_needs_the_scope(call: Call, make: Make, workspace: Workspace, olivia: User) -> None:
    data = create_key(workspace=workspace, actor=olivia, name="data", scopes=["data"])[1]
    assert call("get", "/alerts", key=data).status_code == 403
    assert call("post", "/alerts", SPIKE, key=data).status_code == 403


def test_it_works_by_a_session_in_the_role_of_its_person(
    client: Client, call: Call, make: Make, olivia: User, max: User
) -> None:
    mine, shared = make(is_shared=False), make()
    client.force_login(max)
    assert call("patch", f"/alerts/{mine.pk}", {"threshold": 5}, key="").status_code == 403
    assert call("patch", f"/alerts/{shared.pk}", {"threshold": 5}, key="").status_code == 200
    made = call("post", "/alerts", SPIKE, key="").json()
    assert Alert.objects.get(pk=made["id"]).created_by == max
    assert call("get", f"/alerts/{mine.pk}", key="").status_code == 200


def test_it_keeps_a_webhook_sealed_and_uses_it_again(call: Call) -> None:
    first = call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD})
    second = call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD})
    place = Destination.objects.get()
    assert first.json()["destinations"] == second.json()["destinations"] == [place.pk]
    assert DISCORD.encode() not in first.content
    assert "t" * 68 not in place.sealed + place.hint + str(list(AuditEntry.objects.values()))
    listed = call("get", "/alerts/destinations")
    assert [(row["id"], row["kind"]) for row in listed.json()] == [(place.pk, "discord")]
    assert b"t" * 20 not in listed.content


def test_a_webhook_is_added_to_the_destinations(call: Call, workspace: Workspace) -> None:
    place = Destination.objects.create(workspace=workspace, kind="email", name="me", hint="me")
    made = call("post", "/alerts", {**SPIKE, "destinations": [place.pk]}).json()

    def changed(**values: object) -> list[int]:
        found: list[int] = call("patch", f"/alerts/{made['id']}", values).json()["destinations"]
        return sorted(found)

    assert changed(discord_webhook_url=None) == [place.pk]
    added = Destination.objects.filter(kind="discord")
    assert changed(discord_webhook_url=DISCORD) == [place.pk, added.get().pk]
    assert changed(discord_webhook_url=DISCORD) == [place.pk, added.get().pk]
    assert changed(discord_webhook_url=DISCORD, destinations=[]) == [added.get().pk]


def test_it_refuses_a_webhook_that_is_switched_off_and_says_why(call: Call) -> None:
    call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD})
    Destination.objects.update(disabled_at=timezone.now(), disabled_because="Discord says that it is gone.")
    refused = call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD})
    assert (refused.status_code, pointers(refused)) == (422, ["/discord_webhook_url"])
    assert "Discord says that it is gone." in refused.json()["detail"]


def test_a_secret_that_can_no_longer_be_read_is_in_nobodys_way(call: Call) -> None:
    call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD})
    Destination.objects.update(sealed="broken")
    assert call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD}).status_code == 201


def test_an_alert_has_only_so_many_destinations(call: Call, workspace: Workspace) -> None:
    places = [Destination.objects.create(workspace=workspace, kind="email", name=f"{n}", hint="me") for n in range(20)]
    full = {**SPIKE, "destinations": [place.pk for place in places], "discord_webhook_url": DISCORD}
    assert pointers(call("post", "/alerts", full)) == ["/discord_webhook_url"]
    assert not Destination.objects.filter(kind="discord").exists()


def test_it_lets_no_member_bring_a_webhook(client: Client, call: Call, max: User) -> None:
    client.force_login(max)
    assert call("post", "/alerts", {**SPIKE, "discord_webhook_url": DISCORD}, key="").status_code == 403
    assert not Destination.objects.exists()
    assert not Alert.objects.exists()


def test_it_takes_only_the_workspaces_own_destinations(call: Call, strangers_workspace: Workspace) -> None:
    place = Destination.objects.create(workspace=strangers_workspace, kind="email", name="x", hint="x")
    assert pointers(call("post", "/alerts", {**SPIKE, "destinations": [place.pk]})) == ["/destinations"]


def test_it_sends_a_test_and_shows_it_in_the_history(call: Call, make: Make) -> None:
    alert = make(snoozed_until=timezone.now() + timedelta(days=1))
    answer = call("post", f"/alerts/{alert.pk}/test")
    assert answer.status_code == 202
    event = answer.json()
    assert (event["kind"], event["silenced_because"]) == ("test", None)
    assert [delivery["name"] for delivery in event["deliveries"]] == ["owner"]
    assert call("get", f"/alerts/{alert.pk}/history").json()[0]["event"]["id"] == event["id"]


def test_it_sends_at_most_ten_tests_a_minute(call: Call, make: Make) -> None:
    path = f"/alerts/{make().pk}/test"
    answers = [call("post", path) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert Event.objects.count() == 10


def test_it_pages_a_history_of_changes_events_and_attempts(call: Call, make: Make) -> None:
    alert, at = make(), timezone.now()
    for number in range(4):
        moment = at + timedelta(minutes=number // 2)
        Transition.objects.create(alert=alert, at=moment, before="normal", after="firing", value=2.0, reason="over")
        event = Event.objects.create(
            alert=alert, kind="fired", excursion=number, at=moment, threshold=1.0, window_minutes=15, source="files"
        )
    delivery = Delivery.objects.create(event=event, fallback="owner")
    Attempt.objects.create(delivery=delivery, succeeded=False, status=500, said="It broke.")
    entries, path = [], f"/alerts/{alert.pk}/history?limit=3"
    while path:
        answer = call("get", path)
        entries += answer.json()
        link = answer.get("Link", "")
        path = link[1 : link.index(">")] if link else ""
    assert len(entries) == 8
    assert [bool(entry["event"]) for entry in entries] == [True, True, False, False] * 2
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    [shown] = entries[0]["event"]["deliveries"]
    assert shown["attempts"][0]["said"] == "It broke."


def test_it_previews_without_making_anything(call: Call) -> None:
    answer = call("post", "/alerts/preview", {**SPIKE, "threshold": 5000, "window_minutes": 60, "days": 7})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["fired"] == len(found["times"])
    assert (found["unit"], found["days"], found["simulated"]) == ("USD", 7, False)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("days", [0, 31, 1.5, "7", True, None])
def test_it_previews_at_most_thirty_days(call: Call, days: object) -> None:
    assert pointers(call("post", "/alerts/preview", {**SPIKE, "days": days})) == ["/days"]
