"""What was paid: plans as rows, and which workspace holds which until when."""

from billing.models.entitlement import Entitlement, EntitlementQuerySet
from billing.models.plan import BOUNDS, Plan, PlanQuerySet

__all__ = ["BOUNDS", "Entitlement", "EntitlementQuerySet", "Plan", "PlanQuerySet"]
