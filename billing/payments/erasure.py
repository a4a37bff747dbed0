"""Forgetting who a customer was. Amounts, dates and numbers of invoices stay for the books; who paid them goes.

What Stripe keeps is Stripe's and the operator's: docs/billing.md says how to have it erased there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.models import Q
from djstripe.models import Charge
from djstripe.models import Customer as CustomerCopy
from djstripe.models.base import StripeBaseModel

from accounts.models import Workspace
from accounts.signals import workspace_erasing
from billing.models import Claim, Customer, StripeEvent
from billing.payments.customers import customers_of

# What may name or reach a person, wherever it stands in an object of Stripe's.
# fmt: off
PERSONAL = frozenset({
    "account_name", "address", "bank_account", "billing_details", "business_name", "client_secret",
    "custom_fields", "customer_address", "customer_details", "customer_email", "customer_email_address",
    "customer_name", "customer_phone", "customer_purchase_ip", "customer_shipping", "customer_signature",
    "customer_tax_ids", "email", "evidence", "exp_month", "exp_year", "fingerprint", "hosted_invoice_url",
    "iin", "individual_name", "invoice_pdf", "ip_address", "last4", "name_on_card", "owner", "phone",
    "preferred_locales", "receipt_email", "receipt_url", "shipping", "shipping_address_lines",
    "shipping_details", "tax_ids", "verified_email", "verified_name", "verified_phone",
})
# fmt: on
# Only of these a name is a person's; of products, coupons and plans it is not.
NAMED = frozenset({"customer", "source", "card", "tax_id"})
KEPT_METADATA = frozenset({"workspace", "plan", "add_on"})


def forget(value: Any) -> Any:
    """The same JSON without anything personal; what is taken out becomes null."""
    if isinstance(value, list):
        return [forget(part) for part in value]
    if not isinstance(value, dict):
        return value
    # In an event's data `object` is the object itself.
    is_named = isinstance(kind := value.get("object"), str) and kind in NAMED
    hidden = PERSONAL | {"name", "description", "value"} if is_named else PERSONAL
    return {name: _forgotten(name, part, hidden) for name, part in value.items()}


def forget_workspace(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """Take the persons out of everything that came from Stripe. Sent inside the erasing transaction."""
    Claim.objects.filter(subscription__workspace=workspace).update(email="", claimed_by=None)
    if ids := customers_of(workspace):
        _forget_events(ids)
        _forget_copies(ids)


def forget_late_news(events: Collection[StripeEvent]) -> bool:
    """Whether these are about somebody who is erased, as of the end of what they paid; then their payloads forget too.

    They are acted on, and must not be copied.
    """
    about = {event.pk: {event.customer_id, event.object_id} for event in events}
    erased = Customer.objects.filter(pk__in=set().union(*about.values()), workspace__erased_at__isnull=False)
    gone = set(erased.values_list("pk", flat=True))
    for event in events:
        if about[event.pk] & gone:
            event.payload = forget(event.payload)
            event.save(update_fields=["payload"])
    return bool(gone)


def connect() -> None:
    """Called once, when the app starts."""
    workspace_erasing.connect(forget_workspace, dispatch_uid="billing.erasure.workspace_erasing")


def _forgotten(name: str, value: Any, hidden: frozenset[str]) -> Any:
    if name == "metadata" and isinstance(value, dict):
        return {key: text for key, text in value.items() if key in KEPT_METADATA}
    return None if name in hidden else forget(value)


def _forget_events(ids: set[str]) -> None:
    """A card that was taken off names its customer only in what it was before."""
    before = Q(payload__data__previous_attributes__customer__in=list(ids))
    about = Q(customer_id__in=ids) | Q(object_id__in=ids) | before
    for event in StripeEvent.objects.filter(about).iterator(chunk_size=200):
        event.payload = forget(event.payload)
        event.save(update_fields=["payload"])


def _forget_copies(ids: set[str]) -> None:
    """dj-stripe's tables. Each holds the object as JSON, and the customer's id in it."""
    # A card that was taken off names nobody any more; the charges that it paid name the card.
    paid_with = _of(Charge, ids).values_list("stripe_data__payment_method", flat=True)
    cards = {card for card in paid_with if isinstance(card, str)}
    for model in apps.get_app_config("djstripe").get_models():
        if issubclass(model, StripeBaseModel) and "id" in {field.name for field in model._meta.concrete_fields}:
            for row in _of(model, ids | cards).iterator(chunk_size=200):
                row.stripe_data = forget(row.stripe_data)
                row.save(update_fields=["stripe_data"])
    CustomerCopy.objects.filter(id__in=ids).update(email="")


def _of(model: Any, ids: set[str]) -> Any:
    """The copies that have or name one of these ids."""
    return model._default_manager.filter(Q(id__in=ids) | Q(stripe_data__customer__in=list(ids)))
