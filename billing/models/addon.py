"""Packs that raise a number of the plan: what is sold, and who has bought how many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from billing.models.subscription import Subscription, not_of_other_mode

# As for the plans: who pays a year at once gets two months of it.
MONTHS_OF_A_YEARLY_PRICE = 10


class AddOn(models.Model):
    """A pack as a priced row that staff edit. Recurring packs are items of the subscription, others are paid once."""

    class Raises(models.TextChoices):
        """The number of the plan's terms that a pack raises."""

        ALERTS = "alerts", "alerts"
        SEATS = "seats", "seats"
        HISTORY = "history_days", "days of history"

    name = models.SlugField(primary_key=True, max_length=40, help_text="In Stripe and in calls; never changes.")
    title = models.CharField(max_length=60, help_text="The name that customers read.")
    description = models.CharField(max_length=200, blank=True, help_text="One line for the price list.")
    raises = models.CharField(max_length=12, choices=Raises.choices, help_text="What one pack adds to.")
    amount = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="How many one pack adds; days for history, of which the longest counts. From 1 to 36,500.",
    )
    is_recurring = models.BooleanField(default=True, help_text="Billed with the plan. Off: paid once.")
    valid_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Days for which a pack that is paid once holds. Empty: for ever."
    )
    price_cents = models.PositiveIntegerField(
        validators=[MaxValueValidator(100_000_000)], help_text="In US cents, a month or once."
    )
    price_id = models.CharField("Stripe price", max_length=100, blank=True, help_text="Empty: not sold.")
    price_id_year = models.CharField(
        "Stripe price, yearly",
        max_length=100,
        blank=True,
        help_text="For plans by the year. Empty: not sold with them.",
    )
    is_active = models.BooleanField(default=True, help_text="Off: no longer sold; who has it keeps it.")

    class Meta:
        verbose_name = "add-on"
        ordering = ["raises", "amount"]
        constraints = [
            models.UniqueConstraint(
                fields=["price_id"],
                condition=~Q(price_id=""),
                name="one_add_on_per_price",
                violation_error_message="Another add-on has this Stripe price.",
            ),
            models.UniqueConstraint(
                fields=["price_id_year"],
                condition=~Q(price_id_year=""),
                name="one_add_on_per_yearly_price",
                violation_error_message="Another add-on has this Stripe price.",
            ),
            models.CheckConstraint(condition=Q(amount__gte=1, amount__lte=36_500), name="an_add_on_adds_something"),
            models.CheckConstraint(
                condition=Q(is_recurring=False) | Q(valid_days=None),
                name="a_recurring_add_on_has_no_end",
                violation_error_message="A pack that is billed with the plan ends with it; leave the days empty.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_on_sale(self) -> bool:
        """Whether more of it may be bought, given a price in Stripe: what costs nothing is not sold."""
        return self.is_active and self.price_cents > 0

    def numbers(self) -> dict[str, Any]:
        """Every field by name, as the audit log stores it."""
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}


class BoostQuerySet(WorkspaceOwned):
    def not_over(self, at: datetime | None = None) -> BoostQuerySet:
        """Packs that raise something now or later."""
        moment = at or timezone.now()
        rows: BoostQuerySet = self.filter(Q(ends_at=None) | Q(ends_at__gt=moment), revoked_at=None)
        return rows

    def of_this_mode(self) -> BoostQuerySet:
        """Without those that subscriptions of the other mode have."""
        rows: BoostQuerySet = self.filter(not_of_other_mode())
        return rows


class Boost(models.Model):
    """Packs that a workspace has bought. Rows are ended, never deleted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="boosts")
    add_on = models.ForeignKey(AddOn, on_delete=models.PROTECT, related_name="boosts")
    quantity = models.PositiveIntegerField(default=1)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="boosts",
        help_text="The subscription that a recurring pack is an item of",
    )  # fmt: skip
    payment_id = models.CharField(
        "Stripe payment", max_length=100, blank=True, help_text="pi_… of a pack that was paid once"
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = BoostQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "add_on"],
                condition=Q(subscription__isnull=False, revoked_at=None),
                name="one_running_boost_per_item",
            ),
            models.UniqueConstraint(
                fields=["payment_id", "add_on"], condition=~Q(payment_id=""), name="one_boost_per_payment"
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=False, payment_id="") | (Q(subscription=None) & ~Q(payment_id="")),
                name="a_boost_is_subscribed_or_paid_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.add_on} for {self.workspace}"

    def is_in_force(self, at: datetime | None = None) -> bool:
        """Whether this row raises something at a moment."""
        moment = at or timezone.now()
        return self.revoked_at is None and self.starts_at <= moment and (self.ends_at is None or self.ends_at > moment)
