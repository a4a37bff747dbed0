"""What the tests of keeping the books share."""

from __future__ import annotations

from tests.billing.payments.conftest import seller

__all__ = ["seller"]
