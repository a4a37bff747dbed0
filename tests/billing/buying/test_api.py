"""POST /billing/create-checkout-session and /billing/create-portal-session: who may, what is refused, and how often."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from billing.api import throttle
from billing.models import Plan, StoredAnswer
from gateway.keys.takeover import take_over
from tests.billing.buying.conftest import CHECKOUT, PORTAL, Post
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db
PRO = {"plan": "pro"}
OLD_CLIENT = {
    "plan": "pro",
    "success_url": "http://127.0.0.1:8002/thanks",
    "cancel_url": "http://127.0.0.1:8002/",
    "customer_email": "buyer@example.com",
}


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"plan": None}, "/plan"),
        ({"plan": "free"}, "/plan"),
        ({"plan": "gold"}, "/plan"),
        ({"plan": ["pro"]}, "/plan"),
        ({"interval": "week"}, "/interval"),
        ({"quantity": 0}, "/quantity"),
        ({"quantity": 101}, "/quantity"),
        ({"success_url": "https://evil.test/"}, "/success_url"),
        ({"success_url": "thanks"}, "/success_url"),
        ({"cancel_url": "http://127.0.0.1:8002@evil.test/"}, "/cancel_url"),
        ({"customer_email": "nobody"}, "/customer_email"),
        ({"customer_email": "a\nb@example.com"}, "/customer_email"),
    ],
)
def test_it_names_the_value_that_is_not_acceptable(post: Post, change: dict[str, Any], pointer: str) -> None:
    Plan.objects.filter(name="pro").update(price_id_month="price_1")
    assert pointers(post(CHECKOUT, OLD_CLIENT | change)) == [pointer]


@pytest.mark.parametrize("body", [{}, [], 1, None])
def test_it_wants_a_plan(post: Post, body: object) -> None:
    assert post(CHECKOUT, body).status_code == 422


def test_it_reads_nothing_but_json(client: Client) -> None:
    assert client.post(CHECKOUT, {"plan": "pro"}).status_code == 415
    assert client.post(CHECKOUT, "{", content_type="application/json").status_code == 400


def test_it_sells_nothing_that_has_no_price(post: Post) -> None:
    answer = post(CHECKOUT, OLD_CLIENT)
    assert answer.status_code == 409
    assert "Pro plan is not sold by the month" in answer.json()["detail"]


@pytest.fixture
def old_key(workspace: Workspace) -> str:
    """A key of the first generation, taken over for olivia's workspace."""
    secret = "md_" + "7" * 64
    row = {"digest": hashlib.sha256(secret.encode()).hexdigest(), "plan": "free", "workspace": workspace.slug}
    assert take_over(rows=iter([row]), plan_until=timezone.now()).imported == 1
    return secret


@pytest.mark.stripe_live
def test_it_sells_to_the_key_of_an_old_client_as_to_a_stranger(shop: Sandbox, post: Post, old_key: str) -> None:
    answer = post(CHECKOUT, OLD_CLIENT, key=old_key)
    assert answer.status_code == 200, answer.content
    page = shop.api.v1.checkout.sessions.retrieve(answer.json()["session_id"])
    assert (page.client_reference_id, page.customer) == (None, None)


def test_it_counts_a_key_that_may_not_buy_by_its_address(post: Post, old_key: str) -> None:
    assert [post(CHECKOUT, PRO, key=old_key).status_code for _ in range(11)] == [409] * 10 + [429]


def test_it_opens_the_portal_to_no_key_without_the_scope(post: Post, old_key: str) -> None:
    assert post(PORTAL, {}, key=old_key).status_code == 403


def test_it_refuses_an_unknown_key_instead_of_taking_it_for_a_stranger(post: Post) -> None:
    assert post(CHECKOUT, PRO, key="md_" + "0" * 64).status_code == 403


def test_it_lets_owners_and_admins_buy_by_their_session_and_members_not(
    client: Client, post: Post, olivia: User, ada: User, max: User, workspace: Workspace
) -> None:
    # 409 is beyond the question who may: nothing has a price here.
    for user, status in ((olivia, 409), (ada, 409), (max, 403)):
        client.force_login(user)
        assert post(CHECKOUT, PRO).status_code == status, user
        assert post(PORTAL, {}).status_code == status, user


def test_it_wants_proof_that_our_own_page_sent_a_session(olivia: User, workspace: Workspace, post: Post) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(olivia)
    answer = post(CHECKOUT, PRO, by=strict)
    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["detail"]


def test_it_needs_somebody_for_the_portal(post: Post) -> None:
    assert post(PORTAL, {}).status_code == 401


def test_it_has_no_portal_for_who_never_bought(post: Post, key: str) -> None:
    answer = post(PORTAL, {}, key=key)
    assert answer.status_code == 409
    assert "not bought anything" in answer.json()["detail"]


def test_it_sends_nobody_from_the_portal_to_a_foreign_page(post: Post, key: str) -> None:
    assert pointers(post(PORTAL, {"return_url": "https://evil.test/"}, key=key)) == ["/return_url"]


def test_it_stops_an_address_without_a_key_after_ten_a_minute(post: Post) -> None:
    statuses = [post(CHECKOUT, PRO, REMOTE_ADDR="203.0.113.9").status_code for _ in range(11)]
    assert statuses == [409] * 10 + [429]
    assert post(CHECKOUT, PRO, REMOTE_ADDR="203.0.113.10").status_code == 409


def test_it_stops_an_address_without_a_key_after_sixty_an_hour(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    # Spread over an hour they meet the longer limit alone.
    monkeypatch.setattr(throttle, "RATES", throttle.RATES[1:])
    statuses = [post(CHECKOUT, PRO, REMOTE_ADDR="203.0.113.9").status_code for _ in range(61)]
    assert statuses == [409] * 60 + [429]


def test_it_says_when_a_stopped_address_may_come_back(post: Post) -> None:
    answers = [post(CHECKOUT, {}, REMOTE_ADDR="2001:db8::1") for _ in range(11)]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    # One line is one /64.
    assert post(CHECKOUT, {}, REMOTE_ADDR="2001:db8::2").status_code == 429


def test_it_does_not_count_a_key_by_its_address(post: Post, key: str) -> None:
    assert {post(CHECKOUT, PRO, key=key).status_code for _ in range(12)} == {409}


def test_it_costs_nothing_of_the_minute(post: Post, key: str) -> None:
    assert post(CHECKOUT, PRO, key=key)["RateLimit"].startswith('"minute";r=60;')


def test_it_keeps_no_answer_of_what_was_refused(post: Post, key: str) -> None:
    assert post(CHECKOUT, PRO, key=key, once="one").status_code == 409
    assert not StoredAnswer.objects.exists()
