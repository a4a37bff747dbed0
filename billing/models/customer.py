"""Who pays: the customers of Stripe that a workspace is and was, and who bought without an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from moondev.lib import links


class CustomerQuerySet(WorkspaceOwned):
    """Customers of one workspace or of many."""

    def current(self) -> CustomerQuerySet:
        """Those as which workspaces pay now: at most one each."""
        rows: CustomerQuerySet = self.filter(is_current=True)
        return rows


class Customer(models.Model):
    """A workspace's customer in Stripe. Earlier ones are kept: invoices are theirs, and erasing has to find them."""

    id = models.CharField("Stripe customer", primary_key=True, max_length=100, help_text="cus_…")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="stripe_customers")
    is_current = models.BooleanField(default=True, help_text="The one as which the workspace pays from now on")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_current=True), name="one_current_customer_per_workspace"
            )
        ]

    def __str__(self) -> str:
        return self.id


class Claim(models.Model):
    """A subscription that somebody bought without an account, waiting for the link in their e-mail to be used once."""

    subscription = models.OneToOneField("billing.Subscription", on_delete=models.CASCADE, related_name="claim")
    email = models.EmailField(help_text="What the buyer gave to Stripe")
    # Of the link in the last letter; each letter has a new one.
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    def __str__(self) -> str:
        return f"{self.subscription_id} for {self.email}"

    @property
    def is_usable(self) -> bool:
        """Whether the link still works."""
        return self.claimed_at is None and self.expires_at > timezone.now()

    new_token = staticmethod(links.new_token)
    digest = staticmethod(links.digest)
