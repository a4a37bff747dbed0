"""Buying on Stripe's own page, with the sandbox in Stripe's place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from freezegun import freeze_time
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User, Workspace
from billing.limits import terms_of
from billing.models import AddOn, Boost, Claim, Customer, Plan, Subscription
from billing.payments.checkout import Order, Session, start_checkout
from billing.payments.customers import customers_of
from billing.payments.packs import apply_payment
from billing.payments.receivers import take
from moondev.lib.errors import Conflict, Forbidden, Internal, Invalid, NotFound
from tests.billing.buying.conftest import CHECKOUT, Post
from tests.billing.conftest import SubscriptionRow
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8002"


def buy(workspace: Workspace | None, actor: User | None, once: str = "once", **order: Any) -> Session:
    return start_checkout(
        order=Order(**(order or {"plan": "pro"})),
        workspace=workspace,
        actor=actor,
        success_url=f"{BACK}/thanks?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{BACK}/",
        idempotency_key=once,
    )


def session_of(shop: Sandbox, made: Session) -> dict[str, Any]:
    query: Any = {"expand": ["line_items"]}
    found: dict[str, Any] = shop.api.v1.checkout.sessions.retrieve(made.id, query).to_dict()
    return found


def arrived(shop: Sandbox, made: Session) -> Subscription:
    """What our receiver makes of the subscription that a paid session began."""
    row = take(session_of(shop, made)["subscription"])
    assert row is not None
    return row


# A plan for a workspace


def test_it_sells_a_plan_from_the_page_to_the_limits(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    made = buy(workspace, olivia, plan="pro", interval="year")
    landed = shop.pay(made.url)
    assert landed.url == f"{BACK}/thanks?session_id={made.id}"
    row = arrived(shop, made)
    assert (row.workspace, row.plan_id, row.interval, row.status) == (workspace, "pro", "year", "active")
    assert terms_of(workspace).plan == "pro"


def test_it_tells_stripe_whose_it_is(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    session = session_of(shop, buy(workspace, olivia))
    assert session["client_reference_id"] == session["metadata"]["workspace"] == str(workspace.pk)
    customer = shop.api.v1.customers.retrieve(session["customer"])
    assert (customer.email, customer.name) == (olivia.email, workspace.name)
    assert Customer.objects.get(workspace=workspace).pk == customer.id


def test_it_makes_one_customer_although_our_row_was_lost(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    first = session_of(shop, buy(workspace, olivia, "a"))["customer"]
    Customer.objects.all().delete()
    assert session_of(shop, buy(workspace, olivia, "b"))["customer"] == first


def test_it_buys_as_the_customer_that_a_workspace_is(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    customers = {session_of(shop, buy(workspace, olivia, once))["customer"] for once in ("a", "b")}
    assert len(customers) == 1


def test_it_sells_to_a_new_customer_once_stripe_has_lost_the_old_one(
    shop: Sandbox, workspace: Workspace, olivia: User
) -> None:
    """Twice: the second time as soon as the first, when Stripe remembers our calls still."""
    lost = []
    for once in ("a", "b", "c"):
        made = buy(workspace, olivia, once)
        lost.append(session_of(shop, made)["customer"])
        shop.api.v1.customers.delete(lost[-1])
    assert len(set(lost)) == 3
    assert Customer.objects.get(workspace=workspace, is_current=True).pk == lost[-1]
    assert customers_of(workspace) == set(lost)


def test_it_sells_although_the_customer_is_another_accounts(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    Customer.objects.create(pk="cus_elsewhere", workspace=workspace)
    assert session_of(shop, buy(workspace, olivia))["customer"] != "cus_elsewhere"


def test_with_another_accounts_key_it_lets_go_of_no_customer_that_pays(
    shop: Sandbox, workspace: Workspace, olivia: User, subscription_row: SubscriptionRow
) -> None:
    row = Customer.objects.create(pk=subscription_row("pro").customer_id, workspace=workspace)
    with pytest.raises(Internal):
        buy(workspace, olivia, add_on="history-year")
    assert Customer.objects.get(is_current=True) == row


def test_it_gives_the_same_page_for_the_same_key(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    assert buy(workspace, olivia) == buy(workspace, olivia)


def test_it_names_an_idempotency_key_for_every_write(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    before = len(shop.calls())
    buy(workspace, olivia)
    buy(workspace, olivia, "again")
    writes = [key for method, _, key in shop.calls()[before:] if method == "POST"]
    # A customer, two pages, and the end of the first page.
    assert len(writes) == 4
    assert all(writes)


def test_it_leaves_one_page_open_for_a_plan(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    first, second = buy(workspace, olivia, "a"), buy(workspace, olivia, "b", plan="team")
    assert [session_of(shop, made)["status"] for made in (first, second)] == ["expired", "open"]


def test_it_gives_no_page_that_was_closed_meanwhile(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    """The same form again, after another plan was looked at: Stripe answers its key with the page of the first time."""
    first = buy(workspace, olivia, "pro", plan="pro")
    buy(workspace, olivia, "team", plan="team")
    again = buy(workspace, olivia, "pro", plan="pro")
    assert again != first
    assert session_of(shop, again)["status"] == "open"


def test_it_does_not_sell_again_what_was_paid_and_has_not_arrived(
    shop: Sandbox, workspace: Workspace, olivia: User
) -> None:
    made = buy(workspace, olivia)
    shop.pay(made.url)
    with pytest.raises(Conflict, match="being confirmed"):
        buy(workspace, olivia, "later")
    assert not shop.api.v1.checkout.sessions.list({"status": "open"}).data
    arrived(shop, made)
    with pytest.raises(Conflict, match="has a subscription"):
        buy(workspace, olivia, "later")


def test_what_was_bought_long_ago_and_is_not_ours_stands_in_no_way(
    shop: Sandbox, workspace: Workspace, olivia: User
) -> None:
    made = buy(workspace, olivia)
    shop.pay(made.url)
    shop.api.v1.subscriptions.cancel(session_of(shop, made)["subscription"])
    with freeze_time(timezone.now() + timedelta(days=2), tick=True):
        assert session_of(shop, buy(workspace, olivia, "later"))["status"] == "open"


def test_it_does_not_sell_a_second_subscription(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    made = buy(workspace, olivia)
    shop.pay(made.url)
    arrived(shop, made)
    with pytest.raises(Conflict, match="Change its plan"):
        buy(workspace, olivia, "again")


def test_it_takes_promotion_codes(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    assert session_of(shop, buy(workspace, olivia))["allow_promotion_codes"] is True


@pytest.mark.parametrize("is_on", [False, True])
def test_it_has_taxes_computed_where_that_is_on(
    shop: Sandbox, workspace: Workspace, olivia: User, settings: Settings, is_on: bool
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = is_on
    session = session_of(shop, buy(workspace, olivia))
    assert session["automatic_tax"]["enabled"] is is_on
    assert (session["total_details"]["amount_tax"] > 0) is is_on
    shop.pay(f"{session['url']}")


def test_it_gives_a_trial_once(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    Plan.objects.filter(name="pro").update(trial_days=14)
    made = buy(workspace, olivia)
    shop.pay(made.url)
    row = arrived(shop, made)
    assert (row.status, terms_of(workspace).plan) == ("trialing", "pro")
    shop.api.v1.subscriptions.cancel(row.pk)
    take(row.pk)
    again = buy(workspace, olivia, "again")
    shop.pay(again.url)
    assert arrived(shop, again).status == "active"


def test_it_gives_a_stranger_no_trial(shop: Sandbox) -> None:
    Plan.objects.filter(name="pro").update(trial_days=14)
    made = buy(None, None)
    shop.pay(made.url, email="buyer@example.com")
    assert arrived(shop, made).status == "active"


def test_it_sells_several_at_once(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    made = buy(workspace, olivia, plan="team", quantity=2)
    shop.pay(made.url)
    assert arrived(shop, made).quantity == 2
    assert terms_of(workspace).seats == 20


def test_it_leaves_a_workspace_on_free_whose_card_is_declined(
    shop: Sandbox, workspace: Workspace, olivia: User
) -> None:
    made = buy(workspace, olivia)
    assert shop.pay(made.url, card="4000000000009995").url.startswith(shop.url)
    assert session_of(shop, made)["status"] == "open"
    assert terms_of(workspace).plan == "free"


# Who may, and what is refused


def test_it_lets_owners_and_admins_buy(shop: Sandbox, workspace: Workspace, ada: User) -> None:
    made = buy(workspace, ada)
    entry = AuditEntry.objects.get(action="checkout.started")
    assert (entry.actor, entry.workspace, entry.target) == (ada, workspace, made.id)


def test_it_lets_nobody_else_buy(shop: Sandbox, workspace: Workspace, max: User, sam: User) -> None:
    with pytest.raises(Forbidden):
        buy(workspace, max)
    with pytest.raises(NotFound):
        buy(workspace, sam)
    assert not [path for _, path, _ in shop.calls() if "checkout" in path]


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({"plan": "free"}, "/plan"),
        ({"plan": "pro", "interval": "day"}, "/interval"),
        ({"plan": "pro", "quantity": 0}, "/quantity"),
        ({"plan": "pro", "add_on": "history-year"}, "/add_on"),
        ({"add_on": "nothing"}, "/add_on"),
        ({"add_on": "alerts-10"}, "/add_on"),
    ],
)
def test_it_names_what_cannot_be_ordered(
    workspace: Workspace, olivia: User, order: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        buy(workspace, olivia, **order)
    assert refused.value.errors[0].pointer == pointer


def test_it_says_that_stripe_is_away(shop: Sandbox, post: Post, key: str) -> None:
    shop.down("500")
    answer = post(CHECKOUT, {"plan": "pro"}, key=key, once="one")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    shop.up()
    assert post(CHECKOUT, {"plan": "pro"}, key=key, once="one").status_code == 200


def test_it_keeps_to_itself_what_only_we_can_mend(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    Plan.objects.filter(name="pro").update(price_id_month="price_of_another_account")
    with pytest.raises(Exception, match="We have been told") as refused:
        buy(workspace, olivia)
    assert "price_of" not in str(refused.value)


# Packs that are paid once


def test_it_sells_a_pack_that_is_paid_once(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    made = buy(workspace, olivia, add_on="history-year", quantity=1)
    shop.pay(made.url)
    (boost,) = apply_payment(made.id)
    assert (boost.workspace, boost.add_on_id) == (workspace, "history-year")
    assert terms_of(workspace).history_days == 365
    assert session_of(shop, made)["invoice"]


@pytest.mark.parametrize(
    "order", [{"plan": "pro", "interval": "year"}, {"add_on": "history-year"}], ids=["a year", "a pack"]
)
def test_it_sells_nothing_for_another_price_than_nothing(
    shop: Sandbox, workspace: Workspace, olivia: User, order: dict[str, str]
) -> None:
    """Staff set a price to nothing: the old one in Stripe must not be charged under a page that says $0."""
    Plan.objects.filter(name="pro").update(price_year_cents=0)
    AddOn.objects.filter(name="history-year").update(price_cents=0)
    with pytest.raises(Conflict, match="not sold"):
        buy(workspace, olivia, **order)


def test_it_sells_no_pack_that_staff_took_off(shop: Sandbox, workspace: Workspace, olivia: User) -> None:
    AddOn.objects.filter(name="history-year").update(is_active=False)
    with pytest.raises(Conflict):
        buy(workspace, olivia, add_on="history-year")
    assert not Boost.objects.exists()


def test_it_sells_packs_to_workspaces_only(shop: Sandbox) -> None:
    with pytest.raises(Invalid):
        buy(None, None, add_on="history-year")


# Without an account, and old clients


def test_it_sells_to_old_clients_without_a_key(shop: Sandbox, post: Post, olivia: User, workspace: Workspace) -> None:
    old = {"plan": "pro", "success_url": f"{BACK}/ok", "cancel_url": f"{BACK}/no", "customer_email": olivia.email}
    answer = post(CHECKOUT, old)
    assert answer.status_code == 200
    assert set(answer.json()) == {"url", "session_id"}
    landed = shop.pay(answer.json()["url"], email=olivia.email)
    assert landed.url == f"{BACK}/ok"


def test_it_never_finds_a_customer_by_an_address(shop: Sandbox, post: Post, workspace: Workspace, olivia: User) -> None:
    known = session_of(shop, buy(workspace, olivia))["customer"]
    answer = post(CHECKOUT, {"plan": "pro", "customer_email": olivia.email}).json()
    shop.pay(answer["url"], email=olivia.email)
    made = Session(answer["session_id"], answer["url"])
    assert session_of(shop, made)["customer"] not in (None, known)
    row = arrived(shop, made)
    assert row.workspace is None
    assert Claim.objects.get(subscription=row).email == olivia.email
    assert terms_of(workspace).plan == "free"


def test_it_takes_nulls_and_blanks_for_not_given(shop: Sandbox, post: Post) -> None:
    body = {"plan": "pro", "success_url": None, "cancel_url": "", "customer_email": None}
    answer = post(CHECKOUT, body)
    assert answer.status_code == 200
    made = Session(answer.json()["session_id"], "")
    assert session_of(shop, made)["success_url"] == f"{BACK}/accounts/bought/"


def test_it_buys_for_the_workspace_of_a_key(shop: Sandbox, post: Post, key: str, workspace: Workspace) -> None:
    answer = post(CHECKOUT, {"plan": "pro"}, key=key).json()
    shop.pay(answer["url"])
    assert arrived(shop, Session(answer["session_id"], "")).workspace == workspace


def test_it_answers_a_repeat_without_asking_stripe_again(shop: Sandbox, post: Post, key: str) -> None:
    first = post(CHECKOUT, {"plan": "pro"}, key=key, once="one")
    calls = len(shop.calls())
    second = post(CHECKOUT, {"plan": "pro"}, key=key, once="one")
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert len(shop.calls()) == calls
    assert post(CHECKOUT, {"plan": "team"}, key=key, once="one").status_code == 422
