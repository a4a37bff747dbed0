"""Who pays: one customer of Stripe a workspace, and who bought without an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from moondev.lib import links


class Customer(models.Model):
    """A workspace's customer in Stripe."""

    id = models.CharField("Stripe customer", primary_key=True, max_length=100, help_text="cus_…")
    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="stripe_customer")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceOwned.as_manager()

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
