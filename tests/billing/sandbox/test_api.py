"""What holds for every call of the sandbox's API."""

from __future__ import annotations

import pytest
import requests
import stripe

from tests.billing.sandbox.fixture import Sandbox

KEY = {"Authorization": "Bearer sk_test_any"}


def test_it_answers_stripes_own_client(sandbox: Sandbox) -> None:
    customer = sandbox.api.v1.customers.create(params={"email": "olivia@example.com", "metadata": {"workspace": "7"}})
    found = sandbox.api.v1.customers.retrieve(customer.id)
    assert (found.email, found.livemode) == ("olivia@example.com", False)
    assert found.metadata is not None
    assert found.metadata.to_dict() == {"workspace": "7"}


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, None), ({"Authorization": "Bearer sk_live_1"}, "api_key_invalid"), ({"Authorization": "Basic !"}, None)],
)
def test_it_wants_a_test_key(sandbox: Sandbox, headers: dict[str, str], code: str | None) -> None:
    answer = requests.get(f"{sandbox.url}/v1/events", headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["error"].get("code")) == (401, code)


def test_it_takes_the_key_as_user_name_too(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/v1/events", auth=("sk_test_any", ""), timeout=5).ok


def test_it_names_its_request_and_version(sandbox: Sandbox) -> None:
    headers = requests.get(f"{sandbox.url}/v1/events", headers=KEY | {"Stripe-Version": "2026-05-27.dahlia"}, timeout=5)
    assert headers.headers["Request-Id"].startswith("req_")
    assert headers.headers["Stripe-Version"] == "2026-05-27.dahlia"


def test_it_says_what_is_not_there(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.api.v1.customers.retrieve("cus_nobody")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", "id")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.api.v1.payment_methods.attach("pm_card_visa", params={"customer": "cus_nobody"})
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, "resource_missing", "customer")


def test_it_refuses_calls_that_it_does_not_know(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/v1/terminals", headers=KEY, timeout=5)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
    assert requests.delete(f"{sandbox.url}/v1/events", headers=KEY, timeout=5).status_code == 404


def test_it_refuses_parameters_that_it_does_not_know(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.api.v1.customers.create(params={"colour": "red"})  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")


def test_it_names_the_parameter_that_is_missing_or_wrong(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.api.v1.prices.create(
            params={
                "currency": "usd",
                "unit_amount": 1,
                "product_data": {"name": "A"},
                "recurring": {"interval": "eon"},
            }
        )
    assert refused.value.param == "recurring[interval]"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.api.v1.prices.create(params={"currency": "usd", "product_data": {"name": "A"}})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "unit_amount")


def test_it_pages_both_ways(sandbox: Sandbox) -> None:
    ids = [sandbox.api.v1.customers.create().id for _ in range(5)][::-1]
    first = sandbox.api.v1.customers.list(params={"limit": 2})
    assert ([row.id for row in first.data], first.has_more) == (ids[:2], True)
    last = sandbox.api.v1.customers.list(params={"limit": 2, "starting_after": ids[2]})
    assert ([row.id for row in last.data], last.has_more) == (ids[3:], False)
    back = sandbox.api.v1.customers.list(params={"limit": 2, "ending_before": ids[3]})
    assert ([row.id for row in back.data], back.has_more) == (ids[1:3], True)
    assert [row.id for row in sandbox.api.v1.customers.list(params={"limit": 2}).auto_paging_iter()] == ids


def test_it_finds_what_was_made_in_a_time(sandbox: Sandbox) -> None:
    old = sandbox.api.v1.customers.create()
    sandbox.advance(days=1)
    new = sandbox.api.v1.customers.create()
    found = sandbox.api.v1.customers.list(params={"created": {"gte": old.created, "lt": new.created}})
    assert [row.id for row in found.data] == [old.id]
    assert sandbox.api.v1.customers.list(params={"created": new.created}).data[0].id == new.id


def test_it_expands_to_four_levels_and_no_more(sandbox: Sandbox) -> None:
    sandbox.api.v1.prices.create(params={"currency": "usd", "unit_amount": 1, "product_data": {"name": "Pro"}})
    found = sandbox.api.v1.prices.list(params={"expand": ["data.product"]}).data[0].product
    assert not isinstance(found, str)
    assert found.name == "Pro"
    with pytest.raises(stripe.InvalidRequestError, match="4 levels"):
        sandbox.api.v1.prices.list(params={"expand": ["data.product.a.b.c"]})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        sandbox.api.v1.prices.list(params={"expand": ["data.colour"]})


def test_it_puts_in_on_request_what_it_leaves_out_else(sandbox: Sandbox) -> None:
    id = sandbox.api.v1.customers.create().id
    assert "subscriptions" not in sandbox.api.v1.customers.retrieve(id)
    full = sandbox.api.v1.customers.retrieve(id, params={"expand": ["subscriptions", "tax", "default_source"]})
    assert full.subscriptions is not None
    assert full.subscriptions.data == []


class TestIdempotency:
    def test_it_answers_a_repeat_as_the_first_time(self, sandbox: Sandbox) -> None:
        first, second = (
            sandbox.api.v1.customers.create(params={"name": "A"}, options={"idempotency_key": "one"}) for _ in range(2)
        )
        assert first.id == second.id
        assert second.last_response is not None
        assert second.last_response.headers["Idempotent-Replayed"] == "true"
        assert len(sandbox.api.v1.customers.list().data) == 1

    def test_it_refuses_a_key_for_something_else(self, sandbox: Sandbox) -> None:
        sandbox.api.v1.customers.create(params={"name": "A"}, options={"idempotency_key": "one"})
        with pytest.raises(stripe.IdempotencyError):
            sandbox.api.v1.customers.create(params={"name": "B"}, options={"idempotency_key": "one"})

    def test_it_forgets_keys_after_a_day(self, sandbox: Sandbox) -> None:
        first = sandbox.api.v1.customers.create(options={"idempotency_key": "one"})
        sandbox.advance(days=1, seconds=1)
        assert sandbox.api.v1.customers.create(options={"idempotency_key": "one"}).id != first.id

    def test_it_keeps_no_answer_to_a_call_that_was_refused(self, sandbox: Sandbox) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.api.v1.coupons.create(options={"idempotency_key": "one"})
        assert sandbox.api.v1.coupons.create(params={"percent_off": 5}, options={"idempotency_key": "one"}).valid
