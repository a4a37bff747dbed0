"""Packs that are paid once: a paid checkout session raises the workspace's numbers, each payment once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Workspace
from billing import cases, changes
from billing.models import AddOn, Boost, Case
from billing.payments import suspension
from billing.payments.boosts import give_once
from billing.payments.marks import marked_workspace
from billing.payments.prices import PriceList
from billing.payments.reading import quantity_of
from billing.payments.stripe_api import client

PAID = ("paid", "no_payment_required")


def apply_payment(session_id: str) -> list[Boost]:
    """Give the workspace what a checkout session sold, if it is paid. Idempotent; raises what the client raises.

    Sessions that are not ours, as of another shop with the same account, change nothing.
    """
    query: Any = {"expand": ["line_items"]}
    session = client().v1.checkout.sessions.retrieve(session_id, query).to_dict()
    if session["mode"] != "payment" or session["payment_status"] not in PAID:
        return []
    workspace = marked_workspace(session["metadata"])
    if workspace is None:
        return []
    given = _give(workspace, session)
    if session["payment_intent"]:
        suspension.judge_payment(session["payment_intent"])
    return given


@transaction.atomic
def _give(workspace: Workspace, session: Mapping[str, Any]) -> list[Boost]:
    # Of two payments at once the second must see what the first has given.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    prices = PriceList.read()
    sold: dict[str, int] = {}
    for line in session["line_items"]["data"]:
        if name := prices.add_on_of(line["price"]):
            sold[name] = sold.get(name, 0) + quantity_of(line)
        else:
            detail = f"Paid once by {line['price']['id']}, which no add-on has."
            kind = Case.Kind.UNKNOWN_PRICE
            cases.open_case(kind=kind, reference=session["id"], detail=detail, workspace=workspace)
    # A session that a coupon paid for has no payment of its own.
    payment = session["payment_intent"] or session["id"]
    now, add_ons = timezone.now(), AddOn.objects.in_bulk(list(sold))
    given = [
        give_once(workspace, add_ons[name], quantity, payment_id=payment, now=now) for name, quantity in sold.items()
    ]
    changes.notify(workspace.pk)
    return given
