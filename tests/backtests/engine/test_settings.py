"""Settings come from customers: each wrong one is named, with what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtests.engine.settings import MICRO, Settings, read_settings
from moondev.lib.errors import Invalid


def test_it_charges_fees_and_slippage_unless_told_otherwise() -> None:
    assert (Settings().commission, Settings().spread) == (0.001, 0.0002)
    assert not Settings().is_free
    assert read_settings({"commission": 0, "spread": 0}).is_free


def test_it_reads_what_it_wrote() -> None:
    settings = Settings(cash=500.0, margin=0.1, trade_on_close=True, unit=0.01, commission_fixed=2.0)
    assert read_settings(settings.document()) == settings


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("cash", 0, "at least 1 "),
        ("cash", "10000", "is a number"),
        ("cash", True, "is a number"),
        ("cash", float("nan"), "is a number"),
        ("cash", None, "is a number"),
        ("commission", 0.1, "at most 0.0999"),
        ("commission", -0.001, "at least 0 "),
        ("commission_fixed", -1, "at least 0 "),
        ("spread", 0.6, "at most 0.5"),
        ("margin", 0, "at least 0.001"),
        ("margin", 2, "at most 1"),
        ("unit", 2, "at most 1"),
        ("exclusive_orders", 1, "true or false"),
        ("finalize_trades", "yes", "true or false"),
        ("hedging", True, "is not a setting"),
    ],
)
def test_it_names_the_field_that_is_wrong(field: str, value: Any, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_settings({"spread": 0.001, field: value})
    assert refused.value.errors[0].pointer == f"/settings/{field}"
    assert detail in refused.value.errors[0].detail


def test_it_names_every_field_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read_settings({"cash": -1, "margin": 7, "colour": "red"})
    assert [error.pointer for error in refused.value.errors] == [
        "/settings/colour",
        "/settings/cash",
        "/settings/margin",
    ]


def test_it_trades_parts_only_where_a_whole_unit_is_dear() -> None:
    assert Settings(cash=10_000).unit_for(np.array([900.0, 1000.0])) == 1
    assert Settings(cash=10_000).unit_for(np.array([900.0, 1001.0])) == MICRO
    assert Settings(cash=10_000, unit=0.01).unit_for(np.array([16_000.0])) == 0.01
