"""Payment on the staff site: subscriptions, events, cases, add-ons and money; each deed asks first and is audited."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from djstripe.models import Customer as CustomerCopy
from djstripe.models import Invoice

from accounts.models import AuditEntry, User, Workspace
from billing.cases import close_case, open_case, settle_cases
from billing.limits import terms_of
from billing.models import AddOn, Boost, Case, Customer, Entitlement, Plan, StripeEvent, Subscription
from billing.payments.revenue import overview
from billing.payments.subscriptions import apply_subscription
from billing.payments.suspension import suspend
from moondev.lib.errors import Conflict, Forbidden, Invalid
from moondev.lib.queue import State
from tests.billing.payments.seller import Seller
from tests.staff.conftest import in_days, page, subscribe, tell

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.2)]
REVENUE = "/admin/billing/subscription/revenue/"
SUBSCRIPTIONS = "/admin/billing/subscription/"


def deeds(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


def test_a_subscription_is_cancelled_now_with_a_reason(desk: Client, rows: Any, rita: User) -> None:
    address = page(Subscription, "cancel", "sub_olivia")
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"reason": " "}).status_code == 200
    assert Subscription.objects.get(pk="sub_olivia").cancel_requested_at is None
    assert desk.post(address, {"reason": "fraud"}).status_code == 302
    assert Subscription.objects.get(pk="sub_olivia").cancel_requested_at is not None
    entry = deeds("subscription.cancel_requested")[0]
    assert (entry.actor, entry.target, entry.data) == (rita, "sub_olivia", {"reason": "fraud"})
    assert desk.post(address, {"reason": "again"}).status_code == 403


def test_the_buttons_are_there_for_whoever_comes_from_the_list(desk: Client, workspace: Workspace) -> None:
    """Ids are quoted in a list's links, and `_22` in one is no quoted character."""
    subscribe(workspace, "sub_22seen")
    link = re.search(r'href="(/admin/billing/subscription/[^"]*22seen/change/[^"]*)"', _text(desk, SUBSCRIPTIONS))
    assert link is not None
    button = re.search(r'href="(/admin/billing/subscription/[^"]*cancel[^"]*)"', _text(desk, link[1]))
    assert button is not None
    answer = desk.post(button[1], {"reason": "fraud"})
    assert answer.status_code == 302
    assert desk.get(answer["Location"]).status_code == 200
    assert Subscription.objects.get(pk="sub_22seen").cancel_requested_at is not None


def test_links_to_what_stripe_named_lead_there(desk: Client, workspace: Workspace) -> None:
    """Stripe's ids may hold `_22`, which an address of the site would take for a quoted character."""
    subscribe(workspace, "sub_22seen")
    tell("evt_22seen", "invoice.payment_failed", "in_1", f"cus_{workspace.slug}")
    texts = [_text(desk, address) for address in (page(Workspace, "billing", workspace.pk), REVENUE)]
    links = re.findall(r'href="(/admin/billing/[^"]*22seen/change/)"', "".join(texts))
    assert len(links) == 3
    assert {desk.get(link).status_code for link in links} == {200}


def _text(desk: Client, address: str) -> str:
    return desk.get(address).content.decode()


def test_what_has_ended_is_not_cancelled(desk: Client, workspace: Workspace) -> None:
    subscribe(workspace, "sub_gone", status="canceled")
    assert desk.post(page(Subscription, "cancel", "sub_gone"), {"reason": "late"}).status_code == 403


def test_a_subscription_shows_its_grants_and_packs(desk: Client, rows: Any, workspace: Workspace) -> None:
    row = rows[Subscription]
    Entitlement.objects.create(
        workspace=workspace, plan_id="pro", source="stripe", subscription=row, reason="Subscription sub_olivia"
    )
    Boost.objects.create(workspace=workspace, add_on_id="alerts-10", quantity=3, subscription=row)
    text = desk.get(page(Subscription, "change", row.pk)).content.decode()
    assert "Subscription sub_olivia" in text
    assert "10 more alerts" in text


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({}, "active"),
        ({"suspended_at": in_days(-1)}, "suspended"),
        ({"cancels_at": in_days(3)}, "ending"),
        ({"status": "past_due"}, "past due"),
        ({"status": "canceled", "cancels_at": in_days(-3)}, "canceled"),
    ],
)
def test_a_subscriptions_state_is_a_word(values: Any, label: str, workspace: Workspace) -> None:
    from billing.staff.subscriptions import LABELS, state_of

    assert state_of(subscribe(workspace, "sub_state", **values)) == label
    assert label in LABELS


def test_it_links_to_stripes_own_page_unless_the_sandbox_plays_stripe(desk: Client, rows: Any, settings: Any) -> None:
    address = page(Subscription, "change", "sub_olivia")
    link = "https://dashboard.stripe.com/test/subscriptions/sub_olivia"
    assert link in desk.get(address).content.decode()
    settings.STRIPE_SANDBOX = True
    assert link not in desk.get(address).content.decode()


def test_a_workspace_is_seen_side_by_side(desk: Client, rows: Any, workspace: Workspace) -> None:
    tell("evt_foreign", "invoice.paid", "in_foreign", "cus_foreign")
    Customer.objects.create(id="cus_earlier", workspace=workspace, is_current=False)
    tell("evt_earlier", "invoice.voided", "in_earlier", "cus_earlier")
    text = desk.get(page(Workspace, "billing", workspace.pk)).content.decode()
    for told in ("cus_olivia-co", "$49.00", "pilot", "customer.subscription.created", "Open dispute", "Unrecognized"):
        assert told in text, told
    assert ("paid before as <strong>cus_earlier" in text, "invoice.voided" in text) == (True, True)
    assert "evt_foreign" not in text


def test_a_workspace_that_never_paid_has_an_empty_page(desk: Client, strangers_workspace: Workspace) -> None:
    text = desk.get(page(Workspace, "billing", strangers_workspace.pk)).content.decode()
    assert "has no customer in Stripe" in text
    assert "the workspace is on free" in text


def test_only_who_may_see_all_of_it_sees_the_billing_page(clerk: Any, workspace: Workspace) -> None:
    browser = clerk("accounts.view_workspace", "billing.view_subscription", "billing.view_entitlement")
    assert browser.get(page(Workspace, "billing", workspace.pk)).status_code == 403


def test_an_event_is_shown_as_it_came_and_escaped(desk: Client) -> None:
    payload = {"id": "evt_x", "data": {"object": {"name": "<script>alert(1)</script>"}}}
    tell("evt_x", "customer.updated", "cus_x", "cus_x", payload=payload)
    text = desk.get(page(StripeEvent, "change", "evt_x")).content.decode()
    assert "&quot;evt_x&quot;" in text
    assert "<script>alert(1)" not in text


def test_an_event_is_processed_again(desk: Client, rita: User) -> None:
    tell("evt_p", "invoice.paid", "in_1", "cus_1", state="parked", attempts=5, last_error="broken")
    assert desk.post(page(StripeEvent, "replay", "evt_p")).status_code == 302
    row = StripeEvent.objects.get(pk="evt_p")
    assert (row.state, row.attempts) == (State.WAITING, 0)
    assert [(entry.actor, entry.target) for entry in deeds("stripe_event.replayed")] == [(rita, "evt_p")]


def test_an_event_that_is_worked_on_is_left_alone(desk: Client) -> None:
    tell("evt_r", "invoice.paid", "in_1", "cus_1", state="running")
    assert desk.post(page(StripeEvent, "replay", "evt_r")).status_code == 403


def test_an_event_of_an_erased_workspace_is_not_read_again(desk: Client, rows: Any, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(erased_at=in_days(-1))
    text = desk.post(page(StripeEvent, "replay", "evt_1")).content.decode()
    assert "The workspace was erased" in text
    assert StripeEvent.objects.get(pk="evt_1").state == State.DONE


def test_a_case_is_closed_once_with_a_note(desk: Client, rows: Any, rita: User) -> None:
    address = page(Case, "close", rows[Case].pk)
    assert desk.post(address, {"note": ""}).status_code == 200
    assert desk.post(address, {"note": "Answered in Stripe"}).status_code == 302
    case = Case.objects.get(pk=rows[Case].pk)
    assert (case.note, case.closed_by, case.closed_at is None) == ("Answered in Stripe", rita, False)
    assert deeds("case.closed")[0].data == {"kind": "dispute", "note": "Answered in Stripe"}
    assert desk.post(address, {"note": "again"}).status_code == 403


def test_a_case_is_staffs_and_needs_a_note(rows: Any, rita: User, olivia: User) -> None:
    case = rows[Case]
    with pytest.raises(Forbidden):
        close_case(case=case, note="mine", actor=olivia)
    with pytest.raises(Invalid):
        close_case(case=case, note=" ", actor=rita)
    close_case(case=case, note="done", actor=rita)
    with pytest.raises(Conflict):
        close_case(case=case, note="done", actor=rita)


def test_one_case_is_open_for_one_thing(workspace: Workspace) -> None:
    first = open_case(kind=Case.Kind.DRIFT, reference="sub_1", detail="one")
    again = open_case(kind=Case.Kind.DRIFT, reference="sub_1", detail="two", workspace=workspace)
    assert (first.pk, again.detail, again.workspace) == (again.pk, "two", workspace)
    assert settle_cases(kind=Case.Kind.DRIFT, reference="sub_1", note="agrees again") == 1
    assert open_case(kind=Case.Kind.DRIFT, reference="sub_1", detail="three").pk != first.pk


def test_an_add_on_is_edited_and_audited(desk: Client, rita: User) -> None:
    row = AddOn.objects.get(name="alerts-10")
    form = {**{name: "" if value is None else value for name, value in row.numbers().items()}, "price_cents": 1100}
    assert desk.post(page(AddOn, "change", "alerts-10"), form).status_code == 302
    assert AddOn.objects.get(name="alerts-10").price_cents == 1100
    entry = deeds("add_on.changed")[0]
    assert (entry.actor, entry.target, entry.data) == (rita, "alerts-10", {"changed": {"price_cents": [900, 1100]}})


@pytest.mark.parametrize(("model", "pk", "cents"), [(Plan, "pro", "price_month_cents"), (AddOn, "seat", "price_cents")])
def test_a_changed_price_says_that_stripe_has_the_old_one(model: Any, pk: str, cents: str, desk: Client) -> None:
    row = model.objects.get(pk=pk)
    form = {name: "" if value is None else value for name, value in row.numbers().items() if name != "rank"}
    for change, warned in ((form, False), ({**form, cents: 777}, True)):
        text = desk.post(page(model, "change", pk), change, follow=True).content.decode()
        assert ("stripe_setup" in text) is warned


def test_what_an_add_on_raises_never_changes(desk: Client) -> None:
    row = AddOn.objects.get(name="seat")
    desk.post(page(AddOn, "change", "seat"), {**row.numbers(), "valid_days": "", "raises": "alerts", "amount": 2})
    row.refresh_from_db()
    assert (row.raises, row.amount) == ("seats", 2)


def test_one_seat_is_no_seats(desk: Client) -> None:
    text = desk.get(page(AddOn, "changelist")).content.decode()
    assert "1 seat<" in text
    assert "10 alerts<" in text


def test_an_add_on_is_added(desk: Client) -> None:
    form = {
        "name": "alerts-200", "title": "200 more alerts", "raises": "alerts", "amount": 200, "is_recurring": "on",
        "price_cents": 9900, "is_active": "on",
    }  # fmt: skip
    assert desk.post(page(AddOn, "add"), form).status_code == 302
    assert deeds("add_on.created")[0].target == "alerts-200"


def test_a_recurring_add_on_with_an_end_is_refused(desk: Client) -> None:
    form = {"name": "odd", "title": "Odd", "raises": "alerts", "amount": 1, "is_recurring": "on", "price_cents": 1}
    text = desk.post(page(AddOn, "add"), {**form, "valid_days": 3}).content.decode()
    assert "leave the days empty" in text


def test_a_grant_is_extended_with_a_reason(desk: Client, rows: Any, rita: User, workspace: Workspace) -> None:
    grant = rows[Entitlement]
    address = page(Entitlement, "extend", grant.pk)
    later = f"{in_days(60):%Y-%m-%dT%H:%M}"
    assert f"The grant ends on {grant.ends_at:%Y-%m-%d at %H:%M} UTC." in desk.get(address).content.decode()
    assert desk.post(address, {"ends_at": later, "reason": ""}).status_code == 200
    assert desk.post(address, {"ends_at": later, "reason": "still a pilot"}).status_code == 302
    grant.refresh_from_db()
    assert f"{grant.ends_at:%Y-%m-%dT%H:%M}" == later
    assert terms_of(workspace).plan == "team"
    entry = deeds("entitlement.extended")[0]
    assert (entry.actor, entry.data["why"]) == (rita, "still a pilot")


def test_a_grant_is_extended_to_a_later_end_only(desk: Client, rows: Any) -> None:
    form = {"ends_at": f"{in_days(2):%Y-%m-%dT%H:%M}", "reason": "shorter"}
    text = desk.post(page(Entitlement, "extend", rows[Entitlement].pk), form).content.decode()
    assert "to a later end" in text


def test_a_paid_plan_is_neither_extended_nor_ended_here(desk: Client, rows: Any, workspace: Workspace) -> None:
    paid = Entitlement.objects.create(
        workspace=workspace, plan_id="pro", source="stripe", subscription=rows[Subscription], reason="paid"
    )
    form = {"ends_at": f"{in_days(60):%Y-%m-%dT%H:%M}", "reason": "longer"}
    for name in ("extend", "end"):
        assert desk.post(page(Entitlement, name, paid.pk), form).status_code == 403


def invoice_copy(subscription: str, paid_cents: int) -> None:
    """dj-stripe's copy of an invoice for a subscription of nobody's."""
    CustomerCopy.objects.get_or_create(id="cus_nobody", defaults={"livemode": False, "stripe_data": {}})
    parent = {"type": "subscription_details", "subscription_details": {"subscription": subscription}}
    data = {"id": f"in_{subscription}", "parent": parent, "amount_paid": paid_cents}
    Invoice.objects.create(id=data["id"], customer_id="cus_nobody", livemode=False, stripe_data=data)


def test_revenue_counts_what_is_paid_and_nothing_else(workspace: Workspace, strangers_workspace: Workspace) -> None:
    subscribe(workspace, "sub_pro")
    subscribe(strangers_workspace, "sub_team", plan_id="team", monthly_cents=12416, status="past_due")
    subscribe(None, "sub_trial", status="trialing")
    subscribe(None, "sub_suspended", suspended_at=in_days(-1))
    subscribe(None, "sub_present", monthly_cents=0, started_at=in_days(-90))
    subscribe(None, "sub_tried", status="canceled", started_at=in_days(-60), ended_at=in_days(-25))
    subscribe(None, "sub_old", status="canceled", started_at=in_days(-90), ended_at=in_days(-5))
    for pk, cents in (("sub_old", 4900), ("sub_tried", 0)):
        invoice_copy(pk, cents)
    subscribe(None, "sub_older", status="canceled", started_at=in_days(-90), ended_at=in_days(-50))
    subscribe(None, "sub_never", status="incomplete_expired")
    tell("evt_f1", "invoice.payment_failed", "in_1", "cus_1")
    tell("evt_f2", "invoice.payment_failed", "in_1", "cus_1")
    tell("evt_f3", "invoice.payment_failed", "in_2", "cus_1", created_at=in_days(-31))
    money = overview()
    assert (money.monthly_cents, money.yearly_cents, money.paying) == (17316, 12 * 17316, 2)
    assert (money.trials, money.past_due, money.past_due_cents, money.suspended) == (1, 1, 12416, 1)
    assert (money.new, money.churned, money.churned_cents, money.churn) == (4, 1, 4900, 100.0)
    assert money.failed_payments == 1
    assert [(row.plan.name, row.monthly_cents, row.share) for row in money.plans] == [
        ("pro", 4900, 39),
        ("team", 12416, 100),
        ("enterprise", 0, 0),
    ]


def test_play_money_is_no_revenue_where_real_money_is_taken(desk: Client, workspace: Workspace, settings: Any) -> None:
    subscribe(workspace, "sub_test")
    subscribe(None, "sub_trial", status="trialing")
    subscribe(None, "sub_late", status="past_due")
    subscribe(None, "sub_old", status="canceled", started_at=in_days(-90), ended_at=in_days(-5))
    invoice_copy("sub_old", 4900)
    tell("evt_f1", "invoice.payment_failed", "in_1", "cus_1")
    settings.STRIPE_LIVE_MODE = True
    money = overview()
    assert (money.monthly_cents, money.paying, money.trials, money.past_due_cents) == (0, 0, 0, 0)
    assert (money.new, money.churned, money.churn, money.failed_payments) == (0, 0, None, 0)
    assert {(row.subscriptions, row.monthly_cents) for row in money.plans} == {(0, 0)}
    shown = {look: "sub_test" in _text(desk, f"{SUBSCRIPTIONS}?look={look}") for look in ("live", "paying")}
    assert shown == {"live": False, "paying": False}


def test_revenue_counts_plans_that_staff_gave_apart(rows: Any, workspace: Workspace) -> None:
    assert overview().comped == 0
    Subscription.objects.all().delete()
    assert overview().comped == 1
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=in_days(0), erase_after=in_days(30))
    assert overview().comped == 0


def test_the_revenue_page_shows_it(desk: Client, rows: Any) -> None:
    text = desk.get(REVENUE).content.decode()
    assert re.sub(r"<[^>]+>|\s", "", text.partition("<h1")[2].partition(">")[2].partition("</h1>")[0]) == "Revenue"
    assert "$49.00" in text
    assert "$588.00" in text


def test_an_empty_revenue_page_opens(desk: Client) -> None:
    assert "None in the last 30 days" in desk.get(REVENUE).content.decode()


def test_who_may_not_see_subscriptions_sees_no_money(clerk: Any) -> None:
    assert clerk("billing.view_plan").get(REVENUE).status_code == 403


def test_the_menu_marks_the_page_that_is_open(desk: Client) -> None:
    groups = desk.get(REVENUE).context["sidebar_navigation"]
    active = [item["title"] for group in groups for item in group["items"] if item["active"]]
    assert active == ["Revenue"]


def test_a_suspension_is_lifted_with_a_reason(desk: Client, rita: User, seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    assert desk.post(page(Subscription, "lift", pk), {"reason": "nothing to lift"}).status_code == 403
    suspend(subscription_id=pk, by="ch_1", because="Full refund of the last payment")
    assert terms_of(workspace).plan == "free"
    assert desk.get(page(Subscription, "lift", pk)).status_code == 200
    assert desk.post(page(Subscription, "lift", pk), {"reason": "paid by bank"}).status_code == 302
    assert terms_of(workspace).plan == "pro"
    assert deeds("subscription.suspension_lifted")[0].actor == rita


def test_a_subscription_is_read_from_stripe(desk: Client, seller: Seller, workspace: Workspace) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    Subscription.objects.filter(pk=pk).update(status="canceled")
    assert desk.post(page(Subscription, "read_again", pk)).status_code == 302
    assert Subscription.objects.get(pk=pk).status == "active"
    seller.sandbox.down("500")
    assert "away" in desk.post(page(Subscription, "read_again", pk)).content.decode()
