"""Money that goes back: what suspends, what is for staff, what gives the plan back, whatever comes first or twice."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry, User, Workspace
from billing.cases import close_case
from billing.limits import terms_of
from billing.models import Case, Subscription
from billing.payments.subscriptions import apply_subscription
from billing.payments.suspension import judge_dispute, judge_refund, lift_suspension
from moondev.lib.errors import Unavailable
from tests.billing.payments.seller import Seller

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.3)]


@pytest.fixture
def paid(seller: Seller, workspace: Workspace) -> str:
    """A subscription to pro with a pack of alerts, paid and applied."""
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    apply_subscription(pk)
    return pk


def has(workspace: Workspace) -> tuple[str, int]:
    """Plan and alerts."""
    terms = terms_of(workspace)
    return terms.plan, terms.alerts


def open_cases() -> list[tuple[str, str]]:
    return list(Case.objects.filter(closed_at=None).values_list("kind", "reference"))


def refund(seller: Seller, charge: str, cents: int | None = None) -> None:
    seller.api.refunds.create({"charge": charge, **({"amount": cents} if cents else {})})


@pytest.mark.stripe_live
def test_a_full_refund_takes_plan_and_packs(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    judge_refund(charge)
    assert has(workspace) == ("free", 3)
    row = apply_subscription(paid)
    assert row is not None
    assert (row.status, row.suspended_because) == ("active", "Full refund of the last payment")
    assert (has(workspace), open_cases()) == (("free", 3), [])


@pytest.mark.stripe_live
def test_a_full_refund_in_two_parts_is_one(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge, 2000)
    judge_refund(charge)
    assert (has(workspace), open_cases()) == (("pro", 30), [("partial_refund", charge)])
    assert "20.00 of 58.00 USD" in Case.objects.get().detail
    refund(seller, charge)
    judge_refund(charge)
    assert (has(workspace), open_cases()) == (("free", 3), [])


@pytest.mark.stripe_live
def test_a_partial_refund_that_staff_have_seen_is_no_case_twice(seller: Seller, paid: str, rita: User) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge, 100)
    judge_refund(charge)
    close_case(case=Case.objects.get(), note="A discount that was forgotten", actor=rita)
    judge_refund(charge)
    assert open_cases() == []
    refund(seller, charge, 100)
    judge_refund(charge)
    assert open_cases() == [("partial_refund", charge)]


def test_a_refund_of_an_older_payment_is_for_staff(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    seller.sandbox.advance(days=32)
    refund(seller, charge)
    judge_refund(charge)
    assert (has(workspace), open_cases()) == (("pro", 30), [("partial_refund", charge)])


def add_a_pack(seller: Seller, paid: str) -> str:
    """Ten more alerts for the rest of the month; the charge for them."""
    seller.sandbox.advance(days=10)
    seller.move(paid, "alerts-10", at=1, quantity=2)
    seller.sandbox.advance(days=1)
    return seller.charge_of(paid)


def test_a_refund_of_packs_within_the_month_is_for_staff(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = add_a_pack(seller, paid)
    refund(seller, charge)
    judge_refund(charge)
    apply_subscription(paid)
    assert (has(workspace), open_cases()) == (("pro", 40), [("partial_refund", charge)])


def test_packs_of_later_do_not_hide_a_refund_of_the_month(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    add_a_pack(seller, paid)
    refund(seller, charge)
    judge_refund(charge)
    assert (has(workspace), open_cases()) == (("free", 3), [])


@pytest.mark.parametrize(("is_older", "plan", "cases"), [(True, "pro", ["partial_refund"]), (False, "free", [])])
def test_a_change_to_a_year_begins_a_period_of_its_own(
    is_older: bool, plan: str, cases: list[str], seller: Seller, workspace: Workspace
) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    month = seller.charge_of(pk)
    seller.sandbox.advance(days=1)
    seller.move(pk, "pro/year")
    seller.sandbox.advance(days=1)
    charge = month if is_older else seller.charge_of(pk)
    refund(seller, charge)
    judge_refund(charge)
    assert (terms_of(workspace).plan, [kind for kind, _ in open_cases()]) == (plan, cases)


def test_the_refund_may_be_the_first_that_we_hear(seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    charge = seller.charge_of(pk)
    refund(seller, charge)
    judge_refund(charge)
    assert has(workspace) == ("free", 3)
    assert seller.tell() > 5
    assert has(workspace) == ("free", 3)


def test_a_repeated_refund_does_not_undo_what_staff_decided(
    seller: Seller, paid: str, workspace: Workspace, rita: User
) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    judge_refund(charge)
    row = lift_suspension(subscription=Subscription.objects.get(), actor=rita, reason="goodwill")
    assert (row.suspended_at, row.suspended_because) == (None, "")
    assert has(workspace) == ("pro", 30)
    judge_refund(charge)
    assert has(workspace) == ("pro", 30)
    entry = AuditEntry.objects.get(action="subscription.suspension_lifted")
    assert (entry.actor, entry.data["reason"]) == (rita, "goodwill")


def test_lifted_while_stripe_is_away_it_says_so(seller: Seller, paid: str, workspace: Workspace, rita: User) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    judge_refund(charge)
    seller.sandbox.down("500")
    with pytest.raises(Unavailable, match="lifted"):
        lift_suspension(subscription=Subscription.objects.get(), actor=rita, reason="goodwill")
    seller.sandbox.up()
    apply_subscription(paid)
    assert has(workspace) == ("pro", 30)


def test_the_next_paid_renewal_gives_it_back(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    judge_refund(charge)
    seller.sandbox.advance(days=32)
    apply_subscription(paid)
    assert has(workspace) == ("pro", 30)
    judge_refund(charge)
    assert has(workspace) == ("pro", 30)


def test_neither_do_an_upgrade_after_it_and_late_news_undo_that(
    seller: Seller, paid: str, workspace: Workspace
) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    seller.sandbox.advance(days=32)
    seller.move(paid, "team")
    judge_refund(charge)
    assert has(workspace) == ("team", 60)
    assert open_cases() == []


def test_an_upgrade_right_after_the_refund_does_not_hide_it(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    seller.move(paid, "team")
    judge_refund(charge)
    assert (has(workspace), open_cases()) == (("free", 3), [])


def test_a_small_upgrade_does_not(seller: Seller, paid: str, workspace: Workspace) -> None:
    charge = seller.charge_of(paid)
    refund(seller, charge)
    judge_refund(charge)
    seller.move(paid, "team")
    apply_subscription(paid)
    assert has(workspace) == ("free", 3)


def test_an_open_dispute_is_for_staff_and_a_lost_one_suspends(seller: Seller, paid: str, workspace: Workspace) -> None:
    dispute = seller.sandbox.lever("disputes", charge=seller.charge_of(paid), reason="fraudulent")["id"]
    judge_dispute(dispute)
    assert (has(workspace), open_cases()) == (("pro", 30), [("dispute", dispute)])
    assert Case.objects.get().detail.endswith("USD, fraudulent: needs response.")
    assert "58.00 USD, fraudulent" in Case.objects.get().detail
    assert Case.objects.get().workspace == workspace
    seller.sandbox.lever(f"disputes/{dispute}/close", status="lost")
    for _ in range(2):
        judge_dispute(dispute)
    assert (has(workspace), open_cases()) == (("free", 3), [])


def test_a_dispute_that_is_won_changes_nothing(seller: Seller, paid: str, workspace: Workspace) -> None:
    dispute = seller.sandbox.lever("disputes", charge=seller.charge_of(paid), reason="fraudulent")["id"]
    judge_dispute(dispute)
    seller.sandbox.lever(f"disputes/{dispute}/close", status="won")
    judge_dispute(dispute)
    assert (has(workspace), open_cases()) == (("pro", 30), [])


def test_events_alone_bring_it_about(seller: Seller, paid: str, workspace: Workspace) -> None:
    seen = seller.tell()
    dispute = seller.sandbox.lever("disputes", charge=seller.charge_of(paid), reason="fraudulent")["id"]
    seen = seller.tell(since=seen)
    assert open_cases() == [("dispute", dispute)]
    seller.sandbox.lever(f"disputes/{dispute}/close", status="lost")
    seller.tell(since=seen)
    assert (has(workspace), open_cases()) == (("free", 3), [])


def test_money_of_another_shop_is_none_of_ours(seller: Seller) -> None:
    price = seller.price("a mug", 1500, None)
    session = seller.api.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price": price, "quantity": 1}], "success_url": "https://a.example/"}
    )
    seller.sandbox.pay(str(session.url), email="sam@example.com")
    charge = seller.api.charges.list().data[0].id
    refund(seller, charge)
    judge_refund(charge)
    seller.tell()
    assert open_cases() == []
