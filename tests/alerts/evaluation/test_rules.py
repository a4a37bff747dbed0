"""What each kind takes, and what it says of a value."""

from __future__ import annotations

import pytest

from alerts.models.alert import Kind
from alerts.rules.numbers import threshold_said
from alerts.rules.registry import RULES
from alerts.rules.shapes import Aggregate, Config, Level, State, Trade
from moondev.lib.errors import Invalid
from tests.alerts.evaluation.conftest import NOON, after

START = State(since=NOON)


@pytest.mark.parametrize("kind", Kind.values)
def test_it_has_a_rule_for_every_kind(kind: str) -> None:
    rule = RULES[kind]
    symbol = "BTC" if rule.NEEDS_SYMBOL else ""
    rule.check(Config(kind, 1.0, symbol=symbol))
    assert rule.TITLE
    assert rule.UNIT.split()[-1] in rule.say(2.0)
    assert rule.FEED.startswith(rule.aggregate_of(Config(kind, 1.0, symbol="BTC")).feed)


@pytest.mark.parametrize(
    ("kind", "threshold", "said"),
    [
        ("liquidation_spike", 25_000_000.0, "25,000,000 USD"),
        ("copybot_trade", 0.5, "0.5 USD"),
        ("price_move", 0.125, "0.125 %"),
        ("open_interest_change", 10.0, "10 %"),
        ("funding_extreme", 1e-9, "0.000000001 per 8 h"),
        ("whale_activity", 2.5, "2.5 addresses"),
        ("whale_activity", 1.0, "1 address"),
    ],
)
def test_it_says_a_threshold_as_it_was_typed(kind: str, threshold: float, said: str) -> None:
    assert threshold_said(RULES[kind], threshold) == said


@pytest.mark.parametrize(
    ("config", "pointers"),
    [
        (Config("price_move", 1.0), ["/symbol"]),
        (Config("whale_activity", 1.0, symbol="BTC"), ["/symbol"]),
        (
            Config("whale_activity", 1.0, direction="long", recovery_threshold=0.5),
            ["/direction", "/recovery_threshold"],
        ),
        (Config("copybot_trade", 1.0, recovery_threshold=0.5, for_minutes=3), ["/recovery_threshold", "/for_minutes"]),
        (Config("liquidation_spike", 1.0, direction="up"), ["/direction"]),
    ],
    ids=lambda value: value.kind if isinstance(value, Config) else "",
)
def test_it_names_every_field_that_does_not_fit_the_kind(config: Config, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        RULES[config.kind].check(config)
    assert [error.pointer for error in caught.value.errors] == pointers


def test_whales_are_counted_from_the_first_look_on_without_a_baseline() -> None:
    rule, config = RULES["whale_activity"], Config("whale_activity", 5.0)
    first = rule.evaluate(config, Aggregate(100.0), START)
    assert (first.level, first.value, first.baseline) == (Level.BELOW, 0.0, 100.0)


@pytest.mark.parametrize(
    ("count", "level"), [(104, Level.BELOW), (105, Level.OVER), (95, Level.OVER), (96, Level.BELOW)]
)
def test_whales_count_both_ways_from_the_baseline(count: int, level: Level) -> None:
    state = State(since=NOON, baseline=100.0)
    decision = RULES["whale_activity"].evaluate(Config("whale_activity", 5.0), Aggregate(float(count)), state)
    assert (decision.level, decision.baseline) == (level, float(count))


def test_a_copybot_trade_counts_only_what_arrived_since_the_last_firing() -> None:
    trades = (Trade(7, NOON, 900.0, "w", "WIF", "buy"), Trade(9, after(1), 500.0, "w", "WIF", "sell"))
    rule, aggregate = RULES["copybot_trade"], Aggregate(900.0, facts={"last_id": 9}, trades=trades)
    config = Config("copybot_trade", 500.0)
    assert rule.evaluate(config, aggregate, START).value == 0.0
    assert rule.evaluate(config, aggregate, State(since=NOON, baseline=6.0)).facts["trades"] == 2
    seen = rule.evaluate(config, aggregate, State(since=NOON, baseline=7.0))
    assert (seen.value, seen.level, seen.baseline, seen.facts["side"]) == (500.0, Level.OVER, 9.0, "sell")
