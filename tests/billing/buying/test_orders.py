"""Upgrade, downgrade, cancel, resume and packs, with the sandbox in Stripe's place."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User, Workspace
from billing.limits import terms_of
from billing.models import AddOn, Plan, Subscription
from billing.payments import orders, previews
from billing.payments.checkout import Order, start_checkout
from billing.payments.orders import Preview
from billing.payments.setup import set_up
from billing.payments.subscriptions import apply_subscription
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.billing.sandbox.fixture import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.4)]
BACK = "http://127.0.0.1:8002/"
FAILING = "4000000000000341"
PRO, PRO_YEAR, TEAM = 4900, 49_000, 14_900
Subscribe = Callable[..., Subscription]


@pytest.fixture
def subscribe(shop: Sandbox, workspace: Workspace, olivia: User) -> Subscribe:
    """Buys a plan for olivia's workspace: `subscribe("pro", "year", card=...)`."""

    def buy(plan: str = "pro", interval: str = "month", *, card: str = "4242424242424242") -> Subscription:
        made = start_checkout(
            order=Order(plan=plan, interval=interval),
            workspace=workspace,
            actor=olivia,
            success_url=BACK,
            cancel_url=BACK,
            idempotency_key=secrets.token_hex(8),
        )
        shop.pay(made.url, card)
        session = shop.api.v1.checkout.sessions.retrieve(made.id)
        row = apply_subscription(str(session.subscription))
        assert row is not None
        return row

    return buy


@pytest.fixture
def pro(subscribe: Subscribe) -> Subscription:
    """Olivia's workspace is on pro by the month."""
    return subscribe()


class Desk:
    """Olivia at the Plans page: each deed as she does it, on her workspace."""

    def __init__(self, workspace: Workspace, actor: User) -> None:
        self.here: Any = {"workspace": workspace, "actor": actor}

    def look(self, plan: str, interval: str = "month", quantity: int | None = None) -> Preview:
        return orders.preview_change(**self.here, plan=plan, interval=interval, quantity=quantity)

    def move(self, plan: str, interval: str = "month", quantity: int | None = None) -> Subscription:
        return self.confirm(self.look(plan, interval, quantity))

    def confirm(self, preview: Preview) -> Subscription:
        return orders.change_plan(**self.here, token=preview.token)

    def look_at_packs(self, add_on: str, quantity: int) -> Preview:
        return orders.preview_packs(**self.here, add_on=add_on, quantity=quantity)

    def packs(self, add_on: str, quantity: int) -> Subscription:
        return orders.set_packs(**self.here, token=self.look_at_packs(add_on, quantity).token)

    def press(self, deed: Callable[..., Subscription]) -> Subscription:
        return deed(**self.here, nonce=secrets.token_hex(8))


@pytest.fixture
def desk(workspace: Workspace, olivia: User) -> Desk:
    return Desk(workspace, olivia)


def invoices(shop: Sandbox, row: Subscription) -> list[Any]:
    """The newest first."""
    return shop.api.v1.invoices.list({"subscription": row.pk}).data


# Upgrade


def test_it_charges_what_was_shown_and_gives_the_plan_at_once(
    shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace
) -> None:
    shop.advance(days=10)
    preview = desk.look("team")
    assert not preview.is_downgrade
    assert 0 < preview.due_now_cents < TEAM - PRO
    assert sum(line.cents for line in preview.lines) == preview.due_now_cents
    assert [line.cents < 0 for line in preview.lines] == [True, False]
    assert preview.next_cents == TEAM
    assert preview.next_at == pro.current_period_end
    # The customer takes their time: what was shown is charged, to the cent.
    shop.advance(seconds=600)
    assert desk.confirm(preview).plan_id == "team"
    assert terms_of(workspace).plan == "team"
    paid = invoices(shop, pro)[0]
    assert (paid.status, paid.total) == ("paid", preview.due_now_cents)


def test_it_begins_a_new_cycle_when_moving_to_a_year(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    shop.advance(days=10)
    preview = desk.look("pro", "year")
    assert PRO_YEAR - PRO < preview.due_now_cents < PRO_YEAR
    assert preview.next_cents == PRO_YEAR
    row = desk.confirm(preview)
    # The year begins when it is confirmed, a moment after it was looked at.
    assert row.interval == "year"
    assert row.current_period_end is not None
    assert preview.next_at is not None
    assert timedelta() <= row.current_period_end - preview.next_at < timedelta(minutes=1)
    assert invoices(shop, pro)[0].total == preview.due_now_cents


def test_it_says_what_becomes_of_credit(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("pro", "year")
    preview = desk.look("team")
    assert (preview.due_now_cents, preview.credit_left_cents) == (0, PRO_YEAR - TEAM)
    desk.confirm(preview)
    preview = desk.look("enterprise")
    spent = sum(line.cents for line in preview.lines)
    assert (preview.due_now_cents, preview.credit_cents) == (0, spent)
    assert preview.credit_left_cents == PRO_YEAR - TEAM - spent


def test_it_shows_what_a_coupon_takes_off(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    coupon = shop.api.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    shop.api.v1.subscriptions.update(pro.pk, {"discounts": [{"coupon": coupon.id}]})
    preview = desk.look("pro", "year")
    assert preview.lines[-1].text == "Discount"
    assert sum(line.cents for line in preview.lines) == preview.due_now_cents


def test_it_keeps_the_plan_when_the_payment_is_declined(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, workspace: Workspace
) -> None:
    row = subscribe(card=FAILING)
    shop.advance(days=10)
    with pytest.raises(Conflict, match="Nothing was changed"):
        desk.move("team")
    apply_subscription(row.pk)
    assert terms_of(workspace).plan == "pro"
    assert {invoice.status for invoice in invoices(shop, row)} <= {"paid", "void"}


def test_it_changes_a_trial_without_a_payment(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, workspace: Workspace
) -> None:
    Plan.objects.filter(name="pro").update(trial_days=14)
    row = subscribe()
    preview = desk.look("team")
    assert (preview.due_now_cents, preview.lines, preview.next_at) == (0, (), row.trial_ends_at)
    assert desk.confirm(preview).status == "trialing"
    assert terms_of(workspace).plan == "team"


def test_it_sells_more_of_a_plan_at_once_and_less_later(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    assert desk.move("pro", quantity=3).quantity == 3
    row = desk.move("pro", quantity=2)
    assert row.quantity == 3
    shop.advance(days=32)
    found = apply_subscription(row.pk)
    assert found is not None
    assert found.quantity == 2


# Downgrade


def test_it_lets_a_downgrade_wait_for_the_end_of_what_is_paid(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, workspace: Workspace
) -> None:
    row = subscribe("team")
    preview = desk.look("pro")
    assert (preview.is_downgrade, preview.due_now_cents, preview.next_cents) == (True, 0, PRO)
    assert preview.at == preview.next_at == row.current_period_end
    row = desk.confirm(preview)
    assert (row.plan_id, row.next_plan_id, row.next_at) == ("team", "pro", preview.at)
    assert terms_of(workspace).plan == "team"
    shop.advance(days=32)
    found = apply_subscription(row.pk)
    assert found is not None
    assert (found.plan_id, found.next_plan_id) == ("pro", None)
    assert terms_of(workspace).plan == "pro"
    assert invoices(shop, row)[0].total == PRO


def test_it_lets_a_year_run_out_before_months_begin(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("pro", "year")
    row = desk.move("pro", "month")
    assert (row.interval, row.next_interval) == ("year", "month")
    shop.advance(days=367)
    found = apply_subscription(row.pk)
    assert found is not None
    assert found.interval == "month"


def test_another_rhythm_begins_with_its_phase(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    """Else Stripe may keep the old days, and take the plan's change without the payment for it."""
    subscribe("team")
    for plan, interval, anchor in (("pro", "month", None), ("pro", "year", "phase_start")):
        desk.move(plan, interval)
        (schedule,) = shop.api.v1.subscription_schedules.list({}).data
        assert [phase.billing_cycle_anchor for phase in schedule.phases] == [None, anchor]


def test_it_computes_taxes_through_a_downgrade(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, settings: Settings
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    row = subscribe("team")
    desk.move("pro")
    assert shop.api.v1.subscriptions.retrieve(row.pk).automatic_tax.enabled
    shop.advance(days=32)
    assert shop.api.v1.subscriptions.retrieve(row.pk).automatic_tax.enabled
    assert invoices(shop, row)[0].total > PRO


def test_it_plans_another_downgrade_in_the_place_of_the_first(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("enterprise")
    desk.move("team")
    assert desk.move("pro").next_plan_id == "pro"
    assert len(shop.api.v1.subscription_schedules.list({}).data) == 1


def test_it_keeps_the_plan_when_a_downgrade_is_dropped(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, workspace: Workspace
) -> None:
    subscribe("team")
    desk.move("pro")
    row = desk.press(orders.drop_downgrade)
    assert row.next_plan_id is None
    assert desk.press(orders.drop_downgrade).next_plan_id is None
    shop.advance(days=32)
    apply_subscription(row.pk)
    assert terms_of(workspace).plan == "team"
    assert AuditEntry.objects.filter(action="subscription.downgrade_dropped").count() == 1


def test_it_upgrades_although_a_downgrade_is_planned(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("team")
    desk.move("pro")
    row = desk.move("enterprise")
    assert (row.plan_id, row.next_plan_id) == ("enterprise", None)


def test_it_says_that_a_planned_downgrade_went_with_a_declined_upgrade(
    shop: Sandbox, subscribe: Subscribe, desk: Desk, workspace: Workspace
) -> None:
    row = subscribe("team", card=FAILING)
    desk.move("pro")
    with pytest.raises(Conflict, match="You keep your plan"):
        desk.move("enterprise")
    found = apply_subscription(row.pk)
    assert found is not None
    assert (found.plan_id, found.next_plan_id) == ("team", None)
    assert terms_of(workspace).plan == "team"


def test_it_keeps_a_discount_through_a_downgrade(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    row = subscribe("team")
    coupon = shop.api.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    shop.api.v1.subscriptions.update(row.pk, {"discounts": [{"coupon": coupon.id}]})
    desk.move("pro")
    shop.advance(days=32)
    assert invoices(shop, row)[0].total == PRO // 2


# Cancel and resume


def test_it_ends_with_the_paid_time(shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace) -> None:
    row = desk.press(orders.cancel)
    assert row.cancels_at == pro.current_period_end
    assert terms_of(workspace).plan == "pro"
    desk.press(orders.cancel)
    assert AuditEntry.objects.filter(action="subscription.cancelled").count() == 1
    shop.advance(days=32)
    apply_subscription(row.pk)
    assert terms_of(workspace).plan == "free"
    with pytest.raises(Conflict):
        desk.press(orders.resume)


def test_it_goes_on_when_resumed(shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace) -> None:
    desk.press(orders.cancel)
    assert desk.press(orders.resume).cancels_at is None
    assert desk.press(orders.resume).cancels_at is None
    shop.advance(days=32)
    apply_subscription(pro.pk)
    assert terms_of(workspace).plan == "pro"


def test_a_form_that_is_sent_again_after_its_deed_was_taken_back_does_it_again(
    pro: Subscription, desk: Desk, workspace: Workspace
) -> None:
    """Cancelled, resumed, back in the browser, cancelled: who is told that it ends does not pay on."""
    for _ in range(2):
        assert orders.cancel(**desk.here, nonce="of one form").cancels_at is not None
        assert orders.cancel(**desk.here, nonce="of one form").cancels_at is not None
        assert orders.resume(**desk.here, nonce="of another").cancels_at is None
    assert AuditEntry.objects.filter(action="subscription.cancelled").count() == 2


def test_it_resumes_what_was_to_end_on_a_day(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    shop.api.v1.subscriptions.update(pro.pk, {"cancel_at": int(time.time()) + 10 * 86_400})
    assert desk.press(orders.resume).cancels_at is None


def test_it_drops_a_planned_downgrade_when_cancelling(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("team")
    desk.move("pro")
    row = desk.press(orders.cancel)
    assert (row.next_plan_id, row.cancels_at) == (None, row.current_period_end)


def test_it_cancels_also_what_has_a_price_that_no_plan_has(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    product = shop.api.v1.products.create({"name": "Made by hand"})
    price: Any = {"currency": "usd", "unit_amount": 100, "product": product.id, "recurring": {"interval": "month"}}
    item = shop.api.v1.subscriptions.retrieve(pro.pk)["items"]["data"][0]["id"]
    unknown = shop.api.v1.prices.create(price).id
    shop.api.v1.subscriptions.update(pro.pk, {"items": [{"id": item, "price": unknown}]})
    with pytest.raises(Conflict, match="We have been told"):
        desk.look("team")
    desk.press(orders.cancel)
    assert shop.api.v1.subscriptions.retrieve(pro.pk).cancel_at_period_end


# Packs


def test_it_adds_packs_at_once_and_pays_the_rest_of_the_period(
    shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace
) -> None:
    shop.advance(days=10)
    preview = desk.look_at_packs("alerts-10", 2)
    assert 0 < preview.due_now_cents < 1800
    assert preview.next_cents == PRO + 1800
    desk.packs("alerts-10", 2)
    assert orders.packs_of(workspace) == {"alerts-10": 2}
    assert terms_of(workspace).alerts == 20 + 20


def test_it_changes_and_ends_packs(shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace) -> None:
    desk.packs("alerts-10", 2)
    desk.packs("alerts-10", 3)
    assert terms_of(workspace).alerts == 50
    preview = desk.look_at_packs("alerts-10", 0)
    assert (preview.due_now_cents, preview.next_cents) == (0, PRO)
    desk.packs("alerts-10", 0)
    assert (orders.packs_of(workspace), terms_of(workspace).alerts) == ({}, 20)


def test_it_takes_packs_along_to_another_interval(
    shop: Sandbox, pro: Subscription, desk: Desk, workspace: Workspace
) -> None:
    desk.packs("alerts-10", 2)
    preview = desk.look("pro", "year")
    assert preview.next_cents == PRO_YEAR + 2 * 9000
    assert desk.confirm(preview).interval == "year"
    assert orders.packs_of(workspace) == {"alerts-10": 2}
    desk.move("pro", "month")
    shop.advance(days=367)
    apply_subscription(pro.pk)
    assert orders.packs_of(workspace) == {"alerts-10": 2}


def test_it_sells_no_more_of_what_staff_took_off_but_lets_it_be_given_up(
    pro: Subscription, desk: Desk, workspace: Workspace
) -> None:
    desk.packs("alerts-10", 2)
    AddOn.objects.filter(name="alerts-10").update(is_active=False)
    with pytest.raises(Conflict, match="no longer sold"):
        desk.look_at_packs("alerts-10", 3)
    desk.packs("alerts-10", 1)
    assert orders.packs_of(workspace) == {"alerts-10": 1}


def test_it_does_not_mix_packs_with_a_planned_move(subscribe: Subscribe, desk: Desk) -> None:
    subscribe("team")
    desk.move("pro")
    with pytest.raises(Conflict, match="Keep your plan first"):
        desk.look_at_packs("alerts-10", 1)


@pytest.mark.parametrize(
    ("add_on", "quantity", "pointer"),
    [
        ("nothing", 1, "/add_on"),
        ("history-year", 1, "/add_on"),
        ("alerts-10", -1, "/quantity"),
        ("alerts-10", 101, "/quantity"),
        ("alerts-10", 0, "/quantity"),
    ],
)
def test_it_names_what_is_wrong_with_packs(
    pro: Subscription, desk: Desk, add_on: str, quantity: int, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        desk.look_at_packs(add_on, quantity)
    assert refused.value.errors[0].pointer == pointer


# What was seen is what is done


def test_it_does_a_thing_once_however_often_it_is_confirmed(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    preview = desk.look("team")
    desk.confirm(preview)
    assert desk.confirm(preview).plan_id == "team"
    assert len(invoices(shop, pro)) == 2
    assert AuditEntry.objects.filter(action="subscription.plan_changed").count() == 1


def test_it_says_so_when_what_was_taken_back_is_confirmed_again(pro: Subscription, desk: Desk) -> None:
    """Under a key that it knows Stripe does nothing, and answers as if it had."""
    preview = desk.look_at_packs("alerts-10", 1)
    orders.set_packs(**desk.here, token=preview.token)
    desk.packs("alerts-10", 0)
    with pytest.raises(Conflict, match="taken back"):
        orders.set_packs(**desk.here, token=preview.token)
    assert AuditEntry.objects.filter(action="subscription.packs_changed").count() == 2


def test_it_plans_a_downgrade_once_and_not_again_after_it_was_dropped(subscribe: Subscribe, desk: Desk) -> None:
    subscribe("team")
    preview = desk.look("pro")
    assert [desk.confirm(preview).next_plan_id for _ in range(2)] == ["pro", "pro"]
    desk.press(orders.drop_downgrade)
    with pytest.raises(Conflict, match="taken back"):
        desk.confirm(preview)
    assert AuditEntry.objects.filter(action="subscription.plan_changed").count() == 1


def test_it_keeps_a_downgrade_that_was_planned_since_packs_were_looked_at(subscribe: Subscribe, desk: Desk) -> None:
    row = subscribe("team")
    preview = desk.look_at_packs("alerts-10", 1)
    desk.move("pro")
    with pytest.raises(Conflict, match="planned"):
        orders.set_packs(**desk.here, token=preview.token)
    row.refresh_from_db()
    assert row.next_plan_id == "pro"


def test_it_does_nothing_that_no_longer_fits(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    preview = desk.look("enterprise")
    desk.move("team")
    with pytest.raises(Conflict, match="Look at them again"):
        desk.confirm(preview)


@pytest.mark.parametrize("plan", ["enterprise", "pro"])
def test_it_charges_no_price_that_was_not_seen(shop: Sandbox, subscribe: Subscribe, desk: Desk, plan: str) -> None:
    row = subscribe("team")
    preview = desk.look(plan)
    Plan.objects.filter(name=plan).update(price_month_cents=40_000)
    set_up()
    with pytest.raises(Conflict, match="prices have changed"):
        desk.confirm(preview)
    assert len(invoices(shop, row)) == 1
    assert desk.look(plan).next_cents == 40_000


def test_it_forgets_a_preview_after_half_an_hour(
    pro: Subscription, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = desk.look("team")
    monkeypatch.setattr(previews, "GOOD_FOR", -1)
    with pytest.raises(Conflict, match="half an hour"):
        desk.confirm(preview)


def test_it_takes_no_token_that_somebody_made_up(pro: Subscription, desk: Desk) -> None:
    preview = desk.look("team")
    for token in ("", "x", preview.token[:-1], signing.dumps({"goal": {}}, salt="another")):
        with pytest.raises(Conflict):
            desk.confirm(replace(preview, token=token))


def test_it_takes_a_token_for_one_workspace_only(
    shop: Sandbox, pro: Subscription, desk: Desk, strangers_workspace: Workspace, sam: User
) -> None:
    token = desk.look("team").token
    Subscription.objects.create(
        id="sub_sam", workspace=strangers_workspace, status="active", plan_id="pro", started_at=pro.started_at
    )
    with pytest.raises(Conflict):
        orders.change_plan(workspace=strangers_workspace, actor=sam, token=token)


def test_it_names_an_idempotency_key_for_every_write(shop: Sandbox, subscribe: Subscribe, desk: Desk) -> None:
    subscribe("team")
    before = len(shop.calls())
    desk.move("pro")
    desk.press(orders.cancel)
    writes = [
        (path, key)
        for method, path, key in shop.calls()[before:]
        if method == "POST" and not path.endswith("create_preview")
    ]
    assert len(writes) == 4
    assert all(key for _, key in writes)


# Who may, and when


DEEDS: tuple[Callable[[Desk], object], ...] = (
    lambda desk: desk.look("team"),
    lambda desk: desk.look_at_packs("alerts-10", 1),
    lambda desk: desk.press(orders.cancel),
    lambda desk: desk.press(orders.resume),
    lambda desk: desk.press(orders.drop_downgrade),
)


def test_it_lets_nobody_but_owner_and_admin(
    pro: Subscription, desk: Desk, workspace: Workspace, ada: User, max: User, sam: User
) -> None:
    token = desk.look("team").token
    for user, refusal in ((max, Forbidden), (sam, NotFound)):
        for deed in DEEDS:
            with pytest.raises(refusal):
                deed(Desk(workspace, user))
        with pytest.raises(refusal):
            orders.change_plan(workspace=workspace, actor=user, token=token)
    assert Desk(workspace, ada).move("team").plan_id == "team"


def test_it_needs_a_subscription(desk: Desk) -> None:
    Plan.objects.filter(name="team").update(price_id_month="price_1")
    with pytest.raises(Conflict, match="Choose a plan first"):
        desk.look("team")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": "past_due"}, "Pay the open invoice"),
        ({"status": "unpaid"}, "Pay the open invoice"),
        ({"suspended_at": "2026-01-01T00:00Z"}, "suspended"),
        ({"cancels_at": "2026-01-01T00:00Z"}, "Resume it first"),
        ({"cancel_requested_at": "2026-01-01T00:00Z"}, "being ended"),
    ],
)
def test_it_says_what_comes_before_a_change(pro: Subscription, desk: Desk, values: dict[str, Any], reason: str) -> None:
    Subscription.objects.filter(pk=pro.pk).update(**values)
    with pytest.raises(Conflict, match=reason):
        desk.look("team")


def test_it_refuses_the_plan_that_is_there(pro: Subscription, desk: Desk) -> None:
    with pytest.raises(Conflict, match="already"):
        desk.look("pro")


def test_it_changes_nothing_while_stripe_is_away(shop: Sandbox, pro: Subscription, desk: Desk) -> None:
    preview = desk.look("team")
    shop.down("500")
    with pytest.raises(Unavailable):
        desk.confirm(preview)
    with pytest.raises(Unavailable):
        desk.press(orders.cancel)
    shop.up()
    assert desk.confirm(preview).plan_id == "team"
