"""A sale and a schedule live on after a restart of the sandbox."""

from __future__ import annotations

from pathlib import Path

from pytest_django.fixtures import Settings

from tests.billing.sandbox.fixture import Sandbox, start_sandbox
from tests.billing.sandbox.shop import Shop
from tests.live import _wait_or_kill


def test_it_goes_on_after_a_restart(tmp_path: Path, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox"
    settings.STRIPE_API_BASE, process = start_sandbox(tmp_path)
    shop = Shop(Sandbox(settings.STRIPE_API_BASE))
    dear, cheap = shop.price(9000), shop.price(3000)
    coupon = shop.api.coupons.create(params={"percent_off": 10, "duration": "forever"})
    id = shop.subscribe(dear, discounts=[{"coupon": coupon.id}]).id
    schedule = shop.api.subscription_schedules.create(params={"from_subscription": id})
    phase = schedule.phases[0]
    kept = [{"discount": each.discount} for each in phase.discounts]
    phases = [
        {"items": [{"price": dear}], "start_date": phase.start_date, "end_date": phase.end_date, "discounts": kept},
        {"items": [{"price": cheap}], "discounts": kept},
    ]
    shop.api.subscription_schedules.update(schedule.id, params={"phases": phases})
    process.terminate()
    _wait_or_kill(process)
    settings.STRIPE_API_BASE, process = start_sandbox(tmp_path)
    try:
        shop = Shop(Sandbox(settings.STRIPE_API_BASE))
        shop.sandbox.advance(days=32)
        assert [(invoice.total, invoice.status) for invoice in shop.invoices(id)] == [(8100, "paid"), (2700, "paid")]
        assert shop.subscription(id)["items"].data[0].price.id == cheap
    finally:
        process.terminate()
        _wait_or_kill(process)
