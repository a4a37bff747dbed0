"""What an alert would have done: the same as if it had been looked at each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import machine
from alerts.aggregates.grid import Floats
from alerts.aggregates.reading import course_of, read_all
from alerts.models import Event, WhaleCount
from alerts.preview import grid_of, preview, replay, thinned
from alerts.rules.registry import RULES
from alerts.rules.shapes import Config, State
from billing.models import Plan
from billing.terms import Terms
from marketdata.records import Record
from tests.alerts.evaluation.conftest import NOON, after, funding, liquidation, reading, store, total, trade, whales

pytestmark = pytest.mark.usefixtures("files")
HOUR = 60
Dice = random.Random


def terms(plan: str = "pro") -> Terms:
    return Plan.objects.get(name=plan).terms()


def liquidations(dice: Dice) -> list[Record]:
    return [
        liquidation(after(dice.uniform(-1500, 0)), dice.lognormvariate(3, 1), dice.choice("AB")) for _ in range(800)
    ]


def rates(dice: Dice) -> list[Record]:
    moments = [minute for minute in range(-1500, 0, 95) if dice.random() < 0.8]
    return [funding(after(minute), dice.uniform(-2, 2), symbol) for minute in moments for symbol in "AB"]


def readings(dice: Dice) -> list[Record]:
    return [reading(after(n), dice.uniform(90, 110), dice.uniform(90, 110), "A") for n in range(-1500, 0, 7)]


def totals(dice: Dice) -> list[Record]:
    return [total(after(n), dice.uniform(90, 110)) for n in range(-1500, 0, 13)]


def trades(dice: Dice) -> list[Record]:
    return [trade(after(n + 0.3), dice.lognormvariate(3, 1), dice.choice("AB")) for n in range(-1500, 0, 11)]


CASES: list[tuple[str, Callable[[Dice], list[Record]], Config]] = [
    ("liquidations", liquidations, Config("liquidation_spike", 900.0, HOUR, cooldown_minutes=30)),
    ("liquidations", liquidations, Config("liquidation_spike", 150.0, 7, "A", "long", 100.0, for_minutes=4)),
    ("funding", rates, Config("funding_extreme", 1.5, HOUR, cooldown_minutes=0)),
    ("funding", rates, Config("funding_extreme", 1.0, 15, "A", "short", cooldown_minutes=300)),
    ("open_interest", readings, Config("open_interest_change", 8.0, HOUR, "A", cooldown_minutes=45)),
    ("open_interest", readings, Config("price_move", 8.0, 15, "A", "short", 2.0, for_minutes=10)),
    ("open_interest_total", totals, Config("open_interest_change", 5.0, 31, direction="long")),
    ("recent_txs", trades, Config("copybot_trade", 40.0, HOUR, cooldown_minutes=25)),
    ("recent_txs", trades, Config("copybot_trade", 20.0, 10, "A", "long", cooldown_minutes=0)),
]


@pytest.mark.parametrize(("feed", "write", "config"), CASES, ids=lambda case: getattr(case, "kind", ""))
@pytest.mark.parametrize("plan", ["free", "enterprise"])
def test_it_says_what_looking_every_time_would_have_said(
    feed: str, write: Callable[[Dice], list[Record]], config: Config, plan: str
) -> None:
    store(feed, *write(random.Random(plan)))
    rule = RULES[config.kind]
    grid = grid_of(rule.aggregate_of(config), terms(plan), days=1)
    assert grid is not None
    course = course_of(rule.aggregate_of(config), grid)
    state, fired = State(since=grid.at(0)), []
    for place in range(len(grid.seconds)):
        decision = rule.evaluate(config, course.at(place, state), state)
        step = machine.step(config, state, decision, grid.at(place), momentary=rule.MOMENTARY)
        fired += [place] if step.event is Event.Kind.FIRED else []
        state = step.state
    assert len(fired) > 1
    assert replay(config, course, grid) == fired


@pytest.mark.parametrize(("feed", "write", "config"), CASES, ids=lambda case: getattr(case, "kind", ""))
def test_its_values_are_those_that_evaluation_reads(
    feed: str, write: Callable[[Dice], list[Record]], config: Config
) -> None:
    store(feed, *write(random.Random(1)))
    key = RULES[config.kind].aggregate_of(config)
    grid = grid_of(key, terms("free"), days=1)
    assert grid is not None
    values = course_of(key, grid).values([])
    for place in range(0, len(values), 5):
        live = read_all([key], grid.at(place))[key].value
        assert values[place] == pytest.approx(float("nan") if live is None else live, nan_ok=True)


@pytest.mark.parametrize("direction", ["both", "long", "short"])
def test_it_finds_in_stored_sums_what_the_rows_add_up_to(direction: str) -> None:
    dice = random.Random(direction)
    moments = [after(dice.randrange(-6000, 0) / 4) for _ in range(300)]
    store("liquidations", *(liquidation(at, dice.uniform(1, 9), "AB"[n % 2], ["SELL", "BUY"][n % 3 == 0])
                            for n, at in enumerate(moments)))  # fmt: skip
    key = RULES["liquidation_spike"].aggregate_of(Config("liquidation_spike", 1.0, 7, direction=direction))

    def every_minute(interval: int) -> Floats:
        grid = grid_of(key, replace(terms(), alert_poll_seconds=interval), days=1, at=NOON)
        assert grid is not None
        return course_of(key, grid).values([])[-grid.start % 60 // interval :: 60 // interval]

    # No part of 20 seconds is made of whole quarters of a minute.
    assert every_minute(15) == pytest.approx(every_minute(20))


def test_whales_fire_from_the_baseline_that_each_firing_moves() -> None:
    for minute, count in ((0, 100), (60, 103), (120, 105), (180, 108), (240, 100)):
        WhaleCount.objects.create(source="files", at=after(minute), count=count)
    store("whale_addresses", *whales(100), read_at=after(300))
    shown = preview(Config("whale_activity", 5.0, cooldown_minutes=0), terms())
    assert shown.times == [after(120), after(240)]
    assert max(value or 0 for _, value in shown.series) == 5


def test_it_looks_no_farther_back_than_the_plan() -> None:
    store("liquidations", *(liquidation(after(-day * 1440 - 1), 5_000) for day in range(60)))
    config = Config("liquidation_spike", 1000.0, HOUR, cooldown_minutes=0)
    free, enterprise = preview(config, terms("free")), preview(config, terms("enterprise"))
    # Each day at its time, the first day of the span included.
    assert len(enterprise.times) == 31
    assert len(free.times) == 7
    assert free.history_from is not None
    assert free.history_from >= after(-7 * 1440 - 1)


def test_it_shows_the_peaks_in_few_points() -> None:
    rows = [(-40, 1), (-29, 5_000), (0, 1)]
    store("liquidations", *(liquidation(after(day * 1440), usd) for day, usd in rows))
    shown = preview(Config("liquidation_spike", 1000.0, 15), terms("enterprise"))
    assert 300 < len(shown.series) <= 360
    assert max(value or 0 for _, value in shown.series) == 5_000
    assert (len(shown.times), shown.unit) == (1, "USD")


def test_it_has_nothing_to_show_without_data() -> None:
    shown = preview(Config("liquidation_spike", 1000.0), terms())
    assert (shown.times, shown.series, shown.history_from) == ([], [], None)


def test_it_shows_gaps_as_gaps() -> None:
    store("funding", funding(after(-5000), 0.001), funding(NOON, 0.001))
    shown = preview(Config("funding_extreme", 0.01), terms())
    assert [value for _, value in shown.series].count(None) > 50


def test_the_thinned_course_keeps_its_order() -> None:
    store("liquidations", *(liquidation(after(-n * 10), n) for n in range(1000)))
    key = RULES["liquidation_spike"].aggregate_of(Config("liquidation_spike", 1.0))
    grid = grid_of(key, terms("enterprise"), days=3)
    assert grid is not None
    moments = [moment for moment, _ in thinned(course_of(key, grid).values([]), grid, points=7)]
    assert moments == sorted(moments)
    assert len(moments) == 7
    assert moments[-1] - moments[0] > timedelta(days=2)
