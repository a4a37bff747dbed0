"""Every blueprint is a whole strategy: it fits together, says what it does, becomes code, and trades."""

from __future__ import annotations

from collections import Counter
from string import Formatter

import pandas as pd
import pytest
from backtesting import Backtest, Strategy

from backtests.rbi import spec
from backtests.rbi.blueprints import COLUMNS, LIBRARY, Blueprint, Plan
from backtests.rbi.check import check
from backtests.rbi.generator import generate
from tests.backtests.rbi.blueprints.bars import MARKETS

pytestmark = pytest.mark.slow(0.02)

EVERY = pytest.mark.parametrize("blueprint", LIBRARY.values(), ids=lambda blueprint: blueprint.name)
CASES = [
    pytest.param(blueprint, columns, id=f"{blueprint.name}{'+' + blueprint.column if len(columns) > 5 else ''}")
    for blueprint in LIBRARY.values()
    for columns in ([COLUMNS, COLUMNS | {blueprint.column}] if blueprint.column else [COLUMNS])
]


def trades(code: str, market: pd.DataFrame) -> int:
    names: dict[str, object] = {"__name__": "blueprint"}
    exec(compile(code, "<blueprint>", "exec"), names)  # noqa: S102 - our own generator's code
    [found] = (value for value in names.values() if isinstance(value, type) and Strategy in value.__bases__)
    backtest = Backtest(market, found, cash=10_000, commission=0.001, exclusive_orders=True, finalize_trades=True)
    return int(backtest.run()["# Trades"])


def plans(blueprint: Blueprint) -> list[Plan]:
    return [blueprint.plan, *([blueprint.proxy.plan] if blueprint.proxy else [])]


def test_it_has_blueprints_of_every_family() -> None:
    families = Counter(blueprint.family for blueprint in LIBRARY.values())
    assert sum(families.values()) >= 45
    assert len(families) == 10
    assert min(families.values()) >= 3


@pytest.mark.parametrize(("blueprint", "columns"), CASES)
def test_it_becomes_code_that_trades_and_that_the_check_accepts(blueprint: Blueprint, columns: frozenset[str]) -> None:
    specification = blueprint.specification(columns)
    spec.check(specification)
    code = generate(specification)
    assert check(code) == []
    given = [market if len(columns) > 5 else market.iloc[:, :5] for market in MARKETS]
    assert any(trades(code, market) for market in given)


@EVERY
def test_it_needs_no_column_that_it_does_not_name(blueprint: Blueprint) -> None:
    assert spec.columns_of(blueprint.specification()) <= COLUMNS
    if blueprint.column:
        assert blueprint.proxy is not None
        assert blueprint.column in spec.columns_of(blueprint.specification(COLUMNS | {blueprint.column}))


@EVERY
def test_it_says_what_each_rule_means_with_its_own_numbers(blueprint: Blueprint) -> None:
    for plan in plans(blueprint):
        texts = [text for rule in (plan.long, plan.short) if rule for text in (rule.opens, rule.closes)]
        assert all(rule.opens and bool(rule.exit) == bool(rule.closes) for rule in (plan.long, plan.short) if rule)
        texts += [plan.confirm.says] if plan.confirm else []
        named = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
        assert named <= {*plan.parameters, "signal_bars"}


@EVERY
def test_it_bounds_every_number_and_starts_within(blueprint: Blueprint) -> None:
    for plan in plans(blueprint):
        for name, parameter in plan.parameters.items():
            assert parameter.low is not None, name
            assert parameter.high is not None, name
            assert parameter.low <= parameter.value <= parameter.high, name
            assert parameter.label, name


@EVERY
def test_it_gives_a_filter_the_numbers_that_it_takes(blueprint: Blueprint) -> None:
    for plan in plans(blueprint):
        if plan.confirm:
            assert set(plan.confirm.uses) <= set(plan.parameters)


@EVERY
def test_it_has_a_thesis_and_words_of_its_own(blueprint: Blueprint) -> None:
    others = {word for other in LIBRARY.values() if other is not blueprint for word in other.words}
    assert 60 < len(blueprint.thesis) < 500
    assert len(set(blueprint.words) - others) >= 3
    assert [word for word in blueprint.words if word in others] == []
