"""Packs that are paid once, compared: a sale whose news was lost, and rows that were deleted or changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from accounts.models import AuditEntry
from billing import changes
from billing.models import Boost
from billing.payments import packs
from billing.payments.boosts import ENDED, GRANTED, MOMENTS
from billing.payments.drift import Drift, is_on_its_way
from billing.payments.stripe_api import client

PAGE = 100
# A payment, and the add-on that it bought.
Sale = tuple[str, str]


def changed_rows(*, repair: bool) -> Iterator[Drift]:
    """Packs, however old, that are not as they were written down when they were given or taken away."""
    rows = {(row.payment_id, row.add_on_id): row for row in Boost.objects.filter(subscription=None)}
    for sale, values in _written_down().items():
        row = rows.get(sale)
        different = [name for name, value in values.items() if row is None or getattr(row, name) != value]
        if different:
            if repair:
                _write(sale, values, row)
            what = f"{', '.join(different)} of its pack is not what was written down" if row else "its pack is gone"
            yield Drift(sale[0], what, is_mended=repair)


def lost_sales(*, since: datetime, repair: bool) -> Iterator[Drift]:
    """Packs that were paid since then and never given: the event was lost."""
    query: Any = {"created": {"gte": int(since.timestamp())}, "status": "complete", "limit": PAGE}
    for session in client().v1.checkout.sessions.list(query).auto_paging_iter():
        is_paid = session.mode == "payment" and session.payment_status in packs.PAID
        if not is_paid or _has_pack(session) or is_on_its_way(session.id):
            continue
        boosts = packs.apply_payment(session.id) if repair else []
        # Another shop's sale on the same account gives nothing, and was no drift.
        if boosts or not repair:
            yield Drift(session.id, "its packs were paid and not given", is_mended=bool(boosts))


def _written_down() -> dict[Sale, dict[str, Any]]:
    """The last state of each pack by the log of deeds, which nobody changes. An erased workspace has none there."""
    found: dict[Sale, dict[str, Any]] = {}
    deeds = AuditEntry.objects.filter(action__in=(GRANTED, ENDED), workspace__isnull=False)
    for entry in deeds.filter(data__has_key="payment").exclude(data__payment="").order_by("at", "id"):
        moments = {name: entry.data[name] and datetime.fromisoformat(entry.data[name]) for name in MOMENTS}
        values = {"workspace_id": entry.workspace_id, "quantity": entry.data["quantity"], **moments}
        found[entry.data["payment"], entry.target] = values
    return found


def _write(sale: Sale, values: dict[str, Any], row: Boost | None) -> None:
    payment_id, add_on_id = sale
    Boost.objects.update_or_create(payment_id=payment_id, add_on_id=add_on_id, defaults=values)
    for workspace_id in {values["workspace_id"], *([row.workspace_id] if row else [])}:
        changes.notify(workspace_id)


def _has_pack(session: stripe.checkout.Session) -> bool:
    payment = session.payment_intent
    identity = payment if isinstance(payment, str) else payment.id if payment else session.id
    return Boost.objects.filter(payment_id=identity).exists()
