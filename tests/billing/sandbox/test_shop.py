"""What a shop sets up in the sandbox: customers, cards, products, prices, coupons, codes, portal settings."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.billing.sandbox.fixture import Sandbox


@pytest.fixture
def customer(sandbox: Sandbox) -> stripe.Customer:
    return sandbox.api.v1.customers.create(params={"email": "olivia@example.com", "name": "Olivia"})


@pytest.fixture
def coupon(sandbox: Sandbox) -> stripe.Coupon:
    return sandbox.api.v1.coupons.create(params={"id": "SPRING", "percent_off": 20, "duration": "forever"})


def types(sandbox: Sandbox) -> list[str]:
    """The events that there are, the oldest first."""
    return [str(event.type) for event in sandbox.api.v1.events.list(params={"limit": 100}).data][::-1]


class TestCustomers:
    def test_it_changes_what_is_sent_and_tells_what_was_there(
        self, sandbox: Sandbox, customer: stripe.Customer
    ) -> None:
        changed = sandbox.api.v1.customers.update(customer.id, params={"name": "", "metadata": {"a": "1"}})
        assert (changed.name, changed.email) == (None, "olivia@example.com")
        event = sandbox.api.v1.events.list(params={"type": "customer.updated"}).data[0]
        assert event.data.to_dict()["previous_attributes"] == {"name": "Olivia", "metadata": {"a": None}}
        assert event.data.object["metadata"].to_dict() == {"a": "1"}
        assert changed.last_response is not None
        assert event.to_dict()["request"]["id"] == changed.last_response.request_id

    def test_it_finds_them_by_address(self, sandbox: Sandbox, customer: stripe.Customer) -> None:
        sandbox.api.v1.customers.create(params={"email": "sam@example.com"})
        found = sandbox.api.v1.customers.list(params={"email": "olivia@example.com"})
        assert [row.id for row in found.data] == [customer.id]

    def test_it_answers_for_deleted_ones_with_a_stub(self, sandbox: Sandbox, customer: stripe.Customer) -> None:
        sandbox.api.v1.customers.delete(customer.id)
        assert sandbox.api.v1.customers.retrieve(customer.id).deleted
        assert sandbox.api.v1.customers.list().data == []
        assert types(sandbox) == ["customer.created", "customer.deleted"]

    def test_it_refuses_what_is_no_address(self, sandbox: Sandbox) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            sandbox.api.v1.customers.create(params={"email": "olivia"})
        assert refused.value.code == "email_invalid"


class TestPaymentMethods:
    def test_it_makes_cards_of_test_tokens(self, sandbox: Sandbox, customer: stripe.Customer) -> None:
        method = sandbox.api.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        assert method.card is not None
        assert (method.card.brand, method.card.last4, method.customer) == ("visa", "4242", customer.id)
        assert [row.id for row in sandbox.api.v1.payment_methods.list(params={"customer": customer.id}).data] == [
            method.id
        ]

    def test_it_makes_one_the_default_and_forgets_it_when_it_goes(
        self, sandbox: Sandbox, customer: stripe.Customer
    ) -> None:
        method = sandbox.api.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        sandbox.api.v1.customers.update(customer.id, params={"invoice_settings": {"default_payment_method": method.id}})
        found = sandbox.api.v1.customers.retrieve(
            customer.id, params={"expand": ["invoice_settings.default_payment_method"]}
        )
        assert found.invoice_settings is not None
        assert found.invoice_settings.default_payment_method == method
        assert sandbox.api.v1.payment_methods.detach(method.id).customer is None
        settings = sandbox.api.v1.customers.retrieve(customer.id).invoice_settings
        assert settings is not None
        assert settings.default_payment_method is None

    def test_it_gives_no_card_to_two_customers(self, sandbox: Sandbox, customer: stripe.Customer) -> None:
        method = sandbox.api.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        other = sandbox.api.v1.customers.create()
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.payment_methods.attach(method.id, params={"customer": other.id})
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.customers.update(
                other.id, params={"invoice_settings": {"default_payment_method": method.id}}
            )

    def test_it_attaches_no_card_that_is_declined(self, sandbox: Sandbox, customer: stripe.Customer) -> None:
        with pytest.raises(stripe.CardError) as declined:
            sandbox.api.v1.payment_methods.attach("pm_card_chargeDeclined", params={"customer": customer.id})
        assert (declined.value.http_status, declined.value.code) == (402, "card_declined")

    def test_it_takes_no_number_that_is_not_a_test_card(self, sandbox: Sandbox) -> None:
        with pytest.raises(stripe.CardError) as refused:
            sandbox.api.v1.payment_methods.create(params={"type": "card", "card": {"number": "4111111111111111"}})
        assert refused.value.code == "incorrect_number"


class TestPrices:
    def test_it_prices_a_product(self, sandbox: Sandbox) -> None:
        product = sandbox.api.v1.products.create(params={"name": "Pro"})
        price = sandbox.api.v1.prices.create(
            params={"product": product.id, "currency": "USD", "unit_amount": 4900, "recurring": {"interval": "month"}}
        )
        assert price.recurring is not None
        assert (price.type, price.currency, price.unit_amount) == ("recurring", "usd", 4900)
        assert (price.recurring.interval, price.recurring.interval_count) == ("month", 1)

    def test_it_gives_a_lookup_key_to_one_price(self, sandbox: Sandbox) -> None:
        product = sandbox.api.v1.products.create(params={"name": "Pro"}).id
        old = sandbox.api.v1.prices.create(
            params={"product": product, "currency": "usd", "unit_amount": 1, "lookup_key": "pro"}
        )
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.prices.create(
                params={"product": product, "currency": "usd", "unit_amount": 2, "lookup_key": "pro"}
            )
        new = sandbox.api.v1.prices.create(
            params={
                "product": product,
                "currency": "usd",
                "unit_amount": 2,
                "lookup_key": "pro",
                "transfer_lookup_key": True,
            }
        )
        assert [row.id for row in sandbox.api.v1.prices.list(params={"lookup_keys": ["pro"]}).data] == [new.id]
        assert sandbox.api.v1.prices.retrieve(old.id).lookup_key is None

    def test_it_lists_by_product_and_state(self, sandbox: Sandbox) -> None:
        price = sandbox.api.v1.prices.create(
            params={"currency": "usd", "unit_amount": 1, "product_data": {"name": "Pro"}}
        )
        sandbox.api.v1.prices.update(price.id, params={"active": False})
        assert sandbox.api.v1.prices.list(params={"active": True}).data == []
        assert len(sandbox.api.v1.prices.list(params={"product": str(price.product)}).data) == 1

    def test_it_keeps_a_product_that_has_prices(self, sandbox: Sandbox) -> None:
        price = sandbox.api.v1.prices.create(
            params={"currency": "usd", "unit_amount": 1, "product_data": {"name": "Pro"}}
        )
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.products.delete(str(price.product))


class TestCoupons:
    def test_it_takes_a_percentage_or_an_amount(self, sandbox: Sandbox, coupon: stripe.Coupon) -> None:
        assert (coupon.percent_off, coupon.amount_off, coupon.valid) == (20.0, None, True)
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.coupons.create(params={"percent_off": 5, "amount_off": 100, "currency": "usd"})

    def test_it_ends_with_its_time_and_takes_its_codes_along(self, sandbox: Sandbox) -> None:
        now = sandbox.advance()
        coupon = sandbox.api.v1.coupons.create(params={"percent_off": 20, "redeem_by": now + 3600})
        code = sandbox.api.v1.promotion_codes.create(
            params={"code": "HELLO", "promotion": {"type": "coupon", "coupon": coupon.id}}
        )
        sandbox.advance(seconds=3601)
        assert not sandbox.api.v1.coupons.retrieve(coupon.id).valid
        assert not sandbox.api.v1.promotion_codes.retrieve(code.id).active

    def test_it_finds_codes_as_people_type_them(self, sandbox: Sandbox, coupon: stripe.Coupon) -> None:
        sandbox.api.v1.promotion_codes.create(
            params={"code": "HELLO", "promotion": {"type": "coupon", "coupon": coupon.id}}
        )
        found = sandbox.api.v1.promotion_codes.list(params={"code": "hello", "expand": ["data.promotion.coupon"]})
        assert found.data[0].promotion.coupon == coupon

    def test_it_gives_no_code_for_a_deleted_coupon(self, sandbox: Sandbox, coupon: stripe.Coupon) -> None:
        sandbox.api.v1.coupons.delete(coupon.id)
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.promotion_codes.create(params={"promotion": {"type": "coupon", "coupon": coupon.id}})
        assert sandbox.api.v1.coupons.list().data == []


class TestPortalConfigurations:
    def test_it_keeps_what_customers_may_do(self, sandbox: Sandbox) -> None:
        price = sandbox.api.v1.prices.create(
            params={"currency": "usd", "unit_amount": 1, "product_data": {"name": "Pro"}}
        )
        made = sandbox.api.v1.billing_portal.configurations.create(
            params={
                "features": {
                    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
                    "subscription_update": {
                        "enabled": True,
                        "default_allowed_updates": ["price"],
                        "products": [{"product": str(price.product), "prices": [price.id]}],
                        "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
                    },
                }
            }
        )
        # Like Stripe, which takes the products and tells them on request alone.
        assert "products" not in made.features.subscription_update
        asked: Any = {"expand": ["features.subscription_update.products"]}
        found = sandbox.api.v1.billing_portal.configurations.retrieve(made.id, params=asked)
        update = found.features.subscription_update
        assert update.products is not None
        assert (made.is_default, update.products[0].prices) == (True, [price.id])
        assert update.schedule_at_period_end.conditions[0].type == "decreasing_item_amount"
        changed = sandbox.api.v1.billing_portal.configurations.update(
            made.id, params={"features": {"invoice_history": {"enabled": True}}}
        )
        assert changed.features.invoice_history.enabled
        assert changed.features.subscription_cancel.enabled


def test_it_has_an_account(sandbox: Sandbox) -> None:
    account = sandbox.api.v1.accounts.retrieve_current()
    assert sandbox.api.v1.accounts.retrieve(account.id).id == account.id
