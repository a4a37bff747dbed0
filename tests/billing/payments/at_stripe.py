"""What Stripe's own objects say of the one subscription that a test is about."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEntry
from billing.models import Case, StripeEvent, Subscription
from tests.billing.payments.seller import Seller


class AtStripe:
    """Reads it from the sandbox; what was read holds until `news` is asked for, as preconditions ask many times."""

    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.subscription = ""
        self.newest_event = ""
        self.renewals_before_refund: set[str] | None = None
        self.read: dict[str, Any] = {}

    def news(self) -> list[dict[str, Any]]:
        """The events since the last time, and from now on everything is read anew."""
        self.read = {}
        params: Any = {"limit": 100, **({"ending_before": self.newest_event} if self.newest_event else {})}
        found = self.seller.api.events.list(params)
        assert not found.has_more
        if found.data:
            self.newest_event = found.data[0].id
        return [event.to_dict() for event in found.data]

    def fresh(self) -> dict[str, Any]:
        return self.seller.api.subscriptions.retrieve(self.subscription).to_dict()

    def at_stripe(self) -> dict[str, Any]:
        if "subscription" not in self.read:
            self.read["subscription"] = self.fresh()
        found: dict[str, Any] = self.read["subscription"]
        return found

    def status(self) -> str:
        return str(self.at_stripe()["status"]) if self.subscription else ""

    def invoices(self) -> list[dict[str, Any]]:
        """Newest first, with their payments."""
        params: Any = {"subscription": self.subscription, "limit": 100, "expand": ["data.payments"]}
        return [invoice.to_dict() for invoice in self.seller.api.invoices.list(params).data]

    def paid_renewals(self) -> set[str]:
        """Renewals for which money came."""
        paid = [row for row in self.invoices() if row["amount_paid"] and row["status"] == "paid"]
        return {row["id"] for row in paid if row["billing_reason"] == "subscription_cycle"}

    def refundable(self) -> str | None:
        """The charge of the last payment for a period, unless it went back already."""
        if "refundable" not in self.read:
            self.read["refundable"] = self._refundable()
        found: str | None = self.read["refundable"]
        return found

    def is_refunded(self) -> bool:
        """Whether the last payment went back and no renewal was paid since."""
        before = self.renewals_before_refund
        return before is not None and self.paid_renewals() <= before

    def story(self) -> str:
        """What we did and what was to be done, for whoever has to find out why."""
        deeds = [f"{deed.action} {deed.target} {deed.data}" for deed in AuditEntry.objects.order_by("pk")]
        cases = [f"{case.kind} {case.reference} {case.detail}" for case in Case.objects.all()]
        told = [f"{row.type} {row.object_id} {row.attempts}" for row in StripeEvent.objects.order_by("finished_at")]
        paid = [f"{row['id']} {row['status']} {row['created']} {row['amount_paid']}" for row in self.invoices()]
        refunds = [f"{row.id} {row.charge} {row.created}" for row in self.seller.api.refunds.list().data]
        return "\n".join([*deeds, *cases, *told, *paid, *refunds, str(Subscription.objects.values().get())])

    def _refundable(self) -> str | None:
        invoices = self.invoices() if self.subscription else []
        paid = [row for row in invoices if row["amount_paid"] and any(map(is_whole, row["lines"]["data"]))]
        if not paid:
            return None
        intent = paid[0]["payments"]["data"][-1]["payment"]["payment_intent"]
        charge = next(row for row in self.seller.api.charges.list({"payment_intent": intent}).data if row.paid)
        return None if charge.amount_refunded else charge.id


def is_whole(line: dict[str, Any]) -> bool:
    """Whether a line pays for a whole period, and not for the rest of one as an upgrade does."""
    return line["amount"] > 0 and not line["parent"]["subscription_item_details"]["proration"]
