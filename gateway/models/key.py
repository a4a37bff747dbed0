"""An API key: a name for the customer, one or two secrets, and what may be done with it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned
from billing.principal import SCOPES

HIGHEST_RATE = 1_000_000


class KeyQuerySet(WorkspaceOwned):
    def usable(self) -> KeyQuerySet:
        """Neither revoked, nor disabled, nor expired, nor waiting to be revealed."""
        alive = self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, enabled=True)
        return alive.filter(is_pending=False)

    def revoke(self, moment: datetime) -> int:
        """Stop those that still run. Returns how many that were."""
        return self.filter(revoked_at=None).update(revoked_at=moment)


class ApiKey(models.Model):
    """A key of a workspace. It holds no plan: the workspace does."""

    class Mode(models.TextChoices):
        LIVE = "live"
        TEST = "test"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_service_key = models.BooleanField(default=False, help_text="Stays when its creator leaves the workspace")
    is_legacy = models.BooleanField(default=False, editable=False, help_text="Taken over from the first generation")
    name = models.CharField(max_length=80)
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.LIVE)
    scopes = ArrayField(models.CharField(max_length=10, choices=[(s, s) for s in SCOPES]))
    allowed_addresses = ArrayField(
        models.CharField(max_length=49), blank=True, default=list, help_text="Addresses or CIDR ranges; empty: any"
    )
    enabled = models.BooleanField(default=True)
    # A purchased key that nobody has seen yet has no secret: it is made when an owner or admin asks to see it.
    is_pending = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="To the minute")
    rate_override = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests a minute of this key alone; capped by the plan unless it has an end"
    )
    rate_override_until = models.DateTimeField(null=True, blank=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_override=None, rate_override_until=None)
                | Q(rate_override__isnull=False, rate_override__gte=1, rate_override__lte=HIGHEST_RATE),
                name="a_rate_override_is_in_bounds",
            ),
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="a_key_has_a_scope"),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(is_pending=True, revoked_at=None),
                name="one_pending_key_per_workspace",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def own_rate(self, *, plan: int, at: datetime) -> int | None:
        """Requests a minute of this key alone at a moment, or None when it shares its workspace's minute.

        An override without an end is capped by the plan's number; one with an end may go beyond it.
        """
        until = self.rate_override_until
        if self.rate_override is None or (until is not None and until <= at):
            return None
        return self.rate_override if until else min(self.rate_override, plan)


class KeySecret(models.Model):
    """One secret of a key, as a digest. While a rotation's grace runs, a key has two."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True, help_text="HMAC-SHA256 under the pepper")
    pepper_version = models.PositiveSmallIntegerField()
    prefix = models.CharField(max_length=16, help_text="Its first characters, for display")
    last_four = models.CharField(max_length=4, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, help_text="The end of a rotation's grace; empty for the current one")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(expires_at=None), name="one_current_secret_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…{self.last_four}"
