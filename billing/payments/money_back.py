"""Refunds and disputes whose news was lost: each is judged again, and what was not carried out is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from billing.payments.drift import Drift, is_on_its_way
from billing.payments.reading import id_of
from billing.payments.stripe_api import client
from billing.payments.suspension import Verdict, carry_out, verdict_on_dispute, verdict_on_refund

PAGE = 100
# A bank may take months to decide about a dispute.
LONGEST_DISPUTE = timedelta(days=180)


def lost_news(*, since: datetime, repair: bool) -> Iterator[Drift]:
    """Money that went back since then without anything having come of it here."""
    for charge_id in _refunded(since):
        yield from _lost(charge_id, verdict_on_refund(charge_id, repair=repair), repair=repair)
    for dispute_id in _disputed(since - LONGEST_DISPUTE):
        yield from _lost(dispute_id, verdict_on_dispute(dispute_id, repair=repair), repair=repair)


def _lost(reference: str, verdict: Verdict | None, *, repair: bool) -> Iterator[Drift]:
    if verdict is None or verdict.is_done or is_on_its_way(reference):
        return
    if repair:
        carry_out(verdict)
    yield Drift(reference, f"nothing came of it: {verdict.because or verdict.detail}", is_mended=repair)


def _refunded(since: datetime) -> set[str]:
    """The charges of which something went back, each once."""
    query: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    rows = (row.to_dict() for row in client().v1.refunds.list(query).auto_paging_iter())
    return {id_of(row["charge"]) for row in rows if row["charge"]}


def _disputed(since: datetime) -> list[str]:
    query: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    return [row.id for row in client().v1.disputes.list(query).auto_paging_iter()]
