"""What a workspace paid and has is in its export."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.services.export import export_workspace_data
from billing.payments.copies import stale_invoices
from billing.payments.subscriptions import apply_subscription
from tests.billing.payments.seller import Seller

pytestmark = pytest.mark.django_db


def test_it_has_what_was_bought_and_no_card(seller: Seller, workspace: Workspace, olivia: User) -> None:
    pk = seller.subscribe("pro", "alerts-10", workspace=workspace)
    apply_subscription(pk)
    stale_invoices(since=timezone.now() - timedelta(days=1), repair=True)
    found = export_workspace_data(workspace=workspace, actor=olivia)["billing"]
    assert [(row["id"], row["plan"], row["monthly_cents"]) for row in found["subscriptions"]] == [(pk, "pro", 5800)]
    assert [(row["plan"], row["source"]) for row in found["grants"]] == [("pro", "stripe")]
    assert [(row["add_on"], row["quantity"]) for row in found["packs"]] == [("alerts-10", 1)]
    assert [(row["total_cents"], row["status"]) for row in found["invoices"]] == [(5800, "paid")]
    assert "4242" not in str(found)


def test_who_never_paid_has_an_empty_part(workspace: Workspace, olivia: User) -> None:
    found = export_workspace_data(workspace=workspace, actor=olivia)["billing"]
    assert found == {"subscriptions": [], "grants": [], "packs": [], "invoices": []}
