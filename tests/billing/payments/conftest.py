"""What the tests of payments share."""

from __future__ import annotations

import pytest

from tests.billing.payments.seller import Seller
from tests.billing.sandbox.fixture import Sandbox


@pytest.fixture
def seller(sandbox: Sandbox, db: None) -> Seller:
    """A seller's account with prices for our plans and packs."""
    account = Seller(sandbox)
    account.prices = dict(sandbox.filled("stock", account.stock))
    return account
