"""What was paid: plans as rows, which workspace holds which until when, and what Stripe told us of it."""

from billing.models.addon import AddOn, Boost, BoostQuerySet
from billing.models.answer import StoredAnswer
from billing.models.case import Case
from billing.models.customer import Claim, Customer
from billing.models.entitlement import Entitlement, EntitlementQuerySet
from billing.models.event import StripeEvent
from billing.models.plan import BOUNDS, Plan, PlanQuerySet
from billing.models.subscription import Subscription, SubscriptionQuerySet

__all__ = [
    "BOUNDS",
    "AddOn",
    "Boost",
    "BoostQuerySet",
    "Case",
    "Claim",
    "Customer",
    "Entitlement",
    "EntitlementQuerySet",
    "Plan",
    "PlanQuerySet",
    "StoredAnswer",
    "StripeEvent",
    "Subscription",
    "SubscriptionQuerySet",
]
