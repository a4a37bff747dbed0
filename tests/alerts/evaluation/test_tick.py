"""A round of evaluation: who is due, what changes, and what is owed for it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time as time_module
from datetime import datetime, time, timedelta

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.models import Workspace
from alerts import evaluate, outbox
from alerts.aggregates.reading import first_baseline, read_all
from alerts.changes import store as write_changes
from alerts.counted import EVENTS
from alerts.due import changing, due_at, groups_of
from alerts.evaluate import Report
from alerts.looks import look
from alerts.models import Alert, AlertSettings, Delivery, Destination, Event, Tick, Transition, WhaleCount
from billing.models import Entitlement
from marketdata.records import Record
from moondev.lib.clock import now
from moondev.live import Live
from tests.alerts.evaluation.conftest import (
    NOON,
    MakeAlert,
    after,
    funding,
    liquidation,
    reading,
    store,
    trade,
    whales,
)
from tests.fakes.discord import webhook
from tests.live import ROOT

pytestmark = [pytest.mark.usefixtures("files"), pytest.mark.slow(0.2)]


def tick(minutes: float = 0) -> Report:
    return evaluate.tick(after(minutes))


def told() -> list[tuple[str, datetime]]:
    return [(event.kind, event.at) for event in Event.objects.order_by("at", "id")]


def grant(workspace: Workspace, plan: str) -> None:
    Entitlement.objects.create(
        workspace=workspace, plan_id=plan, reason="test", starts_at=after(-1000), ends_at=after(10_000)
    )


def test_it_fires_once_resolves_once_and_owes_a_message_for_each(make_alert: MakeAlert) -> None:
    alert = make_alert()
    store("liquidations", liquidation(after(-1), 600), liquidation(after(-2), 500, "ETH"))
    reports = [tick(minute) for minute in (0, 5, 10, 15, 20)]
    assert [report.events for report in reports] == [1, 0, 0, 1, 0]
    assert told() == [("fired", NOON), ("resolved", after(15))]
    fired = Event.objects.get(kind="fired")
    assert (fired.value, fired.threshold, fired.window_minutes, fired.source) == (1100, 1000, 15, "files")
    assert fired.facts == {"largest_symbol": "BTC", "largest_usd": 600.0}
    assert list(Delivery.objects.values_list("event__kind", "fallback").order_by("event_id")) == [
        ("fired", "owner"),
        ("resolved", "owner"),
    ]
    changes = Transition.objects.order_by("id").values_list("before", "after", "value")
    assert list(changes) == [("normal", "firing", 1100.0), ("firing", "normal", 0.0)]
    alert.refresh_from_db()
    assert (alert.phase, alert.excursion, alert.last_triggered_at, alert.is_open) == ("normal", 1, NOON, False)


def test_it_writes_nothing_while_nothing_changes(make_alert: MakeAlert) -> None:
    make_alert()
    store("liquidations", liquidation(after(-1), 6))
    tick(0)
    assert (Transition.objects.count(), Event.objects.count()) == (0, 0)


def test_it_does_a_round_once(make_alert: MakeAlert) -> None:
    make_alert(cooldown_minutes=0)
    store("liquidations", liquidation(after(-1), 5000))
    assert [tick(0).ran, tick(0).ran, tick(0.05).ran, tick(-1).ran] == [True, False, False, False]
    assert Tick.objects.count() == 1


def test_it_goes_on_when_a_clock_that_ran_ahead_is_set_back(make_alert: MakeAlert) -> None:
    make_alert()
    tick(60)
    assert tick(0).alerts == 1
    assert list(Tick.objects.values_list("at", flat=True)) == [after(0)]


@pytest.mark.parametrize(("plan", "seconds"), [("free", 300), ("pro", 60), ("team", 30), ("enterprise", 15)])
def test_it_looks_as_often_as_the_plan_says(
    plan: str, seconds: int, make_alert: MakeAlert, workspace: Workspace
) -> None:
    if plan != "free":
        grant(workspace, plan)
    make_alert()
    store("liquidations", liquidation(after(-1), 6))
    due = [second for second in range(0, 601, 5) if tick(second / 60).alerts]
    assert due == list(range(0, 601, seconds))


def test_it_takes_the_strongest_grant_of_each_workspace(
    make_alert: MakeAlert, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    grant(workspace, "pro")
    grant(workspace, "enterprise")
    mine, strangers = make_alert(), make_alert(workspace=strangers_workspace)
    store("liquidations", liquidation(after(-1), 6))
    assert [tick(minute).alerts for minute in (0, 0.25, 1)] == [2, 1, 1]
    assert {mine.workspace_id, strangers.workspace_id} == {workspace.pk, strangers_workspace.pk}


def test_it_takes_in_whoever_a_missed_round_left_and_makes_nothing_up_for_the_past(make_alert: MakeAlert) -> None:
    make_alert()
    store("liquidations", liquidation(after(-1), 6), liquidation(after(20), 5000))
    tick(0)
    # Rounds from minute 0 to 59 did not happen; what was over in between is over no more.
    assert tick(59).alerts == 1
    assert told() == []


@pytest.mark.parametrize("values", [{"enabled": False}, {"over_plan": True}])
def test_it_leaves_out_alerts_that_are_paused(values: dict[str, bool], make_alert: MakeAlert) -> None:
    make_alert(**values)
    store("liquidations", liquidation(after(-1), 5000))
    assert (tick(0).alerts, told()) == (0, [])


def test_it_leaves_out_closed_workspaces(make_alert: MakeAlert, workspace: Workspace) -> None:
    make_alert()
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=NOON, erase_after=after(1))
    store("liquidations", liquidation(after(-1), 5000))
    assert (tick(0).alerts, told()) == (0, [])


def test_it_reads_one_value_for_all_alerts_that_share_it(make_alert: MakeAlert) -> None:
    for threshold in range(1, 30):
        make_alert(threshold=float(threshold))
    make_alert(window_minutes=60)
    store("liquidations", liquidation(after(-1), 10))
    report = tick(0)
    assert (report.alerts, report.aggregates, report.events) == (30, 2, 10)


def test_an_alert_that_cannot_be_evaluated_is_in_error_and_holds_up_nobody(make_alert: MakeAlert) -> None:
    broken, whole = make_alert(kind="moon_phase"), make_alert()
    store("liquidations", liquidation(after(-1), 5000))
    tick(0)
    tick(5)
    assert list(Transition.objects.filter(alert=broken).values_list("after", "reason")) == [
        ("error", "Could not be evaluated")
    ]
    assert Event.objects.get().alert_id == whole.pk


def test_it_knows_no_data_from_nothing_happening(make_alert: MakeAlert, settings: Settings) -> None:
    settings.ALLOW_SIMULATED, settings.MARKET_DATA_SOURCE = True, "simulated"
    alert = make_alert()
    store("liquidations", liquidation(after(-1), 5000), source="simulated", read_at=NOON)
    for minute in (0, 15, 20):
        tick(minute)
    store("liquidations", liquidation(after(24), 5), source="simulated", read_at=after(25))
    tick(25)
    assert told() == [("fired", NOON), ("no_data", after(20)), ("resolved", after(25))]
    assert all(Event.objects.values_list("is_simulated", flat=True))
    alert.refresh_from_db()
    assert (alert.phase, alert.is_open) == ("normal", False)


def test_a_second_gap_in_one_excursion_is_not_told_again(make_alert: MakeAlert) -> None:
    make_alert(kind="funding_extreme", threshold=0.001)
    store("funding", funding(after(-60), 0.002))
    for minute in (0, 1440):
        tick(minute)
    store("funding", funding(after(1450), 0.002))
    for minute in (1455, 2950):
        tick(minute)
    assert [kind for kind, _ in told()] == ["fired", "no_data"]


def test_whales_fire_from_the_count_at_creation(make_alert: MakeAlert) -> None:
    store("whale_addresses", *whales(100), read_at=after(-60))
    alert = make_alert(
        kind="whale_activity", threshold=5, cooldown_minutes=0, baseline=first_baseline("whale_activity")
    )
    for minute, count in ((0, 104), (5, 105), (10, 109), (15, 110)):
        store("whale_addresses", *whales(count), read_at=after(minute - 1))
        tick(minute)
    assert told() == [("fired", after(5)), ("fired", after(15))]
    alert.refresh_from_db()
    assert (alert.phase, alert.baseline, alert.is_open, alert.excursion) == ("normal", 110, False, 2)


def test_whales_are_counted_anew_when_another_source_is_served(make_alert: MakeAlert, settings: Settings) -> None:
    settings.ALLOW_SIMULATED = True
    make_alert(kind="whale_activity", threshold=5, cooldown_minutes=0)
    counts = (("files", 100), ("simulated", 3), ("files", 100), ("simulated", 300), ("simulated", 304))
    for number, (source, count) in enumerate(counts):
        settings.MARKET_DATA_SOURCE = source
        store("whale_addresses", *whales(count), source=source, read_at=after(10 * number - 1))
        tick(10 * number)
        tick(10 * number + 5)
    assert told() == []
    store("whale_addresses", *whales(309), source="simulated", read_at=after(49))
    tick(50)
    assert told() == [("fired", after(50))]


def test_each_trade_fires_at_most_once(make_alert: MakeAlert) -> None:
    store("recent_txs", trade(after(-1), 900))
    make_alert(kind="copybot_trade", threshold=500, window_minutes=60, cooldown_minutes=0)
    tick(0)
    store("recent_txs", trade(after(1), 700), trade(after(2), 800), trade(after(3), 100))
    tick(5)
    tick(10)
    store("recent_txs", trade(after(4), 600))
    tick(15)
    events = list(Event.objects.order_by("at").values_list("at", "value", "facts__trades"))
    assert events == [(after(5), 800.0, 2), (after(15), 600.0, 1)]


def test_a_change_by_somebody_else_meanwhile_is_kept(make_alert: MakeAlert) -> None:
    make_alert()
    store("liquidations", liquidation(after(-1), 5000))
    due = due_at(NOON, None)
    groups = groups_of(due)
    aggregates = read_all([key for group in groups if (key := group.key)], NOON)
    (alert, group), *_ = changing(due, groups, aggregates, NOON)
    assert group.key is not None
    change = look(alert, aggregates[group.key], NOON)
    assert change is not None
    Alert.objects.update(enabled=False)
    assert write_changes([change], NOON) == 0
    assert (Event.objects.count(), Delivery.objects.count(), Transition.objects.count()) == (0, 0, 0)
    Alert.objects.update(enabled=True, phase_since=after(1))
    assert write_changes([change], NOON) == 0
    Alert.objects.update(phase_since=NOON)
    assert [write_changes([change], NOON), write_changes([change], NOON)] == [1, 0]


SILENCES: list[tuple[dict[str, object], str]] = [
    ({"snoozed_until": after(1)}, "the alert is snoozed"),
    ({"snoozed_until": after(-1)}, ""),
    ({"quiet_from": time(11), "quiet_until": time(13)}, "quiet hours"),
    ({"quiet_from": time(22), "quiet_until": time(12)}, ""),
    ({"quiet_from": time(22), "quiet_until": time(12, 1)}, "quiet hours"),
    ({"quiet_from": time(20), "quiet_until": time(22), "time_zone": "Asia/Tokyo"}, "quiet hours"),
]


@pytest.mark.parametrize(("values", "reason"), SILENCES)
def test_a_silenced_event_happened_and_owes_nothing(
    values: dict[str, object], reason: str, make_alert: MakeAlert
) -> None:
    make_alert(**values)
    store("liquidations", liquidation(after(-1), 5000))
    tick(0)
    assert Event.objects.get().silenced_because == reason
    assert Delivery.objects.count() == (0 if reason else 1)


def test_a_muted_workspace_hears_nothing_not_even_the_end(make_alert: MakeAlert, workspace: Workspace) -> None:
    AlertSettings.objects.create(workspace=workspace, muted_until=after(1))
    make_alert()
    store("liquidations", liquidation(after(-1), 5000))
    tick(0)
    tick(20)
    reasons = Event.objects.order_by("at").values_list("kind", "silenced_because")
    assert list(reasons) == [("fired", "all alerts are muted"), ("resolved", "so was its firing")]
    assert Delivery.objects.count() == 0


def place(workspace: Workspace, name: str, **values: object) -> Destination:
    return Destination.objects.create(workspace=workspace, kind="discord", name=name, hint="…", **values)


def test_it_owes_to_the_alerts_places_else_to_the_workspaces_default(
    make_alert: MakeAlert, workspace: Workspace
) -> None:
    usual, one, two = place(workspace, "usual", is_default=True), place(workspace, "one"), place(workspace, "two")
    gone = place(workspace, "gone", deleted_at=NOON)
    named, plain = make_alert(), make_alert()
    named.destinations.set([one, two, gone])
    store("liquidations", liquidation(after(-1), 5000))
    tick(0)
    owed = set(Delivery.objects.values_list("event__alert", "destination"))
    assert owed == {(named.pk, one.pk), (named.pk, two.pk), (plain.pk, usual.pk)}


@pytest.mark.parametrize(
    ("url", "for_all", "slug", "fallback"),
    [
        ("", False, "default", "owner"),
        (webhook(), False, "default", "operator"),
        (webhook(), False, "olivia-co", "owner"),
        (webhook(), True, "olivia-co", "operator"),
        # No webhook at all: the messages are not lost.
        ("https://discord.com/x", True, "default", "owner"),
    ],
)
def test_without_a_place_it_owes_to_the_operators_channel_or_the_owner(
    url: str, for_all: bool, slug: str, fallback: str, make_alert: MakeAlert, workspace: Workspace, settings: Settings
) -> None:
    settings.ALERTS_DISCORD_WEBHOOK_URL, settings.ALERTS_DEFAULT_FOR_ALL = url, for_all
    Workspace.objects.filter(pk=workspace.pk).update(slug=slug)
    event = Event.objects.create(alert=make_alert(), kind="test", excursion=1, threshold=1, window_minutes=1)
    assert [owed.fallback for owed in outbox.owe([event])] == [fallback]


PHASES = ["normal", "pending", "firing", "recovering", "no_data", "error"]


def scatter(dice: random.Random, make_alert: MakeAlert) -> None:
    """An alert of any kind in any state, possible or not."""
    kind, symbol = dice.choice(
        [
            ("liquidation_spike", dice.choice(["", "BTC", "SOL"])),
            ("funding_extreme", dice.choice(["", "BTC", "SOL"])),
            ("open_interest_change", dice.choice(["", "BTCUSDT"])),
            ("price_move", "BTCUSDT"),
            ("whale_activity", ""),
            ("copybot_trade", dice.choice(["", "WIF"])),
            ("moon_phase", ""),
        ]
    )
    momentary = kind in ("whale_activity", "copybot_trade")
    threshold = dice.choice([1.0, 5.0, 10.0, 20.0])
    make_alert(
        kind=kind,
        symbol=symbol,
        direction="both" if momentary else dice.choice(["both", "long", "short"]),
        threshold=threshold,
        recovery_threshold=None if momentary else dice.choice([None, threshold / 2]),
        window_minutes=dice.choice([15, 60, 300]),
        for_minutes=dice.choice([0, 0, 10]),
        cooldown_minutes=dice.choice([0, 15]),
        phase=dice.choice(PHASES),
        phase_since=after(-dice.choice([0, 1, 9, 10, 11])),
        last_triggered_at=dice.choice([None, after(-14), after(-15), after(-100)]),
        is_open=not momentary and dice.random() < 0.5,
        excursion=dice.randrange(3),
        baseline=dice.choice([None, 0.0, 90.0, 99.0, 100.0, 1e9]) if momentary else None,
    )


@pytest.mark.parametrize("stale_by", [0, 10])
def test_it_leaves_out_only_alerts_that_a_look_would_not_change(
    stale_by: int, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALLOW_SIMULATED, settings.MARKET_DATA_SOURCE = True, "simulated"
    read_at = after(-stale_by)
    store("liquidations", liquidation(after(-20), 7), liquidation(after(-1), 5), source="simulated", read_at=read_at)
    store("funding", funding(after(-90), 10), funding(after(-10), -5), source="simulated", read_at=read_at)
    store(
        "open_interest", reading(after(-90), 100, 100), reading(after(-5), 110, 80), source="simulated", read_at=read_at
    )
    store("recent_txs", trade(after(-40), 10), trade(after(-2), 5), source="simulated", read_at=read_at)
    store("whale_addresses", *whales(100), source="simulated", read_at=read_at)
    WhaleCount.objects.create(source="simulated", at=after(-50), count=100)
    dice = random.Random(stale_by)
    for _ in range(600):
        scatter(dice, make_alert)
    due = due_at(NOON, None)
    groups = groups_of(due)
    by_what = {(group.kind, group.symbol, group.direction, group.window_minutes): group.key for group in groups}
    aggregates = read_all([key for group in groups if (key := group.key)], NOON)
    chosen = {alert.id for alert, _ in changing(due, groups, aggregates, NOON)}
    for alert in Alert.objects.all():
        alert.muted_until = None
        key = by_what[alert.kind, alert.symbol, alert.direction, alert.window_minutes]
        changed = look(alert, aggregates[key] if key else None, NOON)
        assert changed is None or alert.pk in chosen
        # Nor does it take up many for nothing.
        assert changed is not None or alert.pk not in chosen or alert.kind == "copybot_trade"
    assert 100 < len(chosen) < 550


@pytest.fixture
def committed(transactional_db: None, settings: Settings) -> None:
    settings.MARKET_DATA_SOURCE = "files"


def _run_at_once(count: int, at: datetime) -> list[Report]:
    reports: list[Report] = []
    gate = threading.Barrier(count)

    def work() -> None:
        gate.wait()
        reports.append(evaluate.tick(at))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return reports


def test_two_beats_at_once_make_one_round(committed: None, make_alert: MakeAlert) -> None:
    for _ in range(50):
        make_alert(cooldown_minutes=0)
    store("liquidations", liquidation(after(-1), 5000))
    reports = _run_at_once(4, NOON)
    assert sorted(report.ran for report in reports) == [False, False, False, True]
    assert (Event.objects.count(), Delivery.objects.count(), Tick.objects.count()) == (50, 50, 1)


# A round that has written everything and is not committed yet.
HANGING = """
import datetime, sys, time
import django
django.setup()
from django.db import transaction
from alerts import evaluate
with transaction.atomic():
    print(evaluate.tick(datetime.datetime.fromisoformat(sys.argv[1])).events, flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_and_the_next_round_does_it(committed: None, make_alert: MakeAlert) -> None:
    make_alert()
    store("liquidations", liquidation(after(-1), 5000))
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING, NOON.isoformat()],
        cwd=ROOT,
        env={**os.environ, "MARKET_DATA_SOURCE": "files"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        assert not evaluate.tick(NOON).ran
    finally:
        process.kill()
        process.communicate()
    # The server takes the open transaction back as soon as it notices that nobody is there.
    deadline = time_module.monotonic() + 15
    while not (report := evaluate.tick(after(0.1))).ran and time_module.monotonic() < deadline:
        time_module.sleep(0.05)
    assert report.events == 1
    assert (Event.objects.count(), Delivery.objects.count(), Tick.objects.count()) == (1, 1, 1)


def test_it_does_not_wait_for_a_round_that_overruns(committed: None, make_alert: MakeAlert) -> None:
    make_alert()
    with transaction.atomic():
        assert evaluate.tick(NOON).ran
        reports = _run_at_once(1, after(1))
    assert [report.ran for report in reports] == [False]
    assert evaluate.tick(after(2)).ran


def test_it_forgets_rounds_of_yesterday() -> None:
    tick(-2 * 1440)
    tick(0)
    assert list(Tick.objects.values_list("at", flat=True)) == [NOON]


def test_the_task_runs_a_round_of_this_moment(make_alert: MakeAlert) -> None:
    from alerts.tasks import tick as task

    task()
    assert now() - Tick.objects.get().at < timedelta(minutes=1)


def gauge(name: str) -> float:
    values = [sample.value for family in Live().collect() for sample in family.samples if sample.name == name]
    return values[0]


def test_it_shows_how_long_ago_the_last_round_was(make_alert: MakeAlert) -> None:
    assert gauge("moondev_alerts_tick_lag_seconds") == 0
    make_alert(created_at=now() - timedelta(minutes=2))
    assert 119 < gauge("moondev_alerts_tick_lag_seconds") < 300
    store("liquidations", liquidation(after(-1), 6))
    evaluate.tick(now() - timedelta(minutes=10))
    assert 599 < gauge("moondev_alerts_tick_lag_seconds") < 900
    assert (gauge("moondev_alerts_evaluated"), gauge("moondev_alerts_aggregates")) == (1, 1)


def test_it_counts_what_alerts_had_to_say(make_alert: MakeAlert) -> None:
    counter = EVENTS.labels("liquidation_spike", "fired")
    before = counter._value.get()
    make_alert()
    store("liquidations", liquidation(after(-1), 5000))
    tick(0)
    assert counter._value.get() - before == 1


LOST: dict[str, tuple[str, Record]] = {
    "liquidation_spike": ("liquidations", liquidation(after(-1), 5)),
    "whale_activity": ("whale_addresses", whales(1)[0]),
    "copybot_trade": ("recent_txs", trade(after(-1), 5)),
}


@pytest.mark.parametrize("window", [1, 10_080])
@pytest.mark.parametrize("kind", LOST)
def test_a_feed_that_is_silent_for_long_is_no_data(
    kind: str, window: int, make_alert: MakeAlert, settings: Settings
) -> None:
    settings.ALLOW_SIMULATED, settings.MARKET_DATA_SOURCE = True, "simulated"
    feed, row = LOST[kind]
    store(feed, row, source="simulated", read_at=NOON)
    alert = make_alert(kind=kind, threshold=1000, window_minutes=window)
    phases = []
    for minutes in (0, 10, 16, 17):
        tick(minutes)
        alert.refresh_from_db()
        phases.append(alert.phase)
    assert phases == ["normal", "normal", "no_data", "no_data"]
    assert Transition.objects.filter(alert=alert, after="no_data").count() == 1
    store(feed, row, source="simulated", read_at=after(20))
    tick(20)
    alert.refresh_from_db()
    assert alert.phase == "normal"


def test_what_is_known_to_be_over_keeps_firing_without_its_feed(make_alert: MakeAlert, settings: Settings) -> None:
    settings.ALLOW_SIMULATED, settings.MARKET_DATA_SOURCE = True, "simulated"
    store("liquidations", liquidation(after(-1), 5000), source="simulated", read_at=NOON)
    alert = make_alert(threshold=1000, window_minutes=10_080)
    for minutes in (0, 20):
        tick(minutes)
        alert.refresh_from_db()
        assert alert.phase == "firing"
