"""Billing as staff see it: plans, grants, subscriptions, what Stripe told us and what waits for a decision."""
