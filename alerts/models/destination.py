"""Where messages go: one row a webhook, address or chat. What lets one post there is sealed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Workspace
from accounts.models.workspace import WorkspaceOwned


class DestinationQuerySet(WorkspaceOwned):
    def usable(self) -> DestinationQuerySet:
        """Those to which something may be sent."""
        rows: DestinationQuerySet = self.filter(disabled_at=None, deleted_at=None)
        return rows


class Destination(models.Model):
    """A place of one workspace. Deleting keeps the row for the history and forgets the secret."""

    class Kind(models.TextChoices):
        DISCORD = "discord", "Discord"
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"
        TELEGRAM = "telegram", "Telegram"
        SLACK = "slack", "Slack"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alert_destinations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=80)
    sealed = models.TextField(blank=True, editable=False, help_text="The channel's settings as JSON, encrypted")
    hint = models.CharField(max_length=120, help_text="What may be shown of it: discord.com/…/1234/…")
    bucket = models.CharField(
        max_length=160, blank=True, default="", editable=False,
        help_text="What shares one limit at the other side, as a Discord webhook's id; empty: it has one of its own",
    )  # fmt: skip
    is_default = models.BooleanField(default=False, help_text="Used by alerts that name no destination")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The other side said that it will never take a message again, or a person switched it off.
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_because = models.CharField(max_length=200, blank=True, editable=False)
    owner_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The other side asked us to wait: nothing is sent before this moment.
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row; none since the last success")
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["bucket"], condition=~Q(bucket=""), name="destinations_of_a_bucket")]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(is_default=True, deleted_at=None),
                name="one_default_destination_per_workspace",
            )
        ]

    def __str__(self) -> str:
        return self.name
