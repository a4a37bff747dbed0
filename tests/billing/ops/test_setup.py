"""stripe_setup: what has to be in Stripe is made from our rows, once, and told."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User, Workspace
from billing.models import AddOn, Plan
from billing.payments.customer_portal import start_portal
from billing.payments.prices import PriceList
from billing.payments.setup import set_up
from billing.payments.setup.portal import portal_configuration
from billing.payments.setup.webhook import EVENTS
from billing.payments.subscriptions import apply_subscription
from tests.billing.payments.seller import Seller
from tests.billing.sandbox.fixture import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.4)]
HOOK = "https://billing.example.com/billing/webhook"


def prices(sandbox: Sandbox, **query: Any) -> dict[str, Any]:
    """Stripe's active prices by lookup key."""
    params: Any = {"active": True, "limit": 100, **query}
    return {str(price.lookup_key): price for price in sandbox.api.v1.prices.list(params).data}


def test_it_makes_a_price_for_everything_that_is_sold(sandbox: Sandbox) -> None:
    set_up()
    amounts = {key: price.unit_amount for key, price in prices(sandbox).items()}
    assert amounts == {
        "pro_month": 4900, "pro_year": 49_000, "team_month": 14_900, "team_year": 149_000,
        "enterprise_month": 29_900, "enterprise_year": 299_000, "alerts-10_month": 900, "alerts-10_year": 9000,
        "alerts-50_month": 2900, "alerts-50_year": 29_000, "seat_month": 1500, "seat_year": 15_000,
        "history-year_once": 9900,
    }  # fmt: skip
    assert prices(sandbox)["history-year_once"].recurring is None
    assert prices(sandbox)["pro_year"].recurring.interval == "year"


def test_it_writes_the_ids_into_the_rows_under_the_name_of_the_system(sandbox: Sandbox) -> None:
    set_up()
    made = prices(sandbox)
    pro, seat = Plan.objects.get(name="pro"), AddOn.objects.get(name="seat")
    assert (pro.price_id_month, pro.price_id_year) == (made["pro_month"].id, made["pro_year"].id)
    assert (seat.price_id, seat.price_id_year) == (made["seat_month"].id, made["seat_year"].id)
    assert AuditEntry.objects.filter(action="plan.changed", target="pro", actor_label="system").exists()


def test_a_second_run_changes_nothing(sandbox: Sandbox, settings: Settings) -> None:
    assert set_up(webhook_url=HOOK)
    before = len(sandbox.calls())
    assert set_up(webhook_url=HOOK) == []
    assert {method for method, _, _ in sandbox.calls()[before:]} == {"GET"}


@pytest.mark.stripe_live
def test_everything_that_one_run_made_is_found_by_the_next(sandbox: Sandbox) -> None:
    set_up()
    assert [line for line in set_up() if not line.startswith("No webhook endpoint")] == []


def test_a_dry_run_says_all_and_does_nothing(sandbox: Sandbox) -> None:
    said = set_up(is_dry=True, webhook_url=HOOK)
    assert {method for method, _, _ in sandbox.calls()} == {"GET"}
    assert not Plan.objects.exclude(price_id_month="").exists()
    assert "Created the price pro_month ($49.00)." in said
    assert f"Created the webhook endpoint {HOOK}." in said


def test_a_changed_price_gets_a_new_one_and_the_old_one_is_archived(sandbox: Sandbox) -> None:
    set_up()
    old = Plan.objects.get(name="pro").price_id_month
    Plan.objects.filter(name="pro").update(price_month_cents=5900)
    said = set_up()
    pro = Plan.objects.get(name="pro")
    assert pro.price_id_month != old
    assert prices(sandbox)["pro_month"].id == pro.price_id_month
    kept = sandbox.api.v1.prices.retrieve(old)
    assert (kept.active, kept.unit_amount, kept.lookup_key) == (False, 4900, None)
    assert f"Archived the price {old}, which pro_month had before." in said
    # Who pays it still gets what it sells.
    assert PriceList.read().plan_of(kept.to_dict()) == "pro"


def test_an_operators_own_price_is_kept_and_marked(sandbox: Sandbox) -> None:
    own = sandbox.api.v1.prices.create(
        {"currency": "usd", "unit_amount": 4900, "recurring": {"interval": "month"}, "product_data": {"name": "Mine"}}
    )
    Plan.objects.filter(name="pro").update(price_id_month=own.id)
    set_up()
    pro = Plan.objects.get(name="pro")
    assert pro.price_id_month == own.id
    kept = sandbox.api.v1.prices.retrieve(own.id)
    assert (kept.lookup_key, kept.metadata["plan"]) == ("pro_month", "pro")
    # The yearly one goes to the operator's product, whose name stays theirs.
    assert sandbox.api.v1.prices.retrieve(pro.price_id_year).product == kept.product
    assert sandbox.api.v1.products.retrieve(str(kept.product)).name == "Mine"


def test_an_operators_own_price_that_costs_something_else_is_replaced_and_marked(sandbox: Sandbox) -> None:
    own = sandbox.api.v1.prices.create(
        {"currency": "usd", "unit_amount": 1900, "recurring": {"interval": "month"}, "product_data": {"name": "Mine"}}
    )
    Plan.objects.filter(name="pro").update(price_id_month=own.id)
    set_up()
    old = sandbox.api.v1.prices.retrieve(own.id)
    assert (old.active, old.metadata["plan"]) == (False, "pro")
    assert Plan.objects.get(name="pro").price_id_month == prices(sandbox)["pro_month"].id


def test_an_id_of_another_account_is_replaced(sandbox: Sandbox) -> None:
    Plan.objects.filter(name="pro").update(price_id_month="price_elsewhere")
    set_up()
    assert Plan.objects.get(name="pro").price_id_month == prices(sandbox)["pro_month"].id


def test_a_price_whose_id_could_not_be_written_down_is_found_again(sandbox: Sandbox) -> None:
    set_up()
    made = Plan.objects.get(name="team").price_id_year
    Plan.objects.filter(name="team").update(price_id_year="")
    assert set_up(webhook_url=HOOK)[:1] == [f"Stored {made} as the price team_year."]


def test_what_costs_nothing_or_is_switched_off_is_not_sold(sandbox: Sandbox) -> None:
    Plan.objects.filter(name="pro").update(price_year_cents=0)
    AddOn.objects.filter(name="seat").update(is_active=False)
    set_up()
    assert not {"pro_year", "seat_month", "seat_year", "free_month"} & set(prices(sandbox))


def test_products_are_named_as_the_rows_are(sandbox: Sandbox) -> None:
    set_up()
    Plan.objects.filter(name="pro").update(title="Professional")
    assert set_up()[:1] == ["Updated the product moondev_pro."]
    assert sandbox.api.v1.products.retrieve("moondev_pro").name == "Professional"


def test_the_customer_portal_does_what_our_pages_do(sandbox: Sandbox) -> None:
    set_up()
    found = portal_configuration()
    assert found is not None
    features = found.to_dict()["features"]
    conditions = features["subscription_update"]["schedule_at_period_end"]["conditions"]
    assert {row["type"] for row in conditions} == {"decreasing_item_amount", "shortening_interval"}
    assert features["subscription_cancel"]["mode"] == "at_period_end"
    pro = Plan.objects.get(name="pro")
    sold = {row["product"]: set(row["prices"]) for row in features["subscription_update"]["products"]}
    assert sold["moondev_pro"] == {pro.price_id_month, pro.price_id_year}
    assert set(sold) == {"moondev_pro", "moondev_team", "moondev_enterprise"}


def test_the_customer_portal_follows_a_changed_price(sandbox: Sandbox) -> None:
    set_up()
    Plan.objects.filter(name="pro").update(price_month_cents=5900)
    assert "Updated the customer portal's configuration." in set_up()


def test_the_webhook_endpoint_is_made_and_its_secret_told_nowhere(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("stripe_setup", webhook_url=HOOK)
    told = capsys.readouterr().out
    (endpoint,) = sandbox.api.v1.webhook_endpoints.list().data
    assert (endpoint.url, endpoint.api_version, set(endpoint.enabled_events)) == (
        HOOK,
        "2026-05-27.dahlia",
        set(EVENTS),
    )
    assert "STRIPE_WEBHOOK_SECRET" in told
    assert "whsec_" not in told


def test_the_webhook_endpoint_is_switched_on_again_with_todays_events(sandbox: Sandbox) -> None:
    set_up(webhook_url=HOOK)
    (endpoint,) = sandbox.api.v1.webhook_endpoints.list().data
    sandbox.api.v1.webhook_endpoints.update(endpoint.id, {"enabled_events": ["invoice.paid"], "disabled": True})
    assert set_up(webhook_url=HOOK) == [f"Updated the webhook endpoint {HOOK}."]
    (endpoint,) = sandbox.api.v1.webhook_endpoints.list().data
    assert (endpoint.status, len(endpoint.enabled_events)) == ("enabled", len(EVENTS))


def test_a_webhook_endpoint_of_another_version_is_told(sandbox: Sandbox) -> None:
    params: Any = {"url": HOOK, "enabled_events": list(EVENTS), "api_version": "2024-06-20"}
    sandbox.api.v1.webhook_endpoints.create(params)
    assert any("speaks 2024-06-20" in line for line in set_up(webhook_url=HOOK))


def test_a_plain_address_gets_no_endpoint_and_the_way_to_have_events_all_the_same(sandbox: Sandbox) -> None:
    assert any("stripe listen --forward-to http://127.0.0.1:8011/billing/webhook" in line for line in set_up())
    assert sandbox.api.v1.webhook_endpoints.list().data == []


def test_the_sandbox_needs_no_endpoint(sandbox: Sandbox, settings: Settings) -> None:
    settings.STRIPE_SANDBOX = True
    set_up(webhook_url=HOOK)
    assert sandbox.api.v1.webhook_endpoints.list().data == []


def test_it_reads_only_events_that_stripe_has() -> None:
    from stripe.params._webhook_endpoint_create_params import WebhookEndpointCreateParams

    known = str(WebhookEndpointCreateParams.__annotations__["enabled_events"])
    assert [name for name in EVENTS if f"'{name}'" not in known and f'"{name}"' not in known] == []


def test_it_says_so_when_nothing_is_to_be_done(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("stripe_setup", webhook_url=HOOK)
    capsys.readouterr()
    call_command("stripe_setup", webhook_url=HOOK)
    assert capsys.readouterr().out == "Stripe has everything; nothing was changed.\n"


@pytest.mark.parametrize("mode", ["reset", "500", "429"])
def test_a_stripe_that_is_away_is_one_line(mode: str, sandbox: Sandbox) -> None:
    sandbox.down(mode)
    with pytest.raises(CommandError, match="Stripe cannot be reached"):
        call_command("stripe_setup")


def test_a_run_that_broke_off_is_finished_by_the_next(sandbox: Sandbox) -> None:
    sandbox.api.v1.products.create({"id": "moondev_pro", "name": "Pro"})
    set_up()
    assert prices(sandbox)["pro_month"].product == "moondev_pro"
    assert [line for line in set_up() if "moondev_pro" in line] == []


def test_a_key_that_stripe_does_not_know_is_one_line(sandbox: Sandbox, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_wrong"
    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY"):
        call_command("stripe_setup")


def test_the_way_to_the_customer_portal_uses_our_configuration(
    seller: Seller, workspace: Workspace, olivia: User
) -> None:
    # One that somebody made by hand, and that is the default because it came first.
    other = seller.api.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    set_up()
    apply_subscription(seller.subscribe("pro", workspace=workspace))
    page = requests.get(
        start_portal(workspace=workspace, actor=olivia, return_url="http://127.0.0.1:8002/portal/"), timeout=30
    )
    assert page.ok
    ours = portal_configuration()
    assert ours is not None
    assert ours.id != other.id
    assert "cancel" in page.text.lower()
