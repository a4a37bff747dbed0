"""The column type that keeps a venue's number exactly as it was written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models


class ExactNumber(models.Field[Any, Any]):
    """An unconstrained PostgreSQL numeric: `0.4405000` keeps its zeros, `1900.0` its one.

    Django's DecimalField would demand a fixed scale and pad or round to it.
    """

    description = "Exact number"

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def get_internal_type(self) -> str:
        return "ExactNumber"

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value)
